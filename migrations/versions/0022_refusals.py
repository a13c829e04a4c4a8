"""Refusals for lack of right, counted by account and hour."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "denials",
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("began", UtcDateTime(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("metropolis", sa.String(10), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("many_at", UtcDateTime(), nullable=True),
        sa.Column("summed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account", "began"),
    )
    op.create_index("ix_denials_many_at", "denials", ["many_at"], unique=False)
