"""How many cases a finding of the sweep is about: what is wrong with all of them is said once."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("sweep_findings", sa.Column("cases", sa.Integer(), nullable=False, server_default="1"))
