"""The tables of models; see `lectern.catalog.tables`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    String,
    Table,
    Text,
    false,
    true,
)

from lectern.catalog.tables import UtcDateTime, metadata

model_entries = Table(
    "model_entries",
    metadata,
    Column("model_id", String(64), primary_key=True, nullable=False),
    Column("name", String(100), nullable=False),
    Column("name_folded", String(100), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("preset", String(50), nullable=False, server_default=""),
    Column("url", Text, nullable=False),
    Column("model", String(200), nullable=False),
    Column("sealed_key", Text, nullable=False, server_default=""),
    Column("dialect", String(20), nullable=False, server_default=""),
    Column("context_tokens", Integer, nullable=False),
    Column("sees_images", Boolean, nullable=False, server_default=false()),
    Column("prompt_price", Float, nullable=False, server_default="0"),
    Column("completion_price", Float, nullable=False, server_default="0"),
    Column("timeout_s", Float, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("dimensions", Integer, nullable=False, server_default="0"),
    Column("query_prefix", Text, nullable=False, server_default=""),
    Column("passage_prefix", Text, nullable=False, server_default=""),
)
"""Endpoints; `sealed_key` is encrypted outside the catalog, which cannot read it."""

model_choices = Table(
    "model_choices",
    metadata,
    Column("use", String(20), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("model_id", String(64), nullable=False),
)
"""Which models serve a use, the first choice first; ids of the environment's entries too."""

model_budgets = Table(
    "model_budgets",
    metadata,
    Column("subject", String(20), primary_key=True),
    Column("subject_id", String(64), primary_key=True),
    Column("tokens", BigInteger),
    Column("cost_micros", BigInteger),
)
"""What may be spent in a calendar month (UTC); `subject_id` "" holds for whoever has no own."""
