"""The number of cases that a finding of the sweep is about: a fault of all of them is one finding."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("sweep_findings", sa.Column("cases", sa.Integer(), nullable=False, server_default="1"))
