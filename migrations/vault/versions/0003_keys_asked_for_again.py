"""When a key was asked for again by an opening: the keys of openings that came to nothing are told by it."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("case_keys", sa.Column("asked_at", UtcDateTime(), nullable=True))
