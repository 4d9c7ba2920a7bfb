"""Sessions end for good one day, and with the key that began them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LOSES = "with which key a session was begun, and when each session ends for good"
"""What the downgrade cannot keep."""


def upgrade() -> None:
    op.add_column("sessions", sa.Column("ends_at", sa.DateTime(timezone=True)))
    op.add_column(
        "sessions", sa.Column("key_id", sa.String(length=64), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("sessions", "key_id")
    op.drop_column("sessions", "ends_at")
