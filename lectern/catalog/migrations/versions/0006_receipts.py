"""How answers came about."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LOSES = "how answers came about"
"""What the downgrade cannot keep."""


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.message_id"],
            name="fk_receipts_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name="pk_receipts"),
    )


def downgrade() -> None:
    op.drop_table("receipts")
