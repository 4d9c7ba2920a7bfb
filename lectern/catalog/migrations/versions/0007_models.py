"""Models, which of them serve what, budgets, and what answers cost."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LOSES = "the models with their keys, budgets, and what answers cost"
"""What the downgrade cannot keep."""


def upgrade() -> None:
    op.create_table(
        "model_entries",
        sa.Column("model_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_folded", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("preset", sa.String(length=50), server_default="", nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("sealed_key", sa.Text(), server_default="", nullable=False),
        sa.Column("dialect", sa.String(length=20), server_default="", nullable=False),
        sa.Column("context_tokens", sa.Integer(), nullable=False),
        sa.Column("sees_images", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("prompt_price", sa.Float(), server_default="0", nullable=False),
        sa.Column("completion_price", sa.Float(), server_default="0", nullable=False),
        sa.Column("timeout_s", sa.Float(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model_id", name="pk_model_entries"),
        sa.UniqueConstraint("name_folded", name="uq_model_entries_name_folded"),
    )
    op.create_table(
        "model_choices",
        sa.Column("use", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("use", "position", name="pk_model_choices"),
    )
    op.create_table(
        "model_budgets",
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("tokens", sa.BigInteger()),
        sa.Column("cost_micros", sa.BigInteger()),
        sa.PrimaryKeyConstraint("subject", "subject_id", name="pk_model_budgets"),
    )
    op.add_column(
        "usage_days",
        sa.Column("cost_micros", sa.BigInteger(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("usage_days", "cost_micros")
    op.drop_table("model_budgets")
    op.drop_table("model_choices")
    op.drop_table("model_entries")
