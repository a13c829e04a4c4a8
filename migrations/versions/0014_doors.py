"""The door by which somebody came who acted; NULL for the machine itself, as in every line from before."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("book", sa.Column("door", sa.String(12), nullable=True))
