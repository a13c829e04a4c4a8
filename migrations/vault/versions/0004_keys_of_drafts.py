"""Keys of drafts: one for each, gone with it."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "draft_keys",
        sa.Column("draft", sa.String(32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("draft"),
    )
