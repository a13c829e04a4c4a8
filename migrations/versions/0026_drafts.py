"""Drafts: forms that were begun and not sent, each sealed under a key of its own, until a day."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(14), nullable=True),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column("destroyed_on", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drafts_owner", "drafts", ["owner"], unique=False)
    op.create_index("ix_drafts_reference", "drafts", ["reference"], unique=False)
    op.create_index("ix_drafts_destroyed_on", "drafts", ["destroyed_on"], unique=False)
