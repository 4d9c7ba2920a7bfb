"""The tables of accounts: sessions, groups, invitations, identities, limits, the audit log.

Secrets are kept as SHA-256 digests: they have 160 random bits, so nothing slower is needed.
What one user row knows (password, e-mail) is in `lectern.catalog.tables.users`.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
)

from lectern.catalog.tables import UtcDateTime, metadata

_ID = String(64)
_DIGEST = String(64)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", _ID, primary_key=True),
    Column("user_id", _ID, ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    Column("secret_sha256", _DIGEST, nullable=False, unique=True),
    Column("label", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("key_id", _ID, nullable=False, server_default=""),
    Index("ix_sessions_user_id", "user_id"),
    Index("ix_sessions_expires_at", "expires_at"),
)

sign_in_limits = Table(
    "sign_in_limits",
    metadata,
    Column("subject", String(100), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("locked_until", UtcDateTime),
    Index("ix_sign_in_limits_since", "since"),
)

groups = Table(
    "groups",
    metadata,
    Column("group_id", _ID, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("name_folded", Text, nullable=False, unique=True),
    Column("oidc_group", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", _ID, ForeignKey("groups.group_id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True),
    Index("ix_group_members_user_id", "user_id"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("invitation_id", _ID, primary_key=True),
    Column("secret_sha256", _DIGEST, nullable=False, unique=True),
    Column("email", String(254), nullable=False),
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    Column("grants", JSON, nullable=False),
    Column("invited_by", _ID, ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", String(500), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user_id", _ID, ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
    Index("ix_identities_user_id", "user_id"),
)

oidc_flows = Table(
    "oidc_flows",
    metadata,
    Column("state_sha256", _DIGEST, primary_key=True),
    Column("browser_sha256", _DIGEST, nullable=False),
    Column("nonce", String(100), nullable=False),
    Column("code_verifier", String(128), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_oidc_flows_expires_at", "expires_at"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_id", _ID, nullable=False),
    Column("actor_name", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_entries_at", "at"),
    Index("ix_audit_entries_actor_id", "actor_id"),
    Index("ix_audit_entries_subject", "subject"),
)
