"""Figures of a stack, to compare it before a record is lost and after it is rebuilt."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from kit.storage.database import Database
from models import cases

SHOWN = ("alerts", "parties", "blind_index", "files", "cases")
"""The tables that follow from the book, in the order in which they can be emptied."""


def armed(events: Iterable[Any]) -> float:
    """When the timer of a case goes off, in seconds since 1970."""
    timers: dict[str, float] = {}
    for event in events:
        if event.HasField("timer_started_event_attributes"):
            timer = event.timer_started_event_attributes
            timers[timer.timer_id] = (
                event.event_time.seconds + timer.start_to_fire_timeout.ToTimedelta().total_seconds()
            )
        if event.HasField("timer_canceled_event_attributes"):
            timers.pop(event.timer_canceled_event_attributes.timer_id)
    (only,) = timers.values()
    return only


def lines(database: Database) -> list[tuple[object, ...]]:
    with database.read() as tx:
        query = "select reference, version, command_id, position, event, hash from book order by reference, version"
        return [tuple(row) for row in tx.execute(text(query))]


def next_due(database: Database, reference: str) -> float | None:
    with database.read() as tx:
        row = cases.row_of(tx, reference)
        assert row is not None
        return row.next_due.timestamp() if row.next_due else None


def rows(database: Database, *tables: str) -> dict[str, list[tuple[object, ...]]]:
    """The rows of these tables, but for when they were written."""
    with database.read() as tx:
        return {t: sorted(tuple(r) for r in tx.execute(text(f"select * from {t}"))) for t in tables}  # noqa: S608
