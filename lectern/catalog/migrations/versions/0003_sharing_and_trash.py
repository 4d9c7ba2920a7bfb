"""Grants to users, groups and everyone; settings of collections; trash; known bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LOSES = "rights of groups and of everyone, settings of collections, what is in the trash"
"""What the downgrade cannot keep."""

_LIVING = "state <> 'deleting' AND trashed_until IS NULL"
_NOT_DELETING = "state <> 'deleting'"
_EVERYONE = "user_id IS NULL AND group_id IS NULL"


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("grant_id", sa.String(length=64), nullable=False),
        sa.Column("collection_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("group_id", sa.String(length=64), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.collection_id"],
            name="fk_grants_collection_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_grants_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.group_id"], name="fk_grants_group_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("grant_id", name="pk_grants"),
        sa.UniqueConstraint("collection_id", "user_id", name="uq_grants_collection_id_user_id"),
        sa.UniqueConstraint("collection_id", "group_id", name="uq_grants_collection_id_group_id"),
    )
    op.create_index("ix_grants_user_id", "grants", ["user_id"])
    op.create_index("ix_grants_group_id", "grants", ["group_id"])
    _create_partial("uq_grants_everyone", "grants", ["collection_id"], _EVERYONE)
    op.execute(
        "INSERT INTO grants (grant_id, collection_id, user_id, role) "
        "SELECT substr(collection_id, 1, 31) || '.' || substr(user_id, 1, 32), "
        "collection_id, user_id, role FROM members"
    )
    op.drop_table("members")

    op.add_column(
        "collections", sa.Column("settings", sa.JSON(), server_default="{}", nullable=False)
    )
    op.add_column(
        "documents", sa.Column("trashed_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index("ix_documents_trashed_until", "documents", ["trashed_until"])
    op.drop_index("uq_documents_living_name", "documents")
    _create_partial("uq_documents_living_name", "documents", ["collection_id", "name"], _LIVING)

    op.add_column(
        "revisions",
        sa.Column("copy_allowed", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.create_index("ix_revisions_sha256", "revisions", ["sha256"])
    op.create_table(
        "duplicate_uploads",
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("known_as", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["known_as"],
            ["documents.document_id"],
            name="fk_duplicate_uploads_known_as",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", name="pk_duplicate_uploads"),
    )
    op.create_index("ix_duplicate_uploads_known_as", "duplicate_uploads", ["known_as"])


def downgrade() -> None:
    """Return to members: rights of groups and of everyone are lost, the trash is emptied."""
    op.drop_table("duplicate_uploads")
    op.drop_index("ix_revisions_sha256", "revisions")
    op.drop_column("revisions", "copy_allowed")
    op.drop_index("uq_documents_living_name", "documents")
    op.drop_index("ix_documents_trashed_until", "documents")
    op.execute("UPDATE documents SET state = 'deleting' WHERE trashed_until IS NOT NULL")
    op.drop_column("documents", "trashed_until")
    _create_partial(
        "uq_documents_living_name", "documents", ["collection_id", "name"], _NOT_DELETING
    )
    op.drop_column("collections", "settings")

    op.create_table(
        "members",
        sa.Column("collection_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collections.collection_id"],
            name="fk_members_collection_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name="fk_members_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "user_id", name="pk_members"),
    )
    op.create_index("ix_members_user_id", "members", ["user_id"])
    op.execute(
        "INSERT INTO members (collection_id, user_id, role) "
        "SELECT collection_id, user_id, role FROM grants WHERE user_id IS NOT NULL"
    )
    op.drop_table("grants")


def _create_partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
