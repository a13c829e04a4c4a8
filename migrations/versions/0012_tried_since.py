"""Since when a mail has been tried: an outage of ours is no time in which it was."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("mails", sa.Column("trying_since", UtcDateTime(), nullable=True))
    op.execute("update mails set trying_since = not_before where tried_at is not null")  # what was counted until now
