"""All tables of the catalog, whatever module describes them."""

from lectern.catalog import (
    tables_accounts,
    tables_conversations,
    tables_models,
    tables_sharing,
    tables_tools,
    tables_usage,
)
from lectern.catalog.tables import SCHEMA_VERSION, metadata

__all__ = [
    "SCHEMA_VERSION",
    "metadata",
    "tables_accounts",
    "tables_conversations",
    "tables_models",
    "tables_sharing",
    "tables_tools",
    "tables_usage",
]
