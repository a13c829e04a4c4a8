"""Finding without telling: a blind index. Who read what: a journal that is only ever added to. Who may decode."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "blind_index",
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["cases.reference"]),
        sa.PrimaryKeyConstraint("reference", "digest"),
    )
    op.create_index("ix_blind_index_digest", "blind_index", ["digest"], unique=False)
    op.create_table(
        "access_journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id > 0", name="access_journal_counts"),
        sa.CheckConstraint("length(hash) = 32 AND length(previous) = 32", name="access_journal_hashes_are_sha256"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "decoders",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    _append_only()


def _append_only() -> None:
    """The journal refuses to be changed, as the book does."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER access_journal_refuses_{verb.lower()} BEFORE {verb} ON access_journal "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION access_journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER access_journal_refuses_change BEFORE UPDATE OR DELETE ON access_journal "
            "FOR EACH ROW EXECUTE FUNCTION access_journal_is_append_only()"
        )
        op.execute(
            "CREATE TRIGGER access_journal_refuses_truncate BEFORE TRUNCATE ON access_journal "
            "FOR EACH STATEMENT EXECUTE FUNCTION access_journal_is_append_only()"
        )
