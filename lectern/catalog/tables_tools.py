"""The table of servers of tools outside Lectern; see `lectern.catalog.tables`."""

from sqlalchemy import JSON, Boolean, Column, Float, Integer, String, Table, Text, true

from lectern.catalog.tables import UtcDateTime, metadata

tool_servers = Table(
    "tool_servers",
    metadata,
    Column("server_id", String(64), primary_key=True, nullable=False),
    Column("name", String(40), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("url", Text, nullable=False, server_default=""),
    Column("dialect", String(20), nullable=False, server_default=""),
    Column("command", JSON, nullable=False),
    Column("sealed_key", Text, nullable=False, server_default=""),
    Column("timeout_s", Float, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("allowed", JSON, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", UtcDateTime, nullable=False),
)
"""`sealed_key` is encrypted outside the catalog; `allowed` is by the name of a tool."""
