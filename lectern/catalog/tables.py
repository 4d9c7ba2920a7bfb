"""The catalog's tables. Every change here needs a migration; a test proves that they agree.

SQLAlchemy Core, not its ORM: each statement and lock is visible where it matters, and the import
costs a third less. `documents` has what is true of a document now, `revisions` what is true of one
upload. Rows below a document go with it.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
    true,
)

SCHEMA_VERSION = "0011"
"""The newest migration; `open_catalog` refuses a database that is older."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware and in UTC in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """See `TypeDecorator.process_bind_param`."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """See `TypeDecorator.process_result_value`."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _id(name: str, *foreign_key: ForeignKey, **options: Any) -> Column[str]:
    return Column(name, String(64), *foreign_key, **{"nullable": False} | options)


users = Table(
    "users",
    metadata,
    _id("user_id", primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("is_admin", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("name_folded", Text, nullable=False, server_default=""),
    Column("email", String(254), nullable=False, server_default=""),
    Column("email_verified", Boolean, nullable=False, server_default=false()),
    Column("display_name", String(100), nullable=False, server_default=""),
    Column("language", String(35), nullable=False, server_default=""),
    Column("password_hash", String(200), nullable=False, server_default=""),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
    Column("disabled_at", UtcDateTime),
    Column("last_signed_in_at", UtcDateTime),
    Index(
        "uq_users_name_folded",
        "name_folded",
        unique=True,
        sqlite_where=text("name_folded <> ''"),
        postgresql_where=text("name_folded <> ''"),
    ),
    Index("ix_users_email", "email"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id("token_id", primary_key=True),
    _id("user_id", ForeignKey("users.user_id", ondelete="CASCADE"), index=True),
    Column("label", String(200), nullable=False),
    Column("prefix", String(16), nullable=False, server_default=""),
    Column("scopes", String(50), nullable=False, server_default="read write admin"),
    Column("secret_sha256", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
)

collections = Table(
    "collections",
    metadata,
    _id("collection_id", primary_key=True),
    Column("slug", String(100), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    _id("owner_id", ForeignKey("users.user_id")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("embedder", String(200), nullable=False, server_default=""),
    Column("embedder_fingerprint", String(200), nullable=False, server_default=""),
    Column("dimensions", Integer, nullable=False, server_default="0"),
    Column("settings", JSON, nullable=False, server_default="{}"),
    UniqueConstraint("owner_id", "name"),
)

_LIVING = text("state <> 'deleting' AND trashed_until IS NULL")

documents = Table(
    "documents",
    metadata,
    _id("document_id", primary_key=True),
    _id("collection_id", ForeignKey("collections.collection_id")),
    _id("owner_id", ForeignKey("users.user_id")),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("last_revision", Integer, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("parent_id", String(64), nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("moved_at", UtcDateTime, nullable=False),
    Column("trashed_until", UtcDateTime),
    Index(
        "uq_documents_living_name",
        "collection_id",
        "name",
        unique=True,
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    ),
    Index("ix_documents_trashed_until", "trashed_until"),
    Index("ix_documents_newest", "collection_id", "created_at", "document_id"),
    Index("ix_documents_state_moved_at", "state", "moved_at"),
    Index("ix_documents_parent_id", "parent_id"),
)

document_tags = Table(
    "document_tags",
    metadata,
    _id(
        "document_id",
        ForeignKey("documents.document_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("tag", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Index("ix_document_tags_tag", "tag"),
)

revisions = Table(
    "revisions",
    metadata,
    _id(
        "document_id",
        ForeignKey("documents.document_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("object_key", Text, nullable=False),
    Column("content_type", String(200), nullable=False),
    Column("size_bytes", BigInteger, nullable=False, server_default="0"),
    Column("sha256", String(64), nullable=False, server_default=""),
    Column("again", Boolean, nullable=False),
    Column("copy_allowed", Boolean, nullable=False, server_default=true()),
    Column("tags", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("reserved_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("chunks", Integer, nullable=False, server_default="0"),
    Column("parts", Integer, nullable=False, server_default="0"),
    Column("parts_done", Integer, nullable=False, server_default="0"),
    Column("parts_graphed", Integer, nullable=False, server_default="0"),
    Column("failed_stage", String(100), nullable=False, server_default=""),
    Column("failed_code", String(100), nullable=False, server_default=""),
    Column("failed_detail", Text, nullable=False, server_default=""),
    Index("ix_revisions_unconfirmed", "confirmed_at", "reserved_at"),
    Index("ix_revisions_sha256", "sha256"),
)

parts = Table(
    "parts",
    metadata,
    _id("document_id", primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("first_page", Integer, nullable=False),
    Column("last_page", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("chunks_key", Text, nullable=False),
    Column("chunk_count", Integer, nullable=False),
    Column("graphed", Boolean, nullable=False),
    ForeignKeyConstraint(
        ["document_id", "revision"],
        ["revisions.document_id", "revisions.revision"],
        ondelete="CASCADE",
    ),
)

document_events = Table(
    "document_events",
    metadata,
    Column("entry", Integer, primary_key=True),
    _id("document_id", ForeignKey("documents.document_id", ondelete="CASCADE"), index=True),
    Column("revision", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("stage", String(50), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)
