"""The table of assistants; see `lectern.catalog.tables`."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table, Text, false

from lectern.catalog.tables import UtcDateTime, metadata

assistants = Table(
    "assistants",
    metadata,
    Column("assistant_id", String(64), primary_key=True, nullable=False),
    Column("slug", String(80), nullable=False, unique=True),
    Column("owner_id", String(64), ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("shared", Boolean, nullable=False, server_default=false()),
    Column("collections", JSON, nullable=False),
    Column("manner", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_assistants_owner_id", "owner_id"),
)
"""`manner` is how it answers, as the request of its maker says it; see `Assistant`."""
