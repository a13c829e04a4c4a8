"""The legal ways of counting a period: how long, from when, to the end of which day, and why.

Every count gives two dates. `deadline_legal` is the latest last day that can be argued; `deadline_prudent` the
earliest that can be held against the person: without the extension to a working day, without the franc day, and with
the first day counted where decisions differ. Alerts go by the prudent one.

What the modes rest on:

- PRESCRIPTION: whole days, acquired when the last is over, never extended (C. civ. 2228, 2229; Cass. 2e civ.
  7 avr. 2016 n° 15-12.960). Cass. 1re civ. 12 déc. 2018 n° 17-25.697 refuses the "same day of the month" of CPC 641 for
  a period that ran from 0:00 of its first day: five years from 19 June 2008 at 0:00 end on 18 June 2013 at 24:00. When
  an event in the course of a day starts it, that day is begun and does not count (whole days, C. civ. 2228), which
  gives the same day of the month back. Hence `from_midnight`, and the day before as the prudent date.
- PENAL: the same; Crim. 8 janv. 2018 n° 16-86.735: it runs from the day after, from one day of the month to the same,
  and ends at midnight; no extension for the press (TGI Paris 17e ch. 29 oct. 2003).
- FORCLUSION, MINIMUM: counted likewise. That a foreclosure is not extended is the cautious reading: no text says so.
- PROCEDURE: CPC 640 to 642.
- FRANC: neither the first nor the last day counts; then the next working day (CJA R421-1 and its case law).
- CALENDAR: date to date, never extended, where no text that extends it was seen.
- EU: a period of European Union law: the day of the event does not count, and a last day that is not worked gives way
  to the next working day (Regulation 1182/71 art. 3).
- YEAR_START: from 1 January of the year after (loi 68-1250 art. 1).

Pure: days, never hours, so that no change of the clocks can move anything.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.dates import WorkingCalendar
from domain.errors import fill
from domain.values import Value

_DAY = timedelta(days=1)


class Mode(StrEnum):
    """A way of counting: the column `computation_mode` of limitation_periods.csv."""

    PRESCRIPTION = "PRESCRIPTION"
    PROCEDURE = "PROCEDURE"
    FRANC = "FRANC"
    CALENDAR = "CALENDAR"
    EU = "EU"
    YEAR_START = "YEAR_START"
    MINIMUM = "MINIMUM"
    PENAL = "PENAL"
    FORCLUSION = "FORCLUSION"
    SUSP = "SUSP"
    """Suspended until a day that is not known: no date."""
    NONE = "NONE"
    """No time limit: no date."""


class Sentence(NamedTuple):
    """A sentence: an English template, which is a key of the message catalogue, and what to put into it."""

    template: str
    params: Mapping[str, str | int | date]

    def __str__(self) -> str:
        return fill(self.template, self.params)


def in_words(template: str, **params: str | int | date) -> Sentence:
    """A sentence that can be translated."""
    return Sentence(template, params)


# --- Periods ---------------------------------------------------------------------------------------------

_ISO_PERIOD = re.compile(r"P(?=[0-9])(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})D)?")


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as the law writes it. Twelve months and one year are as long, and stay two ways of saying it."""

    years: int = 0
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Reads ISO 8601: P5Y, P12M, P15D. ValueError for anything else, and for no time at all."""
        parts = _ISO_PERIOD.fullmatch(text)
        period = cls(*(int(number or 0) for number in parts.groups())) if parts else cls()
        if period == cls():
            raise ValueError(f"{text!r} is not a period such as P5Y, P12M or P15D")
        return period

    def after(self, day: date) -> date:
        """The same day of the month that much later; the last of the month if it has none such (CPC 641 al. 2)."""
        year, month = divmod(day.year * 12 + day.month - 1 + self.years * 12 + self.months, 12)
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last)) + self.days * _DAY

    def has_no_same_day(self, day: date) -> bool:
        """True if the month in which it ends has no such day of the month (31 January and one month)."""
        return (self.years or self.months) > 0 and Period(self.years, self.months).after(day).day != day.day

    def in_words(self) -> Sentence:
        """Its length, in one sentence."""
        if self.months:
            months = self.years * 12 + self.months
            return (
                in_words("The period is one month.")
                if months == 1
                else in_words("The period is {number} months.", number=months)
            )
        if self.years:
            return (
                in_words("The period is one year.")
                if self.years == 1
                else in_words("The period is {number} years.", number=self.years)
            )
        return in_words("The period is {number} days.", number=self.days)


class Counted(Value):
    """The last day of a period, in law and prudently, with its count. Both are None when no date can be computed."""

    deadline_legal: date | None = None
    """The latest last day that can be argued. The act may be done until midnight."""
    deadline_prudent: date | None = None
    """The earliest last day that can be held against the person; never after the legal one."""
    how: tuple[Sentence, ...] = ()
    """The count of the legal date, in sentences that a jurist can check."""
    how_prudent: tuple[Sentence, ...] = ()
    """The reasons for which the prudent date is another."""

    @property
    def steps(self) -> tuple[Sentence, ...]:
        """The whole count, in words."""
        return self.how + self.how_prudent


# --- The ways of counting --------------------------------------------------------------------------------


def count(
    mode: Mode, start: date, period: Period | None, calendar: WorkingCalendar, *, from_midnight: bool = True
) -> Counted:
    """The last day of `period` counted from `start` in this way, in law and prudently.

    `from_midnight` matters to PRESCRIPTION, PENAL, FORCLUSION and MINIMUM: the period runs from 0:00 of `start` (a law
    comes into force), which therefore counts. Say False when something that happened in the course of that day starts
    it: the day does not count in law, and prudently does.
    """
    if period is None or mode in (Mode.SUSP, Mode.NONE):
        words = (
            in_words("It is suspended until a day that is not known: no date can be computed.")
            if mode is Mode.SUSP
            else in_words("There is no time limit.")
        )
        return Counted(how=(words,))
    if mode in _FIRST_DAY:
        return _in_whole_days(mode, start, period, calendar, from_midnight)
    if mode is Mode.PROCEDURE:
        return _procedure(start, period, calendar)
    if mode is Mode.FRANC:
        return _franc(start, period, calendar)
    if mode is Mode.EU:
        return _european(start, period, calendar)
    if mode is Mode.YEAR_START:
        return _from_new_year(start, period)
    return _date_to_date(start, period)


_FIRST_DAY = {
    Mode.PRESCRIPTION: "{start} is a day already begun and does not count: it is counted in whole days (C. civ. 2228).",
    Mode.PENAL: "{start} does not count: it runs from the day after (Crim. 8 January 2018, no. 16-86.735).",
    Mode.FORCLUSION: "{start} is a day already begun and does not count.",
    Mode.MINIMUM: "At least this long remains from {start}, which does not count (C. civ. 2238, 2239, CJA L213-6).",
}
_LAST_DAY = {
    Mode.PRESCRIPTION: "The last day is {end}, until midnight (C. civ. 2229).",
    Mode.PENAL: "The last day is {end}, until midnight.",
    Mode.FORCLUSION: "The last day is {end}, until midnight.",
    Mode.MINIMUM: "The last day is {end}, until midnight (C. civ. 2229).",
}
_NOT_EXTENDED = {
    Mode.PRESCRIPTION: "{end} is not worked, and that moves nothing: CPC 641 and 642 do not apply "
    "(Cass. 2e civ. 7 April 2016, no. 15-12.960).",
    Mode.PENAL: "{end} is not worked, and that moves nothing: CPP 801 does not apply to it "
    "(TGI Paris 29 October 2003, for the press).",
    Mode.FORCLUSION: "{end} is not worked; no text was seen that moves it to the next working day.",
    Mode.MINIMUM: "{end} is not worked, and that moves nothing: CPC 641 and 642 do not apply "
    "(Cass. 2e civ. 7 April 2016, no. 15-12.960).",
}


def _in_whole_days(mode: Mode, start: date, period: Period, calendar: WorkingCalendar, from_midnight: bool) -> Counted:
    same_day = period.after(start)
    prudent = same_day - _DAY
    legal = prudent if from_midnight and not period.has_no_same_day(start) else same_day
    how = [period.in_words()]
    if from_midnight:
        how.append(
            in_words(
                "{start} counts: it runs from midnight (Cass. 1re civ. 12 December 2018, no. 17-25.697).", start=start
            )
        )
    else:
        how.append(in_words(_FIRST_DAY[mode], start=start))
    how += _month_end(start, period)
    how.append(in_words(_LAST_DAY[mode], end=legal))
    if not calendar.is_working(legal):
        how.append(in_words(_NOT_EXTENDED[mode], end=legal))
    how_prudent = (
        (in_words("Prudently it ends on {prudent}, as if its first day counted.", prudent=prudent),)
        if prudent < legal
        else ()
    )
    return Counted(deadline_legal=legal, deadline_prudent=prudent, how=tuple(how), how_prudent=how_prudent)


def _procedure(start: date, period: Period, calendar: WorkingCalendar) -> Counted:
    end = period.after(start)
    legal = calendar.add(end, 0)
    how = [
        period.in_words(),
        in_words("{start}, the day of the event, does not count (CPC 640, 641).", start=start),
        *_month_end(start, period),
        in_words("It ends on {end} at midnight (CPC 641, 642).", end=end),
    ]
    how_prudent: tuple[Sentence, ...] = ()
    if legal > end:
        how.append(in_words("{end} is not worked: the next working day is {legal} (CPC 642).", end=end, legal=legal))
        how_prudent = (in_words("Prudently it ends on {prudent}, without the extension.", prudent=end),)
    return Counted(deadline_legal=legal, deadline_prudent=end, how=tuple(how), how_prudent=how_prudent)


def _franc(start: date, period: Period, calendar: WorkingCalendar) -> Counted:
    end = period.after(start)
    free = end + _DAY
    legal = calendar.add(free, 0)
    how = [
        period.in_words(),
        in_words("{start}, the day of the event, does not count.", start=start),
        *_month_end(start, period),
        in_words(
            "It is a period of clear days: {end} does not count either, {free} is the last day.", end=end, free=free
        ),
    ]
    if legal > free:
        how.append(in_words("{free} is not worked: the next working day is {legal}.", free=free, legal=legal))
    how_prudent = (
        in_words("Prudently it ends on {prudent}, without the clear day and without any extension.", prudent=end),
    )
    return Counted(deadline_legal=legal, deadline_prudent=end, how=tuple(how), how_prudent=how_prudent)


def _european(start: date, period: Period, calendar: WorkingCalendar) -> Counted:
    end = period.after(start)
    legal = calendar.add(end, 0)
    how = [
        period.in_words(),
        in_words("{start}, the day of the event, does not count (Regulation 1182/71 art. 3).", start=start),
        *_month_end(start, period),
        in_words("It ends on {end} at midnight.", end=end),
    ]
    if legal > end:
        how.append(
            in_words(
                "{end} is not worked: the next working day is {legal} (Regulation 1182/71 art. 3 (4)).",
                end=end,
                legal=legal,
            )
        )
    return Counted(deadline_legal=legal, deadline_prudent=end, how=tuple(how))


def _date_to_date(start: date, period: Period) -> Counted:
    end = period.after(start)
    how = (
        period.in_words(),
        in_words("{start}, the day of the event, does not count.", start=start),
        *_month_end(start, period),
        in_words("It ends on {end}, date to date; no text was seen that would extend it.", end=end),
    )
    return Counted(deadline_legal=end, deadline_prudent=end, how=how)


def _from_new_year(start: date, period: Period) -> Counted:
    begins = date(start.year + 1, 1, 1)
    end = period.after(begins) - _DAY
    how = (
        period.in_words(),
        in_words(
            "It runs from {begins}, first day of the year after {start} (loi 68-1250 art. 1).",
            begins=begins,
            start=start,
        ),
        in_words("The last day is {end}, until midnight.", end=end),
    )
    return Counted(deadline_legal=end, deadline_prudent=end, how=how)


def _month_end(start: date, period: Period) -> tuple[Sentence, ...]:
    if not period.has_no_same_day(start):
        return ()
    return (in_words("Its last month has no day {day}: its last day is taken instead.", day=start.day),)
