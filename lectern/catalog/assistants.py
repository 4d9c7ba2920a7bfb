"""Assistants: ways of asking that somebody saved."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.port_assistants import Assistant
from lectern.catalog.rows import now
from lectern.catalog.spelling import composed, storable
from lectern.catalog.tables_assistants import assistants
from lectern.documents import new_id, slug
from lectern.errors import InvalidRequest

_MOST_OF_ONE = 100
_RANDOM_BYTES = 4
_LONGEST_BASE = 60


class SqlAssistants:
    """See `Assistants`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def list(self, connection: Connection, user_id: str) -> Sequence[Assistant]:
        """See `Assistants.list`."""
        seen = select(assistants).where(_seen_by(user_id))
        rows = connection.execute(seen.order_by(func.lower(assistants.c.name), assistants.c.slug))
        return list(map(_assistant, rows))

    @reads
    def get(self, connection: Connection, user_id: str, assistant: str) -> Assistant | None:
        """See `Assistants.get`."""
        named = or_(assistants.c.assistant_id == assistant, assistants.c.slug == assistant)
        row = connection.execute(select(assistants).where(named, _seen_by(user_id))).first()
        return _assistant(row) if row else None

    @writes
    def create(
        self,
        connection: Connection,
        user_id: str,
        name: str,
        *,
        description: str = "",
        shared: bool = False,
        collections: Sequence[str] = (),
        manner: Mapping[str, Any],
    ) -> Assistant:
        """See `Assistants.create`."""
        take_turns(connection, f"assistants.{user_id}")
        _require_room(connection, user_id)
        base = slug(name)[:_LONGEST_BASE].strip("-")
        made = Assistant(
            assistant_id=new_id(),
            slug=f"{base}-{secrets.token_hex(_RANDOM_BYTES)}",
            owner_id=user_id,
            name=composed(name),
            created_at=now(),
            description=storable(description),
            shared=shared,
            collections=tuple(collections),
            manner=dict(manner),
        )
        connection.execute(insert(assistants).values(**_values(made)))
        return made

    @writes
    def change(
        self, connection: Connection, assistant_id: str, changes: Mapping[str, Any]
    ) -> Assistant | None:
        """See `Assistants.change`."""
        this = assistants.c.assistant_id == assistant_id
        values = dict(changes)
        if "name" in values:
            values["name"] = composed(values["name"])
        if "description" in values:
            values["description"] = storable(values["description"])
        if values:
            connection.execute(update(assistants).where(this).values(**values))
        row = connection.execute(select(assistants).where(this)).first()
        return _assistant(row) if row else None

    @writes
    def delete(self, connection: Connection, assistant_id: str) -> None:
        """See `Assistants.delete`."""
        connection.execute(delete(assistants).where(assistants.c.assistant_id == assistant_id))


def _seen_by(user_id: str) -> ColumnElement[bool]:
    return or_(assistants.c.owner_id == user_id, assistants.c.shared == true())


def _require_room(connection: Connection, user_id: str) -> None:
    own = select(func.count()).where(assistants.c.owner_id == user_id)
    if connection.execute(own).scalar_one() >= _MOST_OF_ONE:
        raise InvalidRequest(
            f"you have {_MOST_OF_ONE} assistants, which is the most; delete one first",
            code="too_many_assistants",
        )


def _values(assistant: Assistant) -> dict[str, Any]:
    return {
        "assistant_id": assistant.assistant_id,
        "slug": assistant.slug,
        "owner_id": assistant.owner_id,
        "name": assistant.name,
        "description": assistant.description,
        "shared": assistant.shared,
        "collections": list(assistant.collections),
        "manner": dict(assistant.manner),
        "created_at": assistant.created_at,
    }


def _assistant(row: Row[Any]) -> Assistant:
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name of it
    return Assistant(**fields | {"collections": tuple(row.collections)})
