"""Lines of the book are found by what happened: lists of cases in a situation ask for it."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_index("ix_book_tag", "book", ["tag", "reference"])
