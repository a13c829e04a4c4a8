"""The time limits of the law that a case can still meet on a day: surely, or perhaps. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar
from domain.law.limitation import LimitationClock, Nature, limitation_clocks

if TYPE_CHECKING:
    from domain.case import Case


class Chance(StrEnum):
    """The chance that a time limit can still be met."""

    RUNNING = "RUNNING"
    """Known to be open, and even counted from the earliest starting point it is not over, or it stands still."""
    DOUBTFUL = "DOUBTFUL"
    """Not known to be closed; or over according to a starting point that can be argued, or is not known."""
    UNDATED = "UNDATED"
    """There is no last day by nature: the Defender of Rights may be seized at any time."""


@dataclass(frozen=True)
class Remaining:
    """A time limit that can still be met, and how surely."""

    limit: LimitationClock
    chance: Chance


_HOLIDAYS = timedelta(days=5)
"""The time by which public holidays can put a last day off, at most: rules know no calendar of them."""
_ANY_CALENDAR = WorkingCalendar(())
_SUSPENSION = "MINEUR"
"""The row that opens nothing: it tells that others stand still."""


def remaining(case: Case, day: date, calendar: WorkingCalendar = _ANY_CALENDAR) -> tuple[Remaining, ...]:
    """The time limits that are not surely over on this day, the sure ones first."""
    found = [
        Remaining(limit, chance)
        for limit in limitation_clocks(case, calendar)
        if (chance := _chance(limit, day)) is not None
    ]
    return tuple(sorted(found, key=lambda route: list(Chance).index(route.chance)))


def _chance(limit: LimitationClock, day: date) -> Chance | None:
    if limit.nature is Nature.UNDATED:
        return None if limit.code == _SUSPENSION else Chance.UNDATED
    if limit.nature is not Nature.TIME_BAR:
        return None
    if limit.start_unknown:
        return Chance.DOUBTFUL
    sure = Chance.DOUBTFUL if limit.presumed else Chance.RUNNING
    prudent, legal = limit.deadline_prudent, limit.deadline_legal
    if prudent is None and legal is None:  # its period is stopped
        return sure
    if prudent is not None and day <= prudent:
        return sure
    return Chance.DOUBTFUL if legal is None or day <= legal + _HOLIDAYS else None
