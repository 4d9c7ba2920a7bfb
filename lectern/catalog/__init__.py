"""The catalog: people, collections, documents, in SQLite or PostgreSQL."""

import functools

from lectern.catalog.port import Catalog
from lectern.settings import Settings

__all__ = ["Catalog", "migrate", "open_catalog"]


@functools.cache
def open_catalog(settings: Settings) -> Catalog:
    """Return the process's catalog; call it after the server forked.

    Raises:
        TransientError: The database cannot be reached, or its tables are missing or older than
            this code (code `catalog_schema`).
    """
    from lectern.catalog.opening import open_database

    return open_database(settings.resolved_database_url())


def migrate(settings: Settings) -> None:
    """Bring the database to the newest tables, creating it if needed. Safe to repeat and to race.

    Raises:
        TransientError: The database cannot be reached.
    """
    from lectern.catalog.migrating import upgrade

    upgrade(settings.resolved_database_url())
