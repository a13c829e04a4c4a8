"""Declarations about the sealed log: a key that follows another, a log that goes on after a restore."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "declarations",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("number > 0", name="declarations_count"),
        sa.PrimaryKeyConstraint("number"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER declarations_refuses_{verb.lower()} BEFORE {verb} ON declarations "
                "BEGIN SELECT RAISE(ABORT, 'declarations is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER declarations_refuses_change BEFORE UPDATE OR DELETE ON declarations "
        "FOR EACH ROW EXECUTE FUNCTION is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER declarations_refuses_truncate BEFORE TRUNCATE ON declarations "
        "FOR EACH STATEMENT EXECUTE FUNCTION is_append_only()"
    )
