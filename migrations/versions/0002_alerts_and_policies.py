"""Alerts as rows, the policy as data, absences. The alerts that the book tells of already become rows too."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("cases", sa.Column("policy_version", sa.Integer(), nullable=True))
    op.create_table(
        "alerts",
        sa.Column("reference", sa.String(14), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("part", sa.String(10), nullable=True),
        sa.Column("due", UtcDateTime(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(40), nullable=True),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["reference"], ["cases.reference"]),
        sa.PrimaryKeyConstraint("reference", "key"),
    )
    op.create_index("ix_alerts_standing", "alerts", ["answered_at", "due"], unique=False)
    op.create_table(
        "policies",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("reason", sa.String(4000), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("version > 0", name="policies_version_positive"),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "absences",
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("delegate", sa.String(40), nullable=False),
        sa.CheckConstraint("account <> delegate", name="absences_delegate_is_another"),
        sa.CheckConstraint("first_day <= last_day", name="absences_in_order"),
        sa.PrimaryKeyConstraint("account", "first_day"),
    )
    _tell_of_alerts()


_LEVELS = ["CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"]


def _tell_of_alerts() -> None:
    """Reads the events as they were when this was written; nothing is imported, since it may differ one day."""
    connection = op.get_bind()
    book = sa.table("book", *map(sa.column, ("id", "reference", "tag", "account", "role", "event")))
    book.append_column(sa.column("recorded_at", UtcDateTime()))
    tags = ("alert_raised.1", "alert_answered.1", "case_closed.1")
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for line in connection.execute(sa.select(book).where(book.c.tag.in_(tags)).order_by(book.c.id)):
        event, of_case = json.loads(bytes(line.event)), rows.setdefault(line.reference, {})
        if line.tag == "alert_raised.1":
            fields = {name: event.get(name) for name in ("key", "clock", "kind", "level", "part")}
            of_case[event["key"]] = fields | {
                "reference": line.reference,
                "due": datetime.fromisoformat(event["due"]),
                "raised_at": line.recorded_at,
                "answered_at": None,
                "answered_by": None,
                "decision": None,
            }
            continue
        closed = line.tag == "case_closed.1"
        decision = "CLOSE" if closed else event["decision"]
        answer = {"answered_at": line.recorded_at, "answered_by": line.account, "decision": decision}
        reach = _LEVELS.index(line.role) if line.role in _LEVELS else 0
        for alert in of_case.values():
            same = closed or (
                alert["clock"] == of_case[event["key"]]["clock"] and _LEVELS.index(alert["level"]) <= reach
            )
            if same and alert["answered_at"] is None:
                alert.update(answer)
    alerts = [
        {k: v for k, v in alert.items() if k != "clock"} for of_case in rows.values() for alert in of_case.values()
    ]
    if alerts:
        names = ("reference", "key", "kind", "level", "part", "answered_by", "decision")
        columns = [*map(sa.column, names), *(sa.column(n, UtcDateTime()) for n in ("due", "raised_at", "answered_at"))]
        connection.execute(sa.insert(sa.table("alerts", *columns)), alerts)
