"""Evidence files: the rows that housekeeping reads."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0005"


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
