"""The days that are not ours to move, and the notices before them: a time limit of the law ends, or proof is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar, at_opening
from domain.law.limitation import LimitationClock, Nature, limitation_clocks
from domain.time.clock_id import ClockForm, ClockId, clock_of, count_over
from domain.time.deadline import Deadline
from domain.values import day_of
from domain.vocabulary import DeadlineKind, Level, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.alert import Alert

_SHORT = timedelta(days=93)
"""Time limits of three months or less are recalled more closely."""
_NOTICED = frozenset({Nature.TIME_BAR, Nature.PERISHABLE})

OF_LIMITS = frozenset({DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE})
"""Set by the law or by the world, and nobody can put them off: whoever answers for one is told at once."""

OF_THE_CLOSURE = frozenset({DeadlineKind.RETENTION, DeadlineKind.ARCHIVE_END, DeadlineKind.ARCHIVE_REVIEW})
"""Counted from the closure of a case, which may lie long before the day on which it came here."""

Subject = tuple[str, DeadlineKind, str | None]
"""The row of the table or the piece, the kind, and the part of a limit: its notices have the same."""


@dataclass(frozen=True)
class Limit:
    """A day that is not ours to move."""

    kind: DeadlineKind
    of: str
    """A row of the table of time limits or, if there is a part, its id."""
    day: date
    known: date
    """The first day on which notice of it could be given."""
    short: bool
    part: str | None = None
    last: date | None = None
    """The latest day on which it can be argued to end; None when no such date can be promised."""

    @property
    def was_over(self) -> bool:
        """True if it was surely over before anybody here knew of it: there was never a day on which to be told."""
        return self.last is not None and self.last < self.known

    @property
    def subject(self) -> Subject:
        """The same for every notice before this limit."""
        return self.of, self.kind, self.part


def subject_of(notice: Deadline | Alert) -> Subject:
    """The subject of the limit that a notice, or the alert raised for it, is about."""
    return ClockId.parse(notice.clock).fact("of"), notice.kind, notice.part


def limits(case: Case, calendar: WorkingCalendar) -> Iterator[Limit]:
    """The time limits of the law and the proof that perishes, while they can still be lost."""
    if case.step in (Step.CLOSED, Step.ERASED):
        return
    opened = day_of(case.opened_at)
    for clock in limitation_clocks(case, calendar):
        if clock.deadline_prudent is not None and clock.nature in _NOTICED:
            yield _limit_of_law(clock, clock.deadline_prudent, opened)
    for piece in case.pieces:
        if piece.perishes_on is not None and piece.is_unexplained:
            since = piece.known_since or opened
            day = piece.perishes_on
            yield Limit(DeadlineKind.PERISHABLE, piece.id, day, since, short=True, part=piece.id, last=day)


def _limit_of_law(clock: LimitationClock, prudent: date, opened: date) -> Limit:
    kind = DeadlineKind.PERISHABLE if clock.perishable else DeadlineKind.LIMITATION
    short = clock.perishable or (clock.start is not None and prudent - clock.start <= _SHORT)
    return Limit(kind, clock.code, prudent, opened, short, last=clock.deadline_legal)


def over_when_known(case: Case, calendar: WorkingCalendar) -> tuple[Limit, ...]:
    """The limits that were over before anybody here knew of them, but for those that an alert of their own tells of."""
    over = [limit for limit in limits(case, calendar) if limit.was_over]
    told = {subject_of(alert) for alert in case.alerts if alert.kind in OF_LIMITS} if over else set()
    return tuple(limit for limit in over if limit.subject not in told)


def was_over(kind: DeadlineKind, text: str, opened: date) -> bool:
    """True for an alert about what was over when its case was opened: a limit, a proof, the retention of a closed case.

    It is told in a line of the digest, never in a mail of its own. `text` is its key, or the id of its clock.
    """
    if kind in OF_THE_CLOSURE:
        return date.fromisoformat(clock_of(text).fact("day")) < opened
    return kind is DeadlineKind.OVER


def told_over(alerts: Sequence[Alert]) -> int:
    """The number of such limits that the alerts of a case have told of: each is told of once, all in one line."""
    return max((count_over(alert.clock) or 0 for alert in alerts if alert.kind is DeadlineKind.OVER), default=0)


@lru_cache(maxsize=16_384)  # asked at every step, and nothing moves them
def notices_before(limit: Limit, notices: tuple[int, ...], calendar: WorkingCalendar) -> tuple[Deadline, ...]:
    """The notices before a limit, so many calendar days before it, each on a working day.

    Of those that lie before the limit was known, the last is given at once: the others say nothing more.
    """
    days = [
        (calendar.last_before(limit.day - timedelta(days=n)), n, level)
        for n, level in zip(notices, _levels(len(notices)), strict=True)
    ]
    missed = [notice for notice in days if notice[0] <= limit.known]
    form = ClockForm.LIMIT if limit.part is None else ClockForm.PERISHES
    counted = (
        "Calendar days before the prudent date of a time limit of the law: {days}."
        if limit.part is None
        else "Calendar days before the day on which the piece perishes: {days}."
    )
    return tuple(
        Deadline.model_construct(
            kind=limit.kind,
            clock=form.id(of=limit.of, day=limit.day, days_before=n),
            level=level,
            due=at_opening(max(day, limit.known)),
            part=limit.part,
            counted=counted,
            days=n,
            times=1,
        )
        for day, n, level in (*missed[-1:], *days[len(missed) :])
    )


def _levels(notices: int) -> Iterator[Level]:
    """The level of each notice: the plan lead for the last, the supervisor for the two before, else the case worker."""
    for left in reversed(range(notices)):
        yield Level.PLAN_LEAD if left == 0 else Level.SUPERVISOR if left <= 2 else Level.CASE_WORKER
