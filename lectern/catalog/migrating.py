"""Running the migrations from code: one transaction, one process at a time."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from lectern.catalog.database import Database, take_turns

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, *, target: str = "head") -> None:
    """Bring the database at `url` up to `target`. Safe to repeat and to race."""
    _migrate(url, lambda config: command.upgrade(config, target))


def downgrade(url: str, *, target: str) -> None:
    """Take the database at `url` back to `target` ("base": no tables)."""
    _migrate(url, lambda config: command.downgrade(config, target))


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection whose transaction the caller ends."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(url: str, run: Callable[[Config], None]) -> None:
    database = Database(url)
    try:
        if database.file is not None:
            database.file.parent.mkdir(parents=True, exist_ok=True)
            _use_wal(database)
        database.write(lambda connection: _in_turn(connection, run))
    finally:
        database.close()


def _in_turn(connection: Connection, run: Callable[[Config], None]) -> None:
    take_turns(connection, "migration")
    run(configuration(connection))


def _use_wal(database: Database) -> None:
    """Switch the file to write-ahead logging, which it remembers; not possible in a transaction."""
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL").close()
    finally:
        connection.close()
