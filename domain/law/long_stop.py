"""The long stop: a right is over twenty years after it was born, whatever moved its period (C. civ. 2232)."""

from datetime import date

from domain.counting import Counted, Mode, Period, count, in_words
from domain.dates import WorkingCalendar
from domain.law.entered import Toll
from domain.law.grounds import TollGround
from domain.law.situation import Situation
from domain.reference import LimitationPeriod

_TWENTY_YEARS = Period(years=20)
_BODILY_HARM = "CIVIL_CORPOREL"
_ALSO_IN_LAW = frozenset({"CIVIL_GENERAL"})
"""The rows whose legal date it moves too. For the others that is open to argument: it moves the prudent date only."""


def before_the_long_stop(
    row: LimitationPeriod, counted: Counted, situation: Situation, calendar: WorkingCalendar, tolls: tuple[Toll, ...]
) -> Counted:
    """The count of a row, cut where the long stop comes first.

    It does not apply after a court action (2241), nor to bodily harm (2226). Prudently the right is born on the first
    day of the facts, and the rule reaches the special periods of discrimination at work too, which is open to argument.
    """
    first, last = situation.first, situation.last
    if first is None or last is None or not _applies(row, tolls):
        return counted
    prudent = _sooner(counted.deadline_prudent, _stop(first, calendar).deadline_prudent)
    legal = counted.deadline_legal
    if row.code in _ALSO_IN_LAW:
        legal = _sooner(legal, _stop(last, calendar).deadline_legal)
    if prudent is None or (prudent, legal) == (counted.deadline_prudent, counted.deadline_legal):
        return counted
    return Counted(
        deadline_legal=legal,
        deadline_prudent=prudent,
        how=(*counted.how, in_words("Twenty years after the right was born it is over in any case (C. civ. 2232).")),
        how_prudent=(*counted.how_prudent, in_words("Prudently it ends on {prudent}.", prudent=prudent)),
    )


def _applies(row: LimitationPeriod, tolls: tuple[Toll, ...]) -> bool:
    sued = any(t.ground is TollGround.COURT_ACTION and not t.undone and row.code in t.clocks for t in tolls)
    return row.mode is Mode.PRESCRIPTION and row.code != _BODILY_HARM and not sued


def _stop(day: date, calendar: WorkingCalendar) -> Counted:
    return count(Mode.PRESCRIPTION, day, _TWENTY_YEARS, calendar, from_midnight=False)


def _sooner(counted: date | None, stop: date | None) -> date | None:
    """The earlier of the two; None if the period has no date to begin with."""
    return counted and min(counted, stop or counted)
