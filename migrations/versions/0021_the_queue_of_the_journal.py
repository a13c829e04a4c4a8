"""Readings wait in a queue, in which none waits for another, until the journal's one writer chains them."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "access_queue",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("lane", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number > 0", name="access_queue_counts"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "access_lanes",
        sa.Column("lane", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("lane"),
    )
    op.create_index("ix_access_lanes_at", "access_lanes", ["at"], unique=False)
