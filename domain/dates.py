"""Working days, and arithmetic of dates. The holidays are passed in: this module knows no calendar but the week."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from domain.values import PARIS

_DAY = timedelta(days=1)
OFFICE_OPENS = time(9, 0)
"""The hour at which a deadline counted in days rings: somebody is there to hear it."""


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked: Monday to Friday, less the public holidays (C. trav. L3133-1)."""

    holidays: Collection[date]

    def is_working(self, day: date) -> bool:
        """True if offices are open that day."""
        return day.weekday() < 5 and day not in self.holidays

    def add(self, day: date, working_days: int) -> date:
        """The working day that many working days after `day`, which itself does not count.

        With 0, `day` itself or the next working day.
        """
        return _add(self, day, working_days)

    def last_before(self, day: date) -> date:
        """`day` itself or the working day before it: when somebody must still be told in time."""
        while not self.is_working(day):
            day -= _DAY
        return day

    def back(self, day: date, working_days: int) -> date:
        """The working day that many working days before `day`, which itself does not count."""
        while working_days > 0:
            day -= _DAY
            working_days -= self.is_working(day)
        return day

    def between(self, first: date, last: date) -> int:
        """The number of working days from `first` to `last`, both counted."""
        return sum(self.is_working(first + n * _DAY) for n in range((last - first).days + 1))


@lru_cache(maxsize=16_384)  # a case asks for the same few days at every step
def _add(calendar: WorkingCalendar, day: date, working_days: int) -> date:
    while working_days > 0:
        day += _DAY
        working_days -= calendar.is_working(day)
    while not calendar.is_working(day):
        day += _DAY
    return day


@lru_cache(maxsize=4_096)
def at_opening(day: date) -> datetime:
    """The instant at which offices open in Paris on that day, whatever the clocks do in March and October."""
    return datetime.combine(day, OFFICE_OPENS, PARIS).astimezone(UTC)


def years_after(day: date, years: int) -> date:
    """The same day that many years later; 28 February when there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_after(day: date, months: int) -> date:
    """The same day that many months later; the last day of the month when it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - _DAY
    return min(first + timedelta(days=day.day - 1), last)
