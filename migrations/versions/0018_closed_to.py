"""Whom a case is closed to, for a conflict of interest; NULL for nobody, as for every case of before."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("cases", sa.Column("closed_to", sa.Text(), nullable=True))
