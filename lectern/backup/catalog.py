"""The catalog into a store and back, each in one transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from lectern import __version__
from lectern.backup import names
from lectern.backup.manifest import Manifest, StoredTable, damaged
from lectern.backup.streams import read_rows, write_rows
from lectern.catalog.database import Database
from lectern.catalog.dumping import dump_rows, dumped_tables, load_rows
from lectern.catalog.migrating import (
    BASE,
    downgrade_within,
    upgrade_within,
    versions,
    with_turn,
)
from lectern.catalog.versions import stored_version
from lectern.errors import InvalidRequest, PermanentError
from lectern.objects import ObjectStore

_COUNTED = ("users", "collections", "documents", "conversations")


def dump_catalog(url: str, store: ObjectStore, *, tick: str = "", keep: bool = False) -> Manifest:
    """Write the catalog as it is at this moment to the store; return the manifest to add.

    Only with its manifest it is a backup. Readers and writers of the catalog go on meanwhile.

    Raises:
        InvalidRequest: The database has no tables.
        TransientError: The database or the store is in trouble.
    """

    def dump(connection: Connection) -> Manifest:
        version = stored_version(connection)
        if not version:
            raise InvalidRequest(
                "the catalog's database has no tables, so there is nothing to back up; see "
                "LECTERN_DATABASE_URL and LECTERN_HOME"
            )
        created_at = datetime.now(UTC)
        name = names.name_of(created_at)
        tables = dumped_tables(connection)
        stored = [
            StoredTable(
                **dict(
                    write_rows(
                        store, names.rows_key(name, table.name), dump_rows(connection, table)
                    )
                ),
                table=table.name,
                columns=tuple(table.columns.keys()),
            )
            for table in tables
        ]
        collections = next(table for table in tables if table.name == "collections")
        found = connection.execute(select(collections.c.collection_id)).scalars()
        return Manifest(
            name=name,
            created_at=created_at,
            lectern=__version__,
            schema_version=version,
            tables=tuple(stored),
            collections=tuple(sorted(found)),
            tick=tick,
            keep=keep,
        )

    database = Database(url)
    try:
        if database.file is not None and not database.file.exists():
            raise InvalidRequest(f"there is no catalog at {str(database.file)!r} to back up")
        return database.snapshot(dump)
    finally:
        database.close()


def load_catalog(url: str, store: ObjectStore, manifest: Manifest, *, replace: bool) -> None:
    """Make the backup the database's whole content and bring it up to this code's version.

    One transaction: what is there stays until everything has proved to be as it was written.

    Raises:
        PermanentError: The backup is damaged (code `damaged_backup`) or from a newer Lectern (code
            `backup_newer`), or the database holds something and `replace` was not given (code
            `not_empty`).
    """
    require_known_version(manifest)

    def load(connection: Connection) -> None:
        if not replace:
            _require_empty(connection)
        if stored_version(connection):
            downgrade_within(connection, target=BASE)
        upgrade_within(connection, target=manifest.schema_version)
        tables = {table.name: table for table in dumped_tables(connection)}
        for entry in manifest.tables:
            if entry.table not in tables:
                raise damaged(manifest.name, f"there is no table {entry.table!r}")
            rows = read_rows(store, entry, manifest.name)
            load_rows(connection, tables[entry.table], entry.columns, rows)
        upgrade_within(connection)

    with_turn(url, load)


def require_empty(url: str) -> None:
    """Return if a restore would replace nothing: no collections, no second account.

    Raises:
        PermanentError: The installation is filled (code `not_empty`); the detail says with what.
    """
    database = Database(url)
    try:
        if database.file is None or database.file.exists():
            database.read(_require_empty)
    finally:
        database.close()


def require_known_version(manifest: Manifest) -> None:
    """Return if this code knows the tables that the backup is of.

    Raises:
        PermanentError: They are newer (code `backup_newer`).
    """
    if manifest.schema_version not in versions():
        raise PermanentError(
            f"the backup {manifest.name!r} was made by Lectern {manifest.lectern} with tables of "
            f"version {manifest.schema_version!r}; this code knows them up to {versions()[-1]!r}. "
            "Restore it with a Lectern at least as new as the one that made it",
            code="backup_newer",
        )


def _require_empty(connection: Connection) -> None:
    held = _counts(connection)
    if held.get("users", 0) > 1 or any(held[name] for name in held if name != "users"):
        listed = ", ".join(f"{count} {name}" for name, count in held.items())
        raise PermanentError(
            f"this installation is not empty ({listed}), and restoring replaces all of it. "
            "Restore into an empty one; or back this one up and add --force. If an earlier restore "
            "was interrupted, `lectern restore --reconcile` brings it to its end",
            code="not_empty",
        )


def _counts(connection: Connection) -> Mapping[str, int]:
    tables = {table.name: table for table in dumped_tables(connection)}
    return {
        name: connection.execute(select(func.count()).select_from(tables[name])).scalar_one()
        for name in _COUNTED
        if name in tables
    }
