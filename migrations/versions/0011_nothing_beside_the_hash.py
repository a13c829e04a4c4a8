"""Every column of the book is in its hash: when a line was written to the disk was not, and nothing asked for it."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.drop_column("book", "written_at")
