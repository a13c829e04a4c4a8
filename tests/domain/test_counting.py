"""Counting a period of law: the textbook cases, holidays, ends of months, and what must hold whatever the dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.calendar import french_calendar
from domain.counting import Counted, Mode, Period, count
from domain.dates import WorkingCalendar
from domain.reference import _limitation_period, _rows, limitation_periods, limitation_table_version

FRANCE = french_calendar()
WEEKS_ONLY = WorkingCalendar(())
DAY = timedelta(days=1)
NEVER_EXTENDED = (Mode.PRESCRIPTION, Mode.PENAL, Mode.FORCLUSION, Mode.MINIMUM, Mode.CALENDAR, Mode.YEAR_START)
WHOLE_DAYS = (Mode.PRESCRIPTION, Mode.PENAL, Mode.FORCLUSION, Mode.MINIMUM)
DATED = (*NEVER_EXTENDED, Mode.PROCEDURE, Mode.FRANC)

days = st.dates(date(2000, 1, 1), date(2050, 12, 31))
periods = st.sampled_from(sorted({r.period for r in limitation_periods().values() if r.period}, key=str))
modes = st.sampled_from(DATED)
quick = settings(deadline=None, max_examples=150)


def d(text: str) -> date:
    return date.fromisoformat(text)


def counted(mode: str, start: str, period: str, from_midnight: bool = True) -> Counted:
    return count(Mode(mode), d(start), Period.parse(period), FRANCE, from_midnight=from_midnight)


def ends(mode: str, start: str, period: str, from_midnight: bool = True) -> tuple[str, str]:
    """The legal last day and the prudent one."""
    result = counted(mode, start, period, from_midnight)
    return str(result.deadline_legal), str(result.deadline_prudent)


# --- The vectors of the domain's facts (section 4.3) ---


@pytest.mark.parametrize(
    ("mode", "start", "period", "legal"),
    [
        ("FRANC", "2022-11-03", "P2M", "2023-01-04"),
        ("FRANC", "2007-10-01", "P2M", "2007-12-03"),  # 2 December is a Sunday
        ("FRANC", "2024-11-12", "P2M", "2025-01-13"),
        ("PRESCRIPTION", "2008-06-19", "P5Y", "2013-06-18"),  # Cass. 1re civ. 12 December 2018, no. 17-25.697
        ("PRESCRIPTION", "2011-04-24", "P5Y", "2016-04-23"),  # a Saturday
        ("PROCEDURE", "2016-03-23", "P1M", "2016-04-25"),  # the same Saturday
        ("PROCEDURE", "2026-01-31", "P1M", "2026-03-02"),  # 28 February is a Saturday
    ],
)
def test_the_vectors(mode: str, start: str, period: str, legal: str) -> None:
    assert ends(mode, start, period)[0] == legal


# --- Each way of counting ---


def test_an_event_in_the_course_of_a_day_leaves_that_day_out_and_prudently_counts_it() -> None:
    assert ends("PRESCRIPTION", "2008-06-19", "P5Y", from_midnight=False) == ("2013-06-19", "2013-06-18")
    assert ends("PENAL", "2020-10-14", "P6Y", from_midnight=False) == ("2026-10-14", "2026-10-13")


def test_a_limitation_period_ends_on_a_sunday_or_on_christmas_day() -> None:
    assert ends("PRESCRIPTION", "2021-12-25", "P5Y", from_midnight=False) == ("2026-12-25", "2026-12-24")
    assert ends("PENAL", "2025-11-03", "P3M", from_midnight=False)[0] == "2026-02-03"
    assert ends("PENAL", "2026-02-03", "P3M", from_midnight=False)[0] == "2026-05-03"  # a Sunday
    assert ends("FORCLUSION", "2025-05-01", "P12M", from_midnight=False)[0] == "2026-05-01"


@pytest.mark.parametrize(
    ("mode", "start", "period", "legal", "prudent"),
    [
        ("PROCEDURE", "2026-04-24", "P1M", "2026-05-26", "2026-05-24"),  # Sunday, then Whit Monday
        ("FRANC", "2026-03-24", "P2M", "2026-05-26", "2026-05-24"),
        ("FRANC", "2026-03-22", "P2M", "2026-05-26", "2026-05-22"),  # Friday, then three days off
        ("PROCEDURE", "2026-04-01", "P1M", "2026-05-04", "2026-05-01"),  # 1 May is a Friday
        ("FRANC", "2026-02-28", "P2M", "2026-04-29", "2026-04-28"),
        ("FRANC", "2026-02-06", "P2M", "2026-04-07", "2026-04-06"),  # Easter Monday is the day that does not count
        ("PROCEDURE", "2026-04-29", "P15D", "2026-05-15", "2026-05-14"),  # Ascension
        ("FRANC", "2027-10-31", "P2M", "2028-01-03", "2027-12-31"),  # Friday, then New Year's Day and a week-end
    ],
)
def test_holidays(mode: str, start: str, period: str, legal: str, prudent: str) -> None:
    assert ends(mode, start, period) == (legal, prudent)


@pytest.mark.parametrize(
    ("mode", "start", "period", "legal", "prudent"),
    [
        ("FRANC", "2025-12-31", "P2M", "2026-03-02", "2026-02-28"),  # 1 March is a Sunday
        ("FRANC", "2026-12-31", "P2M", "2027-03-01", "2027-02-28"),
        ("FRANC", "2027-12-31", "P2M", "2028-03-01", "2028-02-29"),
        ("PRESCRIPTION", "2028-02-29", "P1Y", "2029-02-28", "2029-02-27"),
        ("PRESCRIPTION", "2028-03-01", "P1Y", "2029-02-28", "2029-02-28"),
        ("PRESCRIPTION", "2027-02-28", "P1Y", "2028-02-27", "2028-02-27"),
        ("PRESCRIPTION", "2024-02-29", "P4Y", "2028-02-28", "2028-02-28"),
        ("CALENDAR", "2026-01-31", "P1M", "2026-02-28", "2026-02-28"),
        ("CALENDAR", "2026-02-28", "P1M", "2026-03-28", "2026-03-28"),
        ("CALENDAR", "2026-01-31", "P8D", "2026-02-08", "2026-02-08"),
        ("PENAL", "2027-11-30", "P3M", "2028-02-29", "2028-02-28"),
    ],
)
def test_ends_of_months_and_leap_years(mode: str, start: str, period: str, legal: str, prudent: str) -> None:
    assert ends(mode, start, period) == (legal, prudent)


def test_an_event_on_29_february_ends_on_the_28th_and_prudently_the_27th() -> None:
    assert ends("PENAL", "2028-02-29", "P1Y", from_midnight=False) == ("2029-02-28", "2029-02-27")


def test_a_debt_of_a_public_body_runs_from_new_year() -> None:
    assert ends("YEAR_START", "2026-01-01", "P4Y") == ends("YEAR_START", "2026-12-31", "P4Y") == ("2030-12-31",) * 2


@pytest.mark.parametrize("mode", [Mode.SUSP, Mode.NONE])
def test_where_no_date_can_be_computed_that_is_said(mode: Mode) -> None:
    found = count(mode, d("2026-01-31"), Period(years=5), FRANCE)
    assert (found.deadline_legal, found.deadline_prudent) == (None, None)
    assert len(found.steps) == 1


def test_twelve_months_are_a_year_and_are_said_as_they_are_written() -> None:
    assert ends("PRESCRIPTION", "2026-02-20", "P12M") == ends("PRESCRIPTION", "2026-02-20", "P1Y")
    said = [str(counted("PRESCRIPTION", "2026-02-20", p).steps[0]) for p in ("P12M", "P1Y", "P1M", "P5Y", "P8D")]
    assert said == [f"The period is {n}." for n in ("12 months", "one year", "one month", "5 years", "8 days")]


@pytest.mark.parametrize("text", ["", "P", "5Y", "P5", "PT5H", "P0D", "P1W", "p5y", "P5Y ", "NONE", "P-1D"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(text)


# --- In words ---


def test_a_count_can_be_checked_by_a_jurist() -> None:
    assert [str(words) for words in counted("PROCEDURE", "2026-01-31", "P1M").steps] == [
        "The period is one month.",
        "2026-01-31, the day of the event, does not count (CPC 640, 641).",
        "Its last month has no day 31: its last day is taken instead.",
        "It ends on 2026-02-28 at midnight (CPC 641, 642).",
        "2026-02-28 is not worked: the next working day is 2026-03-02 (CPC 642).",
        "Prudently it ends on 2026-02-28, without the extension.",
    ]


@quick
@given(modes, days, periods, st.booleans())
def test_every_sentence_is_filled_in_and_names_both_dates(
    mode: Mode, start: date, period: Period, from_midnight: bool
) -> None:
    found = count(mode, start, period, FRANCE, from_midnight=from_midnight)
    said = " ".join(str(words) for words in found.steps)
    assert "{" not in said
    assert str(found.deadline_legal) in said
    assert str(found.deadline_prudent) in said


# --- Whatever the dates ---


@quick
@given(modes, days, periods, st.booleans())
def test_the_prudent_date_is_never_after_the_legal_one(
    mode: Mode, start: date, period: Period, from_midnight: bool
) -> None:
    found = count(mode, start, period, FRANCE, from_midnight=from_midnight)
    assert found.deadline_legal and found.deadline_prudent
    assert start <= found.deadline_prudent <= found.deadline_legal
    assert found == count(mode, start, period, FRANCE, from_midnight=from_midnight)


@quick
@given(modes, days, periods, st.integers(1, 800), st.booleans())
def test_a_later_start_never_ends_earlier(
    mode: Mode, start: date, period: Period, later: int, from_midnight: bool
) -> None:
    one = count(mode, start, period, FRANCE, from_midnight=from_midnight)
    other = count(mode, start + later * DAY, period, FRANCE, from_midnight=from_midnight)
    assert one.deadline_legal and one.deadline_prudent and other.deadline_legal and other.deadline_prudent
    assert one.deadline_legal <= other.deadline_legal
    assert one.deadline_prudent <= other.deadline_prudent


@quick
@given(st.sampled_from(NEVER_EXTENDED), days, periods, st.booleans())
def test_no_holiday_moves_what_is_never_extended(mode: Mode, start: date, period: Period, from_midnight: bool) -> None:
    every_day_off = WorkingCalendar(frozenset(period.after(start) + n * DAY for n in range(-2, 9)))
    found = [count(mode, start, period, c, from_midnight=from_midnight) for c in (FRANCE, WEEKS_ONLY, every_day_off)]
    assert len({(f.deadline_legal, f.deadline_prudent) for f in found}) == 1


@quick
@given(st.sampled_from([Mode.PROCEDURE, Mode.FRANC]), days, periods)
def test_what_is_extended_lands_on_a_working_day_and_skips_none(mode: Mode, start: date, period: Period) -> None:
    found = count(mode, start, period, FRANCE)
    legal, prudent = found.deadline_legal, found.deadline_prudent
    assert legal and prudent
    assert FRANCE.is_working(legal)
    first = prudent + (DAY if mode is Mode.FRANC else 0 * DAY)
    assert not any(FRANCE.is_working(first + n * DAY) for n in range((legal - first).days))


@quick
@given(st.sampled_from(WHOLE_DAYS), days, st.integers(1, 20))
def test_years_counted_from_midnight_are_over_on_the_eve_of_the_anniversary(
    mode: Mode, start: date, years: int
) -> None:
    legal = count(mode, start, Period(years=years), FRANCE).deadline_legal
    assert legal
    after = legal + DAY
    try:
        assert after == start.replace(year=start.year + years)
    except ValueError:  # no 29 February: the last day of its month is still within
        assert after == date(start.year + years, 3, 1)


# --- The table ---


def test_every_row_of_the_table_is_understood() -> None:
    rows = limitation_periods()
    assert len(rows) == 54
    assert {r.mode for r in rows.values()} == set(Mode)
    assert {r.code for r in rows.values() if r.period is None} == {"MINEUR", "DDD_SAISINE"}
    assert all(r.action and r.legal_basis for r in rows.values())
    assert {r.code for r in rows.values() if r.to_be_verified} == {
        *("SECU_CRA", "DDD_MEDIATION", "EMP_PRIV_AVIS_MEDECIN", "EMP_PRIV_MOTIFS", "EMP_PRIV_SOLDE", "EMP_PRIV_CSP"),
        *("DALO_TA", "AIDE_SOCIALE_RAPO", "LOGEMENT_BAIL"),
    }


@pytest.mark.parametrize("change", [{"duration": "5 ans"}, {"computation_mode": "LUNAR"}, {"duration": "P0D"}])
def test_a_row_that_is_not_understood_is_refused_by_name(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"limitation_periods\.csv, row EMP_PRIV_REPARATION"):
        _limitation_period(_rows("limitation_periods.csv")[0] | change, _rows("limitation_names.csv")[0])


def test_the_table_has_a_version() -> None:
    assert len(limitation_table_version()) == 12
