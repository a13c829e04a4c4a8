"""Files are attached by their intake, malware is known by its content, and copies without scripts are kept."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0016"
down_revision = "0015"

_OWN_BYTES = sa.text("NOT shared")


def upgrade() -> None:
    op.add_column("files", sa.Column("digest", sa.String(64), nullable=True))
    op.add_column("files", sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Until now nothing kept two files from being attached with the same bytes.
    op.execute(
        "UPDATE files SET shared = true WHERE stored IN (SELECT stored FROM files GROUP BY stored HAVING count(*) > 1)"
    )
    op.create_index(
        "uq_files_stored", "files", ["stored"], unique=True, sqlite_where=_OWN_BYTES, postgresql_where=_OWN_BYTES
    )
    op.create_index("ix_files_digest", "files", ["digest"], unique=False)
    op.create_table(
        "intakes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("stored", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("file", sa.String(10), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stored"),
    )
    op.create_index("ix_intakes_reference", "intakes", ["reference"], unique=False)
    op.create_index("ix_intakes_taken_at", "intakes", ["taken_at"], unique=False)
    op.create_table(
        "infected",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("finding", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "clean_copies",
        sa.Column("original", sa.String(32), nullable=False),
        sa.Column("stored", sa.String(32), nullable=True),
        sa.Column("why", sa.String(20), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("original"),
        sa.UniqueConstraint("stored"),
    )
