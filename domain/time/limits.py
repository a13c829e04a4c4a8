"""The days that are not ours to move, and the notices before them: a time limit of the law ends, or proof is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar, at_opening
from domain.law.limitation import LimitationClock, Nature, limitation_clocks
from domain.time.clock_id import ClockForm, ClockId
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
            yield Limit(DeadlineKind.PERISHABLE, piece.id, piece.perishes_on, since, short=True, part=piece.id)


def _limit_of_law(clock: LimitationClock, prudent: date, opened: date) -> Limit:
    kind = DeadlineKind.PERISHABLE if clock.perishable else DeadlineKind.LIMITATION
    short = clock.perishable or (clock.start is not None and prudent - clock.start <= _SHORT)
    return Limit(kind, clock.code, prudent, opened, short)


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
