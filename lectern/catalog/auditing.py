"""Who did what when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, false, insert, or_, select

from lectern.catalog.database import Database, reads, writes
from lectern.catalog.records_accounts import AuditEntry
from lectern.catalog.rows import now
from lectern.catalog.spelling import storable
from lectern.catalog.tables_accounts import audit_entries
from lectern.errors import InvalidRequest

_DETAIL_MAX = 300
_LAST_ENTRY = 2**31 - 1


class SqlAudit:
    """See `Audit`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @writes
    def record(
        self,
        connection: Connection,
        actor_id: str,
        actor_name: str,
        action: str,
        *,
        subject: str = "",
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """See `Audit.record`."""
        connection.execute(
            insert(audit_entries).values(
                at=now(),
                actor_id=actor_id,
                actor_name=storable(actor_name),
                action=action,
                subject=storable(subject)[:200],
                detail={
                    key: storable(value)[:_DETAIL_MAX] for key, value in (detail or {}).items()
                },
            )
        )

    @reads
    def list(
        self,
        connection: Connection,
        *,
        limit: int = 100,
        cursor: str = "",
        action: str = "",
        actor_id: str = "",
        subject: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Sequence[AuditEntry], str]:
        """See `Audit.list`; the cursor is the last entry of the page before."""
        query = select(audit_entries).order_by(audit_entries.c.entry.desc())
        if cursor:
            query = query.where(audit_entries.c.entry < _entry(cursor))
        if action:
            begins = audit_entries.c.action.startswith
            wanted = [begins(each, autoescape=True) for each in action.split(",") if each]
            query = query.where(or_(false(), *wanted))
        if actor_id:
            query = query.where(audit_entries.c.actor_id == actor_id)
        if subject:
            query = query.where(audit_entries.c.subject == subject)
        if since is not None:
            query = query.where(audit_entries.c.at >= since)
        if until is not None:
            query = query.where(audit_entries.c.at < until)
        rows = connection.execute(query.limit(limit + 1)).all()
        page = [_entry_of(row) for row in rows[:limit]]
        return page, str(page[-1].entry) if len(rows) > limit else ""


def _entry(cursor: str) -> int:
    if not cursor.isdecimal() or int(cursor) > _LAST_ENTRY:
        raise InvalidRequest(f"the cursor {cursor!r} is not one of this list")
    return int(cursor)


def _entry_of(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        entry=row.entry,
        at=row.at,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
    )
