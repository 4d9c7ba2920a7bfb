"""Running the migrations from code: one transaction, one process at a time."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection

from lectern.catalog.database import Database, take_turns
from lectern.catalog.tables import SCHEMA_VERSION
from lectern.catalog.versions import is_later_step, stored_version
from lectern.errors import InvalidRequest, PermanentError

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
BASE = "base"


def upgrade(url: str, *, target: str = "head") -> None:
    """Bring the database at `url` up to `target`. Safe to repeat and to race.

    Tables of a later step of the same generation are left as they are: this code works with them.

    Raises:
        PermanentError: They are of a newer generation (code `catalog_newer`).
    """
    with_turn(url, lambda connection: upgrade_within(connection, target=target))


def downgrade(url: str, *, target: str) -> None:
    """Take the database at `url` back to `target` ("base": no tables), whatever that loses."""
    with_turn(url, lambda connection: downgrade_within(connection, target=target))


def move(url: str, *, target: str, accept_loss: bool = False) -> str:
    """Take the database up or down to exactly `target`; return the version it had before.

    Raises:
        InvalidRequest: There is no such version.
        PermanentError: Tables of the older version cannot hold everything (code `would_lose`); the
            detail says what; or this code does not know the version that is there.
    """
    known = versions()
    if target not in {BASE, *known}:
        raise InvalidRequest(
            f"there is no schema version {target!r}; the versions are {', '.join(known)}"
        )

    def run(connection: Connection) -> str:
        before = stored_version(connection)
        if target != BASE and target >= before:
            upgrade_within(connection, target=target)
            return before
        _require_known(before)
        lost = losses(before, target)
        if lost and not accept_loss:
            raise PermanentError(
                f"version {target!r} cannot hold everything that {before!r} holds; lost would be: "
                f"{'; '.join(lost)}. Back up first, then add --accept-loss",
                code="would_lose",
            )
        downgrade_within(connection, target=target)
        return before

    return with_turn(url, run)


def versions() -> Sequence[str]:
    """Return every schema version that this code knows, oldest first."""
    return [script.revision for script in _scripts()]


def losses(before: str, target: str) -> Sequence[str]:
    """Return what going down from `before` to `target` loses, newest version first."""
    kept = "" if target == BASE else target
    gone = [script for script in reversed(_scripts()) if kept < script.revision <= before]
    return [loss for script in gone if (loss := str(script.module.LOSES))]


def upgrade_within(connection: Connection, *, target: str = "head") -> None:
    """Do what `upgrade` does inside of the caller's transaction."""
    version = stored_version(connection)
    if version and version not in versions():
        if is_later_step(version):
            return
        _require_known(version)
    command.upgrade(configuration(connection), target)


def downgrade_within(connection: Connection, *, target: str) -> None:
    """Do what `downgrade` does inside of the caller's transaction."""
    _require_known(stored_version(connection))
    command.downgrade(configuration(connection), target)


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection whose transaction the caller ends."""
    config = _config()
    config.attributes["connection"] = connection
    return config


def with_turn(url: str, run: Callable[[Connection], T]) -> T:
    """Return what `run` returns in a transaction of its own, one process at a time.

    The database is created if it is a file that is missing.
    """
    database = Database(url)
    try:
        if database.file is not None:
            database.file.parent.mkdir(parents=True, exist_ok=True)
            _use_wal(database)
        return database.write(lambda connection: _in_turn(connection, run))
    finally:
        database.close()


def _in_turn(connection: Connection, run: Callable[[Connection], T]) -> T:
    take_turns(connection, "migration")
    return run(connection)


def _require_known(version: str) -> None:
    if version and version not in versions():
        raise PermanentError(
            f"the catalog's tables are at version {version!r}, this code knows them up to "
            f"{SCHEMA_VERSION!r}; use the newer Lectern that made them",
            code="catalog_newer",
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@functools.cache
def _scripts() -> Sequence[Script]:
    return tuple(reversed(list(ScriptDirectory.from_config(_config()).walk_revisions())))


def _use_wal(database: Database) -> None:
    """Switch the file to write-ahead logging, which it remembers; not possible in a transaction."""
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL").close()
    finally:
        connection.close()
