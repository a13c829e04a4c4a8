"""The identity of the store, and the order in which keys were made: each entry follows from all before it.

A book holds both, and so tells its own store from another, an older or an emptied one.
"""

import hashlib
import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("key_store", "minted")


def upgrade() -> None:
    store = op.create_table(
        "key_store",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    minted = op.create_table(
        "minted",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name="minted_counts"),
        sa.CheckConstraint("length(head) = 32", name="minted_head_is_sha256"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("reference"),
    )
    op.bulk_insert(store, [{"id": secrets.token_hex(16), "made_at": datetime.now(UTC)}])
    head, rows = bytes(32), []
    made = op.get_bind().execute(sa.text("SELECT reference FROM case_keys ORDER BY created_at, reference"))
    for number, (reference,) in enumerate(made, start=1):
        # Of a key that was made before there is no check value: the master key is not at hand here.
        head = hashlib.sha256(b"\n".join((b"aboutir.minted.1", head.hex().encode(), reference.encode(), b""))).digest()
        rows.append({"number": number, "reference": reference, "check_value": b"", "head": head})
    op.bulk_insert(minted, rows)
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
