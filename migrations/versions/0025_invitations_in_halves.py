"""Invitations to accounts that watch over others are made in halves, by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("invitations", sa.Column("is_halved", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("invitations", sa.Column("second", sa.String(64), nullable=True))
    op.add_column("invitations", sa.Column("completed_by", sa.String(40), nullable=True))
