"""The nightly sweeps and their findings."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("workflows", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sweeps_started_at", "sweeps", ["started_at"], unique=False)
    op.create_table(
        "sweep_findings",
        sa.Column("sweep", sa.String(60), nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=True),
        sa.Column("rings_at", UtcDateTime(), nullable=True),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Boolean(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["sweep"], ["sweeps.id"]),
        sa.PrimaryKeyConstraint("sweep", "reference"),
    )
