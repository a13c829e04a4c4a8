"""The climb of one clock: a reminder, an alert, a higher alert, then the highest again until somebody decides.

Pure. A clock knows the day it counts from and the delay of each level; the alerts raised so far tell how far it has
come. A key is raised once: case, clock, round, level and repetition make it unique, whatever restarts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar, at_opening
from domain.levels import HEIGHT, LOWEST
from domain.time.clock_id import alert_key, in_round
from domain.time.deadline import Deadline
from domain.values import day_of
from domain.vocabulary import DeadlineKind, Level

if TYPE_CHECKING:
    from domain.parts.alert import Alert


@dataclass(frozen=True)
class Rung:
    """A level, told so many working days after the day the clock counts from."""

    level: Level
    days: int


@dataclass(frozen=True)
class Clock:
    """Something that is awaited, and from when."""

    kind: DeadlineKind
    id: str
    """See `domain.time.clock_id`. Another fact starts another clock."""
    start: date
    """The day from which is counted."""
    recorded: date
    """The day on which the fact that started it was recorded. What was late already on that day gets the grace."""
    rungs: tuple[Rung, ...]
    """Lowest level first."""
    counted: str
    part: str | None = None
    paused_since: Callable[[date], int] = lambda _: 0
    """The working days of pauses since a day, which are added to every rung."""
    at_once: bool = False
    """It gets no grace: it is told on the very day on which it was recorded."""
    opened: date = date.min
    """The day on which the case was opened. The levels above the lowest that had passed before count from it."""
    rings_at: datetime | None = None
    """The instant at which the first rung is told the first time, where nothing can wait for a day or a grace."""


@dataclass(frozen=True)
class Pace:
    """The delays of the policy that every clock has, in working days."""

    grace: int
    repeat: int


Raised = Mapping[str, Sequence["Alert"]]
"""The alerts of a case by the round of the clock that they belong to."""


def by_clock(alerts: Sequence[Alert]) -> Raised:
    """Sorts the alerts of a case once for all its clocks."""
    sorted_alerts: dict[str, list[Alert]] = {}
    for alert in alerts:
        sorted_alerts.setdefault(alert.clock, []).append(alert)
    return sorted_alerts


def climb(clock: Clock, alerts: Raised, pace: Pace, calendar: WorkingCalendar) -> Iterator[Deadline]:
    """The deadlines of a clock that are not raised yet: those of its present round, or the next repetition.

    A decision above the case worker ends a round and starts the next: from the date it sets, or from the day it was
    taken. Whatever is decided, the clock goes on until what it awaits has come.
    """
    round = _present_round(clock, alerts, pace)
    soonest = calendar.add(clock.recorded, 0 if clock.at_once else pace.grace)
    given_back = clock.paused_since(round.day)
    keys = {alert.key for alert in round.raised}
    upper = _day_of_upper_levels(clock, round, calendar)
    for rung in clock.rungs:
        if alert_key(round.id, rung.level) not in keys:
            days = round.waits[rung.level] + given_back
            day = round.day if rung is clock.rungs[0] else upper
            deadline = _deadline(clock, round, rung.level, max(calendar.add(day, days), soonest), days)
            is_at_once = round.number == 1 and rung is clock.rungs[0]
            yield deadline.model_copy(update={"due": clock.rings_at}) if clock.rings_at and is_at_once else deadline
    yield from _repetition(clock, round, pace, calendar)


def _day_of_upper_levels(clock: Clock, round: _Round, calendar: WorkingCalendar) -> date:
    """The day from which the levels above the lowest count: the opening, where they had passed before it.

    Nobody above is called at once for what had stood still before the case was known here: whoever holds it is told
    after the grace, and the others in their time from the opening, if nothing moves.
    """
    if round.number > 1 or len(clock.rungs) == 1 or round.day >= clock.opened:
        return round.day
    passed_before = calendar.add(round.day, clock.rungs[1].days) < clock.opened
    return clock.opened if passed_before else round.day


@dataclass(frozen=True)
class _Round:
    """The run of a clock since the last decision, or since its start."""

    number: int
    id: str
    day: date
    waits: dict[Level, int]
    raised: Sequence[Alert]


def _present_round(clock: Clock, alerts: Raised, pace: Pace) -> _Round:
    delays = {rung.level: rung.days for rung in clock.rungs}
    round = _Round(1, clock.id, clock.start, delays, alerts.get(clock.id, ()))
    while (decision := _decision(round.raised)) is not None:
        number = round.number + 1
        id = in_round(clock.id, number)
        day, waits = _after(decision, delays, pace)
        round = _Round(number, id, day, waits, alerts.get(id, ()))
    return round


def _after(decision: Alert, delays: dict[Level, int], pace: Pace) -> tuple[date, dict[Level, int]]:
    """The day from which the round after a decision counts, and the delay of each level."""
    if decision.until is None:
        # A level without delay would be told again on the very day of the decision.
        return day_of(_decided_at(decision)), {level: days or pace.repeat for level, days in delays.items()}
    # An extension moves the level that gave it, and lower ones, to its date; higher ones keep their distance.
    reach = HEIGHT[_authority(decision)]
    moved = max((days for level, days in delays.items() if HEIGHT[level] <= reach), default=0)
    return decision.until, {level: max(0, days - moved) for level, days in delays.items()}


def _decision(raised: Sequence[Alert]) -> Alert | None:
    """The decision that ends a round: the last one of the highest authority, above the case worker."""
    above = [a for a in raised if a.answered_at is not None and a.authority not in (None, LOWEST)]
    return max(above, key=lambda a: (HEIGHT[_authority(a)], _decided_at(a)), default=None)


def _authority(decision: Alert) -> Level:
    return decision.authority or decision.level


def _decided_at(decision: Alert) -> datetime:
    return decision.answered_at or decision.due


def _repetition(clock: Clock, round: _Round, pace: Pace, calendar: WorkingCalendar) -> Iterator[Deadline]:
    """The highest level again, if it was told and nobody has decided."""
    top = clock.rungs[-1].level
    earlier = [alert for alert in round.raised if alert.level is top]
    if top is LOWEST or not earlier:
        return
    # Count from the day it was told, not from the day it was due: after an outage, once and not once for each delay.
    due = calendar.add(day_of(max(alert.raised_at for alert in earlier)), pace.repeat)
    yield _deadline(clock, round, top, due, pace.repeat, times=len(earlier) + 1)


def _deadline(clock: Clock, round: _Round, level: Level, due: date, days: int, times: int = 1) -> Deadline:
    if times > 1:
        counted = "Again. Working days after the last alert: {days}."
    elif round.number > 1:
        counted = "Working days after the date of the last decision: {days}."
    else:
        counted = clock.counted
    return Deadline.model_construct(
        kind=clock.kind,
        clock=round.id,
        level=level,
        due=at_opening(due),
        part=clock.part,
        counted=counted,
        days=days,
        times=times,
    )
