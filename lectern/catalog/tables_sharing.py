"""Tables of sharing: rights in collections, and uploads that brought nothing new."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint, text

from lectern.catalog.tables import metadata

_EVERYONE = text("user_id IS NULL AND group_id IS NULL")

grants = Table(
    "grants",
    metadata,
    Column("grant_id", String(64), primary_key=True),
    Column(
        "collection_id",
        String(64),
        ForeignKey("collections.collection_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("user_id", String(64), ForeignKey("users.user_id", ondelete="CASCADE"), index=True),
    Column("group_id", String(64), ForeignKey("groups.group_id", ondelete="CASCADE"), index=True),
    Column("role", String(10), nullable=False),
    UniqueConstraint("collection_id", "user_id"),
    UniqueConstraint("collection_id", "group_id"),
    Index(
        "uq_grants_everyone",
        "collection_id",
        unique=True,
        sqlite_where=_EVERYONE,
        postgresql_where=_EVERYONE,
    ),
)
"""A right of a user, of a group, or, with neither, of everyone."""

duplicate_uploads = Table(
    "duplicate_uploads",
    metadata,
    Column("document_id", String(64), primary_key=True),
    Column(
        "known_as",
        String(64),
        ForeignKey("documents.document_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)
"""A document that was not made, as another one of its collection holds the very bytes."""
