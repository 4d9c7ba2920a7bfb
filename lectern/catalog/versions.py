"""Which schema versions a code and a database can work with each other at.

A version is four digits: a generation and a step in it ("0104": generation 01, step 04). Within a
generation migrations only add, so code of an earlier step goes on working beside a later one: that
is what lets pods of two releases run at once and a release be rolled back without touching the
database. A migration that older code cannot live with begins the next generation.
"""

from sqlalchemy import Connection, String, column, select, table
from sqlalchemy import inspect as inspect_database

from lectern.catalog.tables import SCHEMA_VERSION
from lectern.errors import TransientError

_GENERATION_DIGITS = 2


def stored_version(connection: Connection) -> str:
    """Return the version of the database's tables, "" when there are none."""
    if not inspect_database(connection).has_table("alembic_version"):
        return ""
    version = select(column("version_num", String)).select_from(table("alembic_version"))
    return connection.execute(version).scalar() or ""


def generation(version: str) -> str:
    """Return the generation that `version` belongs to."""
    return version[:_GENERATION_DIGITS]


def is_later_step(version: str, than: str = SCHEMA_VERSION) -> bool:
    """Return whether `version` is newer in a way that code made for `than` does not notice."""
    return version > than and generation(version) == generation(than)


def require_usable(version: str) -> None:
    """Return if this code can work with tables of `version`.

    Raises:
        TransientError: They are older than this code, or of a newer generation (code
            `catalog_schema`). Both pass by themselves: a migration or a rollout is under way.
    """
    if version < SCHEMA_VERSION:
        raise TransientError(
            f"the catalog's tables are at version {version or 'none'!r}, this code needs "
            f"{SCHEMA_VERSION!r}; run `lectern up` or the migration job",
            code="catalog_schema",
            retry_after_s=10,
        )
    if version > SCHEMA_VERSION and not is_later_step(version):
        raise TransientError(
            f"the catalog's tables are at version {version!r}, which this code, made for "
            f"{SCHEMA_VERSION!r}, does not understand; deploy the newer Lectern, or run "
            f"`lectern migrate --to {SCHEMA_VERSION}` with it",
            code="catalog_schema",
            retry_after_s=10,
        )
