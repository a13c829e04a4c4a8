"""The keys of cases and of the installation. A key that was destroyed can never come back."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "case_keys",
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("destroyed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("reference"),
        sa.CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="case_keys_tombstone"),
    )
    op.create_table(
        "installation_keys",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_key", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    _once()


def _once() -> None:
    """A row is never deleted; the row of a destroyed key is never changed, nor written again."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'a case has one key, once'); END"
        op.execute(f"CREATE TRIGGER case_keys_refuse_delete BEFORE DELETE ON case_keys {refuse}")
        op.execute(
            "CREATE TRIGGER case_keys_refuse_change BEFORE UPDATE ON case_keys WHEN OLD.wrapped IS NULL "
            f"OR NEW.reference IS NOT OLD.reference OR NEW.created_at IS NOT OLD.created_at {refuse}"
        )
        # INSERT OR REPLACE deletes without a DELETE trigger.
        known = "(SELECT count(*) FROM case_keys WHERE reference = NEW.reference) > 0"
        op.execute(f"CREATE TRIGGER case_keys_refuse_again BEFORE INSERT ON case_keys WHEN {known} {refuse}")
    else:
        op.execute(
            "CREATE FUNCTION case_keys_once() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a case has one key, once'; END $$"
        )
        op.execute(
            "CREATE TRIGGER case_keys_refuse_delete BEFORE DELETE ON case_keys "
            "FOR EACH ROW EXECUTE FUNCTION case_keys_once()"
        )
        op.execute(
            "CREATE TRIGGER case_keys_refuse_truncate BEFORE TRUNCATE ON case_keys "
            "FOR EACH STATEMENT EXECUTE FUNCTION case_keys_once()"
        )
        op.execute(
            "CREATE TRIGGER case_keys_refuse_change BEFORE UPDATE ON case_keys FOR EACH ROW "
            "WHEN (OLD.wrapped IS NULL OR NEW.reference IS DISTINCT FROM OLD.reference "
            "OR NEW.created_at IS DISTINCT FROM OLD.created_at) EXECUTE FUNCTION case_keys_once()"
        )
