"""Users' own settings, as far as they differ from the defaults."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from lectern.catalog.database import Database, reads, take_turns, writes
from lectern.catalog.tables_conversations import user_settings


class SqlPreferences:
    """See `Preferences`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @reads
    def get(self, connection: Connection, user_id: str) -> Mapping[str, Any]:
        """See `Preferences.get`."""
        return _stored(connection, user_id)

    @writes
    def change(
        self, connection: Connection, user_id: str, values: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """See `Preferences.change`."""
        take_turns(connection, f"settings.{user_id}")
        changed = {**_stored(connection, user_id), **values}
        kept = {name: value for name, value in changed.items() if value is not None}
        _forget(connection, user_id)
        if kept:
            connection.execute(insert(user_settings).values(user_id=user_id, stored=kept))
        return kept

    @writes
    def reset(self, connection: Connection, user_id: str) -> None:
        """See `Preferences.reset`."""
        _forget(connection, user_id)


def _stored(connection: Connection, user_id: str) -> dict[str, Any]:
    mine = select(user_settings.c.stored).where(user_settings.c.user_id == user_id)
    return dict(connection.execute(mine).scalar() or {})


def _forget(connection: Connection, user_id: str) -> None:
    connection.execute(delete(user_settings).where(user_settings.c.user_id == user_id))
