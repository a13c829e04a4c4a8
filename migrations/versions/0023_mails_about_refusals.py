"""Who was mailed that an account was refused often. Hours of before count as told: digests have told them."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("denials", sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "denial_mails",
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("began", UtcDateTime(), nullable=False),
        sa.Column("reader", sa.String(40), nullable=False),
        sa.Column("held_until", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("account", "began", "reader"),
    )
