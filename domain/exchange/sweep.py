"""The nightly sweep: the book's view of each case compared with its workflow's, and the disagreements. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.time.clocks import agenda, passed
from domain.values import Value
from domain.vocabulary import DeadlineKind, Disagreement

if TYPE_CHECKING:
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.time.policy import Policy

TIME_TO_FIRE = timedelta(minutes=5)
"""The time within which a deadline that passed is written. After it the deadline is overdue: something failed."""


class Armed(Value):
    """A case according to its workflow."""

    version: int
    rings_at: datetime | None
    """The instant at which its one timer rings; None while it has none."""


class Expected(Value):
    """A case according to the book and today's policy."""

    reference: str
    version: int
    due: datetime | None
    """Its next deadline."""
    kind: DeadlineKind | None = None
    """The kind of that deadline."""
    overdue: int
    """The number of its deadlines that passed longer ago than it takes to note them."""


class Finding(Value):
    """A disagreement that was found, and perhaps repaired."""

    reference: str
    """The case or the workflow it is about; empty for what concerns them all."""
    kind: Disagreement
    due: datetime | None = None
    rings_at: datetime | None = None
    overdue: int = 0
    repaired: bool = False
    cases: int = 1
    """The number of cases it is about."""
    found_at: datetime


class Sweep(Value):
    """The progress of a sweep: all that the next run of its workflow needs to go on."""

    id: str = ""
    per_second: float = 20.0
    """The most cases looked at each second, so that people's commands come through."""
    opening: timedelta = timedelta(minutes=10)
    """The age from which a workflow without a case in the book is reported: a younger one may be opening its case."""
    after: str = ""
    """The last reference of the book that was looked at."""
    cases: int = 0
    book_done: bool = False
    page: str = ""
    """The place where the engine's list of workflows goes on."""
    workflows: int = 0
    engine_done: bool = False


class Swept(Value):
    """The result of a batch of a sweep."""

    looked_at: int
    next: str
    """The place to go on: a reference, or a page of the engine's list."""
    done: bool


class Report(Value):
    """The result of a sweep."""

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
    """The version that this case's workflow should know, and the deadline it should be armed for."""
    deadlines = agenda(case, policy, calendar)
    return Expected(
        reference=case.reference,
        version=case.version,
        due=deadlines[0].due if deadlines else None,
        kind=deadlines[0].kind if deadlines else None,
        overdue=len(passed(deadlines, at - TIME_TO_FIRE)),
    )


def disagreement(expected: Expected, armed: Armed) -> Disagreement | None:
    """The gravest disagreement between book and workflow; None if they agree.

    A timer that rings *before* the next deadline is right: it is reset only when a deadline comes sooner (decision
    0006).
    """
    if armed.version > expected.version:
        return Disagreement.AHEAD
    if armed.version < expected.version:
        return Disagreement.BEHIND
    if expected.overdue:
        return Disagreement.OVERDUE
    if expected.due is not None and (armed.rings_at is None or armed.rings_at > expected.due):
        return Disagreement.LATE_TIMER
    return None
