"""What was used, summed up as it happens."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from lectern.catalog.database import Database, reads, writes
from lectern.catalog.port_usage import UsageBy, UsageDay, Used
from lectern.catalog.rows import now
from lectern.catalog.tables import collections, users
from lectern.catalog.tables_usage import usage_days

_AMOUNTS = [field.name for field in fields(Used)]


def count(connection: Connection, user_id: str, collection_id: str, used: Used) -> None:
    """Add to today's sums within the caller's transaction."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    amounts = asdict(used)
    row = {"day": now().date().isoformat(), "user_id": user_id, "collection_id": collection_id}
    connection.execute(
        dialect.insert(usage_days)
        .values(**row, **amounts)
        .on_conflict_do_update(
            index_elements=list(row),
            set_={name: usage_days.c[name] + amount for name, amount in amounts.items()},
        )
    )


class SqlUsage:
    """See `Usage`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def add(
        self, connection: Connection, user_id: str, used: Used, *, collection_id: str = ""
    ) -> None:
        """See `Usage.add`."""
        count(connection, user_id, collection_id, used)

    @reads
    def days(
        self, connection: Connection, *, since: date, until: date, by: UsageBy
    ) -> Sequence[UsageDay]:
        """See `Usage.days`."""
        subject = usage_days.c.user_id if by == "user" else usage_days.c.collection_id
        known = users if by == "user" else collections
        name = func.coalesce(known.c.name, "").label("name")
        query = (
            select(
                usage_days.c.day,
                subject.label("subject_id"),
                name,
                *(func.sum(usage_days.c[amount]).label(amount) for amount in _AMOUNTS),
            )
            .outerjoin_from(usage_days, known, subject == known.c[f"{by}_id"])
            .where(usage_days.c.day.between(since.isoformat(), until.isoformat()))
            .group_by(usage_days.c.day, subject, known.c.name)
            .order_by(usage_days.c.day, name, subject)
        )
        return [
            UsageDay(
                date.fromisoformat(row.day),
                row.subject_id,
                row.name,
                Used(**{amount: int(getattr(row, amount)) for amount in _AMOUNTS}),
            )
            for row in connection.execute(query)
        ]

    @reads
    def total(self, connection: Connection, subject_id: str, *, since: date, by: UsageBy) -> Used:
        """See `Usage.total`."""
        subject = usage_days.c.user_id if by == "user" else usage_days.c.collection_id
        sums = [func.coalesce(func.sum(usage_days.c[name]), 0) for name in _AMOUNTS]
        row = connection.execute(
            select(*sums).where(subject == subject_id, usage_days.c.day >= since.isoformat())
        ).one()
        return Used(*map(int, row))
