"""The sweep: what the book says of a case against what its workflow says of itself, and what is made of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.time.clocks import agenda, passed
from domain.values import Value
from domain.vocabulary import Disagreement

if TYPE_CHECKING:
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.time.policy import Policy

TIME_TO_FIRE = timedelta(minutes=5)
"""By when a deadline that passed is in the book. Later, it is overdue: something did not do its work."""


class Armed(Value):
    """What a case's workflow says of itself."""

    version: int
    rings_at: datetime | None
    """When its one timer rings; None while it has none."""


class Expected(Value):
    """What the book and the policy of the day say of a case."""

    reference: str
    version: int
    due: datetime | None
    """Its next deadline."""
    overdue: int
    """How many of its deadlines passed longer ago than it takes to note them."""


class Finding(Value):
    """Something that was not as it should be, and whether it is now."""

    reference: str
    """Of the case or the workflow; empty for what concerns them all."""
    kind: Disagreement
    due: datetime | None = None
    rings_at: datetime | None = None
    overdue: int = 0
    repaired: bool = False
    cases: int = 1
    """How many cases it is about."""
    found_at: datetime


class Sweep(Value):
    """Where a sweep stands: what the next run of its workflow needs to go on."""

    id: str = ""
    per_second: float = 20.0
    """How many cases are looked at each second at most, so that people's commands come through."""
    opening: timedelta = timedelta(minutes=10)
    """How long a workflow may run before its case is missed in the book: it may be waiting to open it."""
    after: str = ""
    """The last reference of the book that was looked at."""
    cases: int = 0
    book_done: bool = False
    page: str = ""
    """Where the engine's list of workflows goes on."""
    workflows: int = 0
    engine_done: bool = False


class Swept(Value):
    """What came of a part of a sweep."""

    looked_at: int
    next: str
    """Where to go on: a reference, or a page of the engine's list."""
    done: bool


class Report(Value):
    """What a sweep came to."""

    id: str
    started_at: datetime
    finished_at: datetime | None = None
    cases: int = 0
    """Cases of the book that were looked at."""
    workflows: int = 0
    """Running workflows that were looked at."""
    found: int = 0
    repaired: int = 0
    overdue: int = 0
    """Deadlines that had passed longer ago than it takes to note them."""


def expected(case: Case, policy: Policy, calendar: WorkingCalendar, at: datetime) -> Expected:
    """What this case's workflow should know and be armed for."""
    found = agenda(case, policy, calendar)
    return Expected(
        reference=case.reference,
        version=case.version,
        due=found[0].due if found else None,
        overdue=len(passed(found, at - TIME_TO_FIRE)),
    )


def disagreement(wanted: Expected, armed: Armed) -> Disagreement | None:
    """What is wrong, the gravest first; None when book and workflow agree.

    A timer that rings *before* the next deadline is right: it is set anew only when a deadline comes sooner (decision
    0006).
    """
    if armed.version > wanted.version:
        return Disagreement.AHEAD
    if armed.version < wanted.version:
        return Disagreement.BEHIND
    if wanted.overdue:
        return Disagreement.OVERDUE
    if wanted.due is not None and (armed.rings_at is None or armed.rings_at > wanted.due):
        return Disagreement.LATE_TIMER
    return None
