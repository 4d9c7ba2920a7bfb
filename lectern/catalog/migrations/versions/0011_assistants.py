"""Assistants, and conversations that are held with one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LOSES = "the assistants, and with which one a conversation was held"
"""What the downgrade cannot keep."""


def upgrade() -> None:
    op.create_table(
        "assistants",
        sa.Column("assistant_id", sa.String(length=64), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("collections", sa.JSON(), nullable=False),
        sa.Column("manner", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.user_id"],
            name="fk_assistants_owner_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assistant_id", name="pk_assistants"),
        sa.UniqueConstraint("slug", name="uq_assistants_slug"),
    )
    op.create_index("ix_assistants_owner_id", "assistants", ["owner_id"])
    op.add_column(
        "conversations",
        sa.Column("assistant_id", sa.String(length=64), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("conversations", "assistant_id")
    op.drop_table("assistants")
