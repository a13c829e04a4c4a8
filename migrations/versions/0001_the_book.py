"""The book, the cases, the parties and the accounts."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("metropolis", sa.String(10), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role IN ('CASE_WORKER', 'SUPERVISOR', 'PLAN_LEAD', 'AUDITOR', 'PARTNER', 'COMPLAINANT')",
            name="accounts_role_known",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "book",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("command_id", sa.String(100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(60), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("metropolis", sa.String(10), nullable=True),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hash) = 32 AND length(previous) = 32", name="book_hashes_are_sha256"),
        sa.CheckConstraint("position >= 0", name="book_position_counts"),
        sa.CheckConstraint("version > 0", name="book_version_positive"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("command_id", "position"),
        sa.UniqueConstraint("reference", "version"),
    )
    op.create_table(
        "cases",
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("domain", sa.String(40), nullable=False),
        sa.Column("metropolis", sa.String(10), nullable=True),
        sa.Column("commune", sa.String(10), nullable=True),
        sa.Column("neighbourhood", sa.String(10), nullable=True),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("progress_at", UtcDateTime(), nullable=False),
        sa.Column("stalled", sa.Boolean(), nullable=False),
        sa.Column("next_due", UtcDateTime(), nullable=True),
        sa.Column("next_kind", sa.String(40), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("closure_reason", sa.String(40), nullable=True),
        sa.Column("fictitious", sa.Boolean(), nullable=False),
        sa.Column("source_key", sa.String(64), nullable=True),
        sa.CheckConstraint(
            "step IN ('INTAKE', 'REFERRAL', 'EVIDENCE', 'ESCALATION', 'CLOSED', 'ERASED')", name="cases_step_known"
        ),
        sa.CheckConstraint("length(head) = 32", name="cases_head_is_sha256"),
        sa.CheckConstraint("version > 0", name="cases_version_positive"),
        sa.PrimaryKeyConstraint("reference"),
        sa.UniqueConstraint("source_key"),
    )
    op.create_index("ix_cases_holder", "cases", ["holder"], unique=False)
    op.create_index("ix_cases_listing", "cases", ["opened_at", "reference"], unique=False)
    op.create_index("ix_cases_next_due", "cases", ["next_due"], unique=False)
    op.create_table(
        "parties",
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["cases.reference"]),
        sa.PrimaryKeyConstraint("reference", "organisation"),
    )
    op.create_index("ix_parties_organisation", "parties", ["organisation"], unique=False)
    _append_only()


def _append_only() -> None:
    """The book refuses to be changed, whoever asks: an UPDATE or a DELETE of a line is an error."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER book_refuses_{verb.lower()} BEFORE {verb} ON book "
                "BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION book_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the book is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER book_refuses_change BEFORE UPDATE OR DELETE ON book "
            "FOR EACH ROW EXECUTE FUNCTION book_is_append_only()"
        )
        op.execute(
            "CREATE TRIGGER book_refuses_truncate BEFORE TRUNCATE ON book "
            "FOR EACH STATEMENT EXECUTE FUNCTION book_is_append_only()"
        )
