"""The table of use; see `lectern.catalog.tables`."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from lectern.catalog.tables import metadata

usage_days = Table(
    "usage_days",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("user_id", String(64), primary_key=True),
    Column("collection_id", String(64), primary_key=True),
    Column("documents", Integer, nullable=False, server_default="0"),
    Column("size_bytes", BigInteger, nullable=False, server_default="0"),
    Column("questions", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("prompt_tokens", BigInteger, nullable=False, server_default="0"),
    Column("completion_tokens", BigInteger, nullable=False, server_default="0"),
    Column("cost_micros", BigInteger, nullable=False, server_default="0"),
    Column("embedding_tokens", BigInteger, nullable=False, server_default="0"),
)
"""Sums of a day in UTC. They stay when the user or the collection goes: what was used was used."""
