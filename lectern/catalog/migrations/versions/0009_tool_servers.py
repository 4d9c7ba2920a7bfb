"""Servers of tools outside Lectern."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LOSES = "the servers of tools outside Lectern with their keys"
"""What the downgrade cannot keep."""


def upgrade() -> None:
    op.create_table(
        "tool_servers",
        sa.Column("server_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("dialect", sa.String(length=20), server_default="", nullable=False),
        sa.Column("command", sa.JSON(), nullable=False),
        sa.Column("sealed_key", sa.Text(), server_default="", nullable=False),
        sa.Column("timeout_s", sa.Float(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("allowed", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server_id", name="pk_tool_servers"),
        sa.UniqueConstraint("name", name="uq_tool_servers_name"),
    )


def downgrade() -> None:
    op.drop_table("tool_servers")
