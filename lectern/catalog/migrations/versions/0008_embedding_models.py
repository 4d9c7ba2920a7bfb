"""Embedding models among the models, and what was embedded on which day."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LOSES = "the embedding models with their keys, and how much was embedded"
"""What the downgrade cannot keep."""


def upgrade() -> None:
    op.add_column(
        "model_entries", sa.Column("dimensions", sa.Integer(), server_default="0", nullable=False)
    )
    for prefix in ("query_prefix", "passage_prefix"):
        op.add_column(
            "model_entries", sa.Column(prefix, sa.Text(), server_default="", nullable=False)
        )
    op.add_column(
        "usage_days",
        sa.Column("embedding_tokens", sa.BigInteger(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    connection = op.get_bind()
    connection.execute(sa.text("DELETE FROM model_choices WHERE use = 'embedding'"))
    connection.execute(sa.text("DELETE FROM model_entries WHERE kind = 'embedding'"))
    op.drop_column("usage_days", "embedding_tokens")
    op.drop_column("model_entries", "passage_prefix")
    op.drop_column("model_entries", "query_prefix")
    op.drop_column("model_entries", "dimensions")
