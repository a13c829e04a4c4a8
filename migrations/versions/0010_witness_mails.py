"""The checkpoints that were mailed, and to whom."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "witness_mails",
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "size"),
    )
