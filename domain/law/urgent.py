"""The first things to tell whoever opens a case: proof that vanishes, the nearest time limit, facts to be dated."""

from dataclasses import dataclass
from datetime import date

from domain.complaint import Complaint
from domain.dates import WorkingCalendar
from domain.law.limitation import LimitationClock, Nature, limits_of
from domain.law.proof import foreseen
from domain.reference import evidence


@dataclass(frozen=True)
class Perishing:
    """A proof that vanishes by a known day."""

    code: str
    """The row of the table of time limits."""
    last_day: date
    """The last day on which it can safely be asked for."""
    days_left: int
    """Calendar days until then, that one included; 0 or less: it may be gone, ask all the same."""
    lever: str | None
    """The lever by which it is asked for; None if no piece of the checklist names one."""
    piece: str | None
    """The piece of the case's checklist that the letter asks for; None if it has to be added first."""


@dataclass(frozen=True)
class Urgent:
    """The first things to tell, each as far as it is known on the day of the opening."""

    perishing: tuple[Perishing, ...]
    """The soonest first."""
    nearest: LimitationClock | None
    """The time limit of the law whose prudent date comes first, of those that are not over."""
    over: tuple[LimitationClock, ...]
    """Those whose prudent date has passed already."""
    undated: tuple[LimitationClock, ...]
    """Those of which no date can be told before the facts are dated."""


def urgent(complaint: Complaint, calendar: WorkingCalendar, today: date) -> Urgent:
    """The first things to tell of a complaint on the day on which its case is opened."""
    clocks = limits_of(complaint, calendar)
    bars = [clock for clock in clocks if clock.nature is Nature.TIME_BAR]
    dated = [(clock.deadline_prudent, clock) for clock in bars if clock.deadline_prudent is not None]
    return Urgent(
        perishing=tuple(
            _perishing(clock, clock.deadline_prudent, complaint, today)
            for clock in clocks
            if clock.perishable and clock.deadline_prudent is not None
        ),
        nearest=next((clock for prudent, clock in dated if prudent >= today), None),
        over=tuple(clock for prudent, clock in dated if prudent < today),
        undated=tuple(clock for clock in clocks if clock.start_unknown and (clock.perishable or clock in bars)),
    )


def _perishing(clock: LimitationClock, last_day: date, complaint: Complaint, today: date) -> Perishing:
    item = next((item for item in foreseen(complaint) if item.perishes == clock.code), None)
    usual = item or next((item for item in evidence().values() if item.perishes == clock.code), None)
    return Perishing(
        code=clock.code,
        last_day=last_day,
        days_left=(last_day - today).days + 1,
        lever=usual.levers[0] if usual and usual.levers else None,
        piece=item.code if item else None,
    )
