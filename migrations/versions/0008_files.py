"""Evidence files: the rows that housekeeping reads, and the custody of each file, which is only ever added to."""

import sqlalchemy as sa
from alembic import op

from kit.database import UtcDateTime

revision = "0008"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("id", sa.String(10), nullable=False),
        sa.Column("stored", sa.String(32), nullable=False),
        sa.Column("scan", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["cases.reference"]),
        sa.PrimaryKeyConstraint("reference", "id"),
    )
    op.create_index("ix_files_stored", "files", ["stored"], unique=False)
    op.create_index("ix_files_scan", "files", ["scan"], unique=False)
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "custody",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("file", sa.String(10), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("action IN ('READ', 'EXPORTED')", name="custody_action_known"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_custody_file", "custody", ["reference", "file"], unique=False)
    _append_only()


def _append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER custody_refuses_{verb.lower()} BEFORE {verb} ON custody "
                "BEGIN SELECT RAISE(ABORT, 'the custody of files is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION custody_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the custody of files is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER custody_refuses_change BEFORE UPDATE OR DELETE ON custody "
            "FOR EACH ROW EXECUTE FUNCTION custody_is_append_only()"
        )
        op.execute(
            "CREATE TRIGGER custody_refuses_truncate BEFORE TRUNCATE ON custody "
            "FOR EACH STATEMENT EXECUTE FUNCTION custody_is_append_only()"
        )
