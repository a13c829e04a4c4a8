"""The sealed log (leaves, checkpoints, time-stamps) and the histories kept; what is never changed refuses to be."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0009"
down_revision = "0008"

APPEND_ONLY = ("leaves", "checkpoints", "tokens", "histories", "policies")


def upgrade() -> None:
    op.create_table(
        "leaves",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("line_hash", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(line_hash) = 32 AND length(hash) = 32", name="leaves_hashes_are_sha256"),
        sa.CheckConstraint("position >= 0", name="leaves_position_counts"),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("reference", "version"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("size > 0", name="checkpoints_size_positive"),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "tokens",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"]),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "histories",
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("first_event", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("first_event > 0 AND first_event <= last_event", name="histories_in_order"),
        sa.CheckConstraint("length(digest) = 32", name="histories_digest_is_sha256"),
        sa.PrimaryKeyConstraint("reference", "run_id", "first_event"),
    )
    _append_only()


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION is_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION is_append_only()"
        )
