"""The stores of keys that this book has had, with what each held; the keys that erasures have destroyed."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0017"
down_revision = "0016"

APPEND_ONLY = ("key_stores", "destroyed_keys")


def upgrade() -> None:
    op.create_table(
        "key_stores",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("store", sa.String(32), nullable=False),
        sa.Column("minted", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("lost", sa.String(), nullable=False),
        sa.CheckConstraint("number > 0 AND minted >= 0", name="key_stores_count"),
        sa.CheckConstraint("what IN ('ADOPTED', 'SEEN', 'ACCEPTED')", name="key_stores_what_known"),
        sa.CheckConstraint("length(head) = 32", name="key_stores_head_is_sha256"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "destroyed_keys",
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("destroyed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
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
    for table in APPEND_ONLY:  # the function is there since the log was sealed
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION is_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION is_append_only()"
        )
