"""The metropolis that is asked to take a case over, and the organisation there that is to hold it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("cases", sa.Column("proposed_to", sa.String(10), nullable=True))
    op.add_column("cases", sa.Column("proposed_organisation", sa.String(40), nullable=True))
