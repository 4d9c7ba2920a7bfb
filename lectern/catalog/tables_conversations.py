"""The tables of conversations, shares, feedback and users' settings; see `lectern.catalog.tables`.

`messages.reply` stands last: SQLite reads a long row only as far as the columns it is asked for,
and searching asks for `text_folded`.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from lectern.catalog.tables import UtcDateTime, metadata


def _owner() -> ForeignKey:
    return ForeignKey("users.user_id", ondelete="CASCADE")


def _conversation() -> ForeignKey:
    return ForeignKey("conversations.conversation_id", ondelete="CASCADE")


conversations = Table(
    "conversations",
    metadata,
    Column("conversation_id", String(64), primary_key=True),
    Column("user_id", String(64), _owner(), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_folded", Text, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("collections", JSON, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("assistant_id", String(64), nullable=False, server_default=""),
    Column("active_id", String(64), nullable=False, server_default=""),
    Column("last_ordinal", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_conversations_listed", "user_id", "pinned", "updated_at", "conversation_id"),
)

messages = Table(
    "messages",
    metadata,
    Column("message_id", String(64), primary_key=True),
    Column("conversation_id", String(64), _conversation(), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("parent_id", String(64), nullable=False),
    Column("role", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("text_folded", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("failure", JSON(none_as_null=True)),
    Column("reply", JSON(none_as_null=True)),
    UniqueConstraint("conversation_id", "ordinal"),
)

receipts = Table(
    "receipts",
    metadata,
    Column(
        "message_id",
        String(64),
        ForeignKey("messages.message_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("record", LargeBinary, nullable=False),
)
"""How answers came about. A table of its own, for no list of messages wants these long rows."""

shares = Table(
    "shares",
    metadata,
    Column("conversation_id", String(64), _conversation(), primary_key=True),
    Column("secret_sha256", String(64), nullable=False, unique=True),
    Column("leaf_id", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
)

feedback = Table(
    "feedback",
    metadata,
    Column(
        "message_id",
        String(64),
        ForeignKey("messages.message_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("user_id", String(64), _owner(), primary_key=True, index=True),
    Column("verdict", String(10), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Index("ix_feedback_latest", "given_at", "message_id", "user_id"),
)

user_settings = Table(
    "user_settings",
    metadata,
    Column("user_id", String(64), _owner(), primary_key=True),
    Column("stored", JSON, nullable=False),
)
