"""Preferences for mails, and the mails that were written."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("address", sa.String(254), nullable=True),
        sa.Column("mail_when", sa.String(20), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("grace", sa.Integer(), nullable=False),
        sa.CheckConstraint("hour BETWEEN 6 AND 19", name="preferences_hour_of_the_day"),
        sa.CheckConstraint("grace BETWEEN 0 AND 72", name="preferences_grace_is_short"),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("instead_of", sa.String(40), nullable=True),
        sa.Column("reference", sa.String(14), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("alerts", sa.String(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("on_case", sa.Boolean(), nullable=False),
        sa.CheckConstraint("state IN ('WAITING', 'SENT', 'DROPPED', 'UNDELIVERED')", name="mails_state_known"),
        sa.CheckConstraint("(kind = 'NOTICE') = (reference IS NOT NULL)", name="mails_notice_is_of_a_case"),
        sa.CheckConstraint("(kind = 'DIGEST') = (day IS NOT NULL)", name="mails_digest_is_of_a_day"),
        sa.ForeignKeyConstraint(["reference"], ["cases.reference"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", "day"),
    )
    op.create_index("ix_mails_of_case", "mails", ["reference", "state"], unique=False)
    op.create_index("ix_mails_state", "mails", ["state", "not_before"], unique=False)
