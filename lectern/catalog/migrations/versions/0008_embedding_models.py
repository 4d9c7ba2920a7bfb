"""Embedding models among the models, and what was embedded on which day."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LOSES = "the embedding models with their keys, and how much was embedded"
"""What the downgrade cannot keep."""

_KNOWN_BEFORE = {"offline", "endpoint"}


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
    _forget_embedding_models()
    op.drop_column("usage_days", "embedding_tokens")
    op.drop_column("model_entries", "passage_prefix")
    op.drop_column("model_entries", "query_prefix")
    op.drop_column("model_entries", "dimensions")


def _forget_embedding_models() -> None:
    """Take away what earlier versions do not understand; collections stay bound as they are."""
    connection = op.get_bind()
    connection.execute(sa.text("DELETE FROM model_choices WHERE use = 'embedding'"))
    connection.execute(sa.text("DELETE FROM model_entries WHERE kind = 'embedding'"))
    collections = sa.table(
        "collections", sa.column("collection_id", sa.String), sa.column("settings", sa.JSON)
    )
    for row in connection.execute(sa.select(collections)).all():
        if row.settings.get("embedder", "offline") not in _KNOWN_BEFORE:
            kept = {name: value for name, value in row.settings.items() if name != "embedder"}
            connection.execute(
                sa.update(collections)
                .where(collections.c.collection_id == row.collection_id)
                .values(settings=kept)
            )
