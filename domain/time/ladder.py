"""How one clock climbs: a reminder, an alert, a higher alert, then the highest again and again until somebody decides.

Pure. A clock knows the day it counts from and what each level waits for; the alerts that were raised tell how far it
has come. A key is raised once: case, clock, round, level and repetition make it unique, whatever restarts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
    """When a level is told: so many working days after the day the clock counts from."""

    level: Level
    days: int


@dataclass(frozen=True)
class Clock:
    """Something that is awaited."""

    kind: DeadlineKind
    id: str
    """Its kind, its part or step, and the version of the fact that started it: another fact, another clock."""
    start: date
    """The day from which is counted."""
    recorded: date
    """The day on which the fact that started it was recorded: what was late already then gets the grace."""
    rungs: tuple[Rung, ...]
    """Lowest level first."""
    counted: str
    part: str | None = None
    paused_since: Callable[[date], int] = lambda _: 0
    """Working days of pauses since a day: they are given back, added to every rung."""


@dataclass(frozen=True)
class Pace:
    """What the policy says of every clock: working days."""

    grace: int
    repeat: int


Raised = Mapping[str, Sequence["Alert"]]
"""The alerts of a case by the round of the clock that they belong to."""


def by_clock(alerts: Sequence[Alert]) -> Raised:
    """Sorts the alerts of a case once for all its clocks."""
    found: dict[str, list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.clock, []).append(alert)
    return found


def climb(clock: Clock, alerts: Raised, pace: Pace, calendar: WorkingCalendar) -> Iterator[Deadline]:
    """The deadlines of a clock that are not raised yet: those of its present round, or the next repetition.

    A decision by a supervisor or a plan lead ends a round and starts the next: from the date it sets, or from the day
    it was taken. No decision is the last that is heard of a clock while what is awaited has not come.
    """
    round = _present_round(clock, alerts, pace)
    soonest = calendar.add(clock.recorded, pace.grace)
    given_back = clock.paused_since(round.day)
    keys = {alert.key for alert in round.raised}
    for rung in clock.rungs:
        if alert_key(round.id, rung.level) not in keys:
            days = round.waits[rung.level] + given_back
            yield _deadline(clock, round, rung.level, max(calendar.add(round.day, days), soonest), days)
    yield from _repetition(clock, round, pace, calendar)


@dataclass(frozen=True)
class _Round:
    """How a clock runs since the last decision, or from its start."""

    number: int
    id: str
    day: date
    waits: dict[Level, int]
    raised: Sequence[Alert]


def _present_round(clock: Clock, alerts: Raised, pace: Pace) -> _Round:
    number, id, day = 1, clock.id, clock.start
    waits = {rung.level: rung.days for rung in clock.rungs}
    while True:
        raised = alerts.get(id, ())
        decision = _decision(raised)
        if decision is None or decision.answered_at is None or decision.authority is None:
            return _Round(number, id, day, waits, raised)
        number += 1
        id = in_round(clock.id, number)
        if decision.until is not None:
            # Whoever gave more time hears again on that day, and those below; those above as much later as ever.
            told = max(
                (rung.days for rung in clock.rungs if HEIGHT[rung.level] <= HEIGHT[decision.authority]),
                default=0,
            )
            day, waits = decision.until, {rung.level: max(0, rung.days - told) for rung in clock.rungs}
        else:
            # What is told without delay would be told again on the very day of the decision.
            day, waits = day_of(decision.answered_at), {rung.level: rung.days or pace.repeat for rung in clock.rungs}


def _decision(raised: Sequence[Alert]) -> Alert | None:
    """The decision that ends a round: the last of the highest above the case worker."""
    above = [a for a in raised if a.answered_at is not None and a.authority not in (None, LOWEST)]
    return max(above, key=lambda a: (HEIGHT[a.authority or a.level], a.answered_at or a.due), default=None)


def _repetition(clock: Clock, round: _Round, pace: Pace, calendar: WorkingCalendar) -> Iterator[Deadline]:
    """The highest level again, if it was told and nobody has decided."""
    top = clock.rungs[-1].level
    told = [alert for alert in round.raised if alert.level is top]
    if top is LOWEST or not told:
        return
    # From when it was told, not from when it was due: after an outage it is told once, not once for each delay missed.
    due = calendar.add(day_of(max(alert.raised_at for alert in told)), pace.repeat)
    yield _deadline(clock, round, top, due, pace.repeat, times=len(told) + 1)


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
