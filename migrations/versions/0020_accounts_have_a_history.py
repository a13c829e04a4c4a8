"""The history of the accounts, chained and never changed; those that are there are taken over. ADMINISTRATOR."""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0020"
down_revision = "0019"

ROLES = "'CASE_WORKER', 'SUPERVISOR', 'PLAN_LEAD', 'AUDITOR', 'ADMINISTRATOR', 'PARTNER', 'COMPLAINANT'"


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_constraint("accounts_role_known", type_="check")
        accounts.create_check_constraint("accounts_role_known", f"role IN ({ROLES})")
    history = op.create_table(
        "account_history",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("by_account", sa.String(40), nullable=False),
        sa.Column("by_role", sa.String(20), nullable=False),
        sa.Column("by_organisation", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("after_line", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name="account_history_counts"),
        sa.CheckConstraint("length(hash) = 32 AND length(previous) = 32", name="account_history_hashes_are_sha256"),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_account_history_account", "account_history", ["account"], unique=False)
    _append_only()
    _take_over(history)


def _append_only() -> None:
    """The history refuses to be changed, as the book does."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER account_history_refuses_{verb.lower()} BEFORE {verb} ON account_history "
                "BEGIN SELECT RAISE(ABORT, 'account_history is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER account_history_refuses_change BEFORE UPDATE OR DELETE ON account_history "
        "FOR EACH ROW EXECUTE FUNCTION is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER account_history_refuses_truncate BEFORE TRUNCATE ON account_history "
        "FOR EACH STATEMENT EXECUTE FUNCTION is_append_only()"
    )


def _take_over(history: sa.Table) -> None:
    """Opens the accounts that are there, before every line of the book; those that were inactive are closed now."""
    tx = op.get_bind()
    accounts = tx.execute(sa.text("SELECT id, role, organisation, metropolis, active FROM accounts ORDER BY id")).all()
    last_line = tx.execute(sa.text("SELECT max(id) FROM book")).scalar_one() or 0
    why = "Taken over: it was there before the accounts had a history."
    events: list[tuple[str, int, dict[str, object]]] = []
    for row in accounts:
        standing = {"role": row.role, "organisation": row.organisation, "metropolis": row.metropolis}
        opened = {"standing": standing, "why": why, "alone": False, "tag": "account_opened.1"}
        events.append((row.id, 0, opened))
    closed = {"tag": "account_closed.1", "why": why, "to": None}
    events += [(row.id, last_line, closed) for row in accounts if not row.active]
    previous, at = bytes(32), datetime.now(UTC)
    for number, (account, after, event) in enumerate(events, start=1):
        content = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        by = ("exploitation", "SYSTEM", "aboutir")
        instant, digest = at.isoformat(timespec="microseconds"), hashlib.sha256(content).hexdigest()
        covered = ["aboutir.account.1", previous.hex(), number, account, *by, instant, after, digest]
        hash = hashlib.sha256(json.dumps(covered, separators=(",", ":")).encode()).digest()
        names = ("number", "account", "by_account", "by_role", "by_organisation", "at", "after_line", "event")
        row = dict(zip(names, (number, account, *by, at, after, content), strict=True))
        tx.execute(history.insert(), [row | {"previous": previous, "hash": hash}])
        previous = hash
