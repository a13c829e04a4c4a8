"""The calendar of working days in France, from the library `holidays`."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from holidays import country_holidays

from domain.dates import WorkingCalendar


class _PublicHolidays:
    """The public holidays of metropolitan France (C. trav. L3133-1), year by year as they are asked for."""

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _year(day.year)

    def __iter__(self) -> Iterator[date]:
        raise TypeError("the holidays have no end")

    def __len__(self) -> int:
        raise TypeError("the holidays have no end")


@cache
def _year(year: int) -> frozenset[date]:
    return frozenset(country_holidays("FR", years=year))


@cache
def french_calendar() -> WorkingCalendar:
    """Monday to Friday, less the eleven public holidays."""
    return WorkingCalendar(_PublicHolidays())
