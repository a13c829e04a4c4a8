"""Suspension and interruption: what each ground gives back, what starts again, and what comes too late."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.counting import Counted
from domain.law.entered import Toll
from domain.law.grounds import GROUNDS, TollGround
from domain.law.tolling import count_with
from domain.reference import limitation_periods
from tests.domain.law.limits import FRANCE

DAY = timedelta(days=1)
days = st.dates(date(2000, 1, 1), date(2050, 12, 31))


def d(text: str) -> date:
    return date.fromisoformat(text)


def toll(ground: str, from_day: str, until: str | None = None, clock: str = "CIVIL_GENERAL", **more: bool) -> Toll:
    data = {"ground": ground, "clocks": [clock], "from_day": from_day, "until": until, "reason": "Seen in the file"}
    return Toll.model_validate(data | more)


def with_tolls(*tolls: Toll, start: str = "2020-01-10", clock: str = "CIVIL_GENERAL") -> Counted:
    row = limitation_periods()[clock]
    return count_with(tolls, clock, row.mode, d(start), row.period, FRANCE)


def tolled(*tolls: Toll, start: str = "2020-01-10", clock: str = "CIVIL_GENERAL") -> tuple[str, str]:
    count = with_tolls(*tolls, start=start, clock=clock)
    return str(count.deadline_legal), str(count.deadline_prudent)


def test_nothing_entered_moves_nothing() -> None:
    assert tolled() == ("2025-01-10", "2025-01-09")
    assert tolled(toll("MEDIATION", "2022-03-01", "2022-06-01", clock="EMP_PRIV_REPARATION")) == tolled()


def test_a_suspension_keeps_the_time_before_it() -> None:
    # 92 days from 1 March to 1 June; prudently neither the first nor the last is given back.
    assert tolled(toll("MEDIATION", "2022-03-01", "2022-06-01")) == ("2025-04-12", "2025-04-10")


def test_at_least_six_months_remain_after_a_mediation_and_after_a_measure_of_evidence() -> None:
    for ground in ("MEDIATION", "EVIDENCE_MEASURE"):
        assert tolled(toll(ground, "2024-12-01", "2025-01-05")) == ("2025-07-05", "2025-07-04")
    assert tolled(toll("IMPOSSIBILITY", "2024-12-01", "2025-01-05")) == ("2025-02-14", "2025-02-12")


def test_a_day_is_given_back_once_however_many_suspensions_cover_it() -> None:
    one, other = toll("MEDIATION", "2022-03-01", "2022-06-01"), toll("IMPOSSIBILITY", "2022-04-01", "2022-06-11")
    assert tolled(one, other)[0] == tolled(other, one)[0] == "2025-04-22"
    assert tolled(one, toll("IMPOSSIBILITY", "2022-04-01", "2022-05-01"))[0] == "2025-04-12"


def test_an_interruption_starts_the_same_period_again_at_its_end() -> None:
    assert tolled(toll("COURT_ACTION", "2022-03-01", "2023-09-15")) == ("2028-09-15", "2028-09-14")
    assert tolled(toll("ACKNOWLEDGEMENT", "2022-03-01")) == ("2027-03-01", "2027-02-28")


def test_an_action_that_failed_never_interrupted() -> None:
    found = with_tolls(toll("COURT_ACTION", "2022-03-01", "2023-09-15", undone=True))
    assert (str(found.deadline_legal), str(found.deadline_prudent)) == tolled()
    assert any("2243" in str(words) for words in found.steps)


def test_while_it_lasts_there_is_no_legal_date_and_the_prudent_one_does_not_rely_on_it() -> None:
    for ground in ("COURT_ACTION", "MEDIATION"):
        found = with_tolls(toll(ground, "2022-03-01"))
        assert (found.deadline_legal, found.deadline_prudent) == (None, d("2025-01-09"))


def test_what_comes_too_late_saves_nothing() -> None:
    assert tolled(toll("COURT_ACTION", "2025-01-11", "2026-01-01")) == tolled()
    # On the very last day, in law it is in time; prudently that day is one too many.
    assert tolled(toll("COURT_ACTION", "2025-01-10", "2026-01-01")) == ("2031-01-01", "2025-01-09")


def test_what_ended_before_the_period_began_moves_nothing_and_what_covers_its_beginning_puts_it_off() -> None:
    assert tolled(toll("MINORITY", "2010-01-01", "2019-12-31")) == tolled()
    assert tolled(toll("MINORITY", "2010-01-01", "2021-05-04")) == ("2026-05-04", "2026-05-03")


def test_an_interruption_during_a_suspension_waits_for_its_end() -> None:
    tolls = toll("MEDIATION", "2022-03-01", "2022-06-01"), toll("ACKNOWLEDGEMENT", "2022-04-01")
    assert tolled(*tolls) == ("2027-06-01", "2027-05-31")


def test_a_foreclosure_is_interrupted_by_a_court_action_and_not_suspended_by_a_mediation() -> None:
    row, start = "EMP_PRIV_RUPTURE_CONV", "2025-01-10"
    assert tolled(toll("MEDIATION", "2025-03-01", "2025-06-01", row), start=start, clock=row)[0] == "2026-01-10"
    assert tolled(toll("COURT_ACTION", "2025-03-01", "2025-06-01", row), start=start, clock=row)[0] == "2026-06-01"


def test_wages_run_against_a_minor() -> None:
    row = "EMP_PRIV_SALAIRE"
    assert tolled(toll("MINORITY", "2020-01-10", "2021-01-10", row), clock=row) == tolled(clock=row)


def test_a_complaint_to_the_prosecutor_suspends_three_months_at_most_and_nothing_of_the_press() -> None:
    row = "PENAL_DELIT"
    assert tolled(clock=row) == ("2026-01-10", "2026-01-09")
    assert tolled(toll("CRIMINAL_COMPLAINT", "2024-03-01", "2025-03-01", row), clock=row)[0] == "2026-04-12"
    assert tolled(toll("CRIMINAL_COMPLAINT", "2024-03-01", None, row), clock=row) == ("2026-04-12", "2026-01-09")
    for press in ("PRESSE_DISCRIM", "PRESSE_COMMUN", "CONTRAV_DISCRIM"):
        found = with_tolls(toll("CRIMINAL_COMPLAINT", "2020-01-20", "2020-02-20", press), clock=press)
        assert str(found.deadline_legal) == tolled(clock=press)[0]
        assert any("no effect" in str(words) for words in found.steps)


def test_an_act_of_inquiry_interrupts_an_offence_and_not_the_press_which_has_its_own() -> None:
    assert tolled(toll("PROSECUTION", "2024-03-01", clock="PENAL_DELIT"), clock="PENAL_DELIT")[0] == "2030-03-01"
    press = "PRESSE_DISCRIM"
    assert tolled(toll("PROSECUTION", "2020-06-01", clock=press), clock=press)[0] == "2021-01-10"
    assert tolled(toll("PRESS_PROSECUTION", "2020-06-01", clock=press), clock=press)[0] == "2021-06-01"


def test_an_administrative_appeal_starts_the_two_months_again_from_its_refusal() -> None:
    row, start = "ADM_REP", "2026-01-12"
    assert tolled(start=start, clock=row) == ("2026-03-13", "2026-03-12")
    refused = toll("ADMINISTRATIVE_APPEAL", "2026-02-02", "2026-03-10", row)
    assert tolled(refused, start=start, clock=row) == ("2026-05-11", "2026-05-10")
    # No answer: an implied refusal two months after, then two clear months; prudently, as if refused the same day.
    silent = toll("ADMINISTRATIVE_APPEAL", "2026-02-02", None, row)
    assert tolled(silent, start=start, clock=row) == ("2026-06-03", "2026-04-02")
    # A second appeal is not within the first period any more.
    second = toll("ADMINISTRATIVE_APPEAL", "2026-04-01", "2026-05-01", row)
    assert tolled(refused, second, start=start, clock=row) == ("2026-05-11", "2026-05-10")
    # An express refusal after an implied one, in time, starts it again (CJA R421-2).
    late = toll("EXPRESS_REFUSAL", "2026-04-20", clock=row)
    assert tolled(silent, late, start=start, clock=row)[0] == "2026-06-22"


def test_after_a_mediation_an_administrative_appeal_does_not_interrupt_again() -> None:
    row, start = "ADM_REP", "2026-01-12"
    mediation = toll("ADMINISTRATIVE_MEDIATION", "2026-01-20", "2026-02-10", row)
    appeal = toll("ADMINISTRATIVE_APPEAL", "2026-02-20", "2026-03-20", row)
    alone = tolled(mediation, start=start, clock=row)
    assert alone == ("2026-04-13", "2026-04-10")
    assert tolled(mediation, appeal, start=start, clock=row) == alone


def test_the_defender_stops_only_what_the_law_says() -> None:
    row, start = "ADM_MPO", "2026-01-12"
    seized = toll("DEFENDER_PRIOR_MEDIATION", "2026-02-02", "2026-03-10", row)
    assert tolled(seized, start=start, clock=row)[0] == "2026-05-11"
    assert tolled(toll("DEFENDER_PRIOR_MEDIATION", "2022-02-02", "2022-03-10")) == tolled()
    assert tolled(toll("DEFENDER_TRANSACTION", "2024-03-01", clock="PENAL_DELIT"), clock="PENAL_DELIT")[0] == (
        "2030-03-01"
    )


def test_a_claim_on_a_public_body_starts_four_years_from_the_next_new_year() -> None:
    row = "ADM_QUADRIENNALE"
    assert tolled(toll("CLAIM_ON_PUBLIC_BODY", "2024-05-10", "2024-05-10", row), clock=row) == ("2028-12-31",) * 2


def test_a_toll_that_ends_before_it_begins_or_names_no_row_is_refused() -> None:
    with pytest.raises(ValidationError, match="before the day on which it began"):
        toll("MEDIATION", "2022-03-01", "2022-02-28")
    with pytest.raises(ValidationError, match="not a row of the table"):
        toll("MEDIATION", "2022-03-01", clock="CIVIL_GENERALE")


def test_every_ground_has_a_basis_and_stops_some_row() -> None:
    rows = limitation_periods().values()
    assert set(GROUNDS) == set(TollGround)
    for ground in GROUNDS.values():
        assert ground.label and ground.basis
        assert any(ground.effect_on(row.code, row.mode) for row in rows), ground.label
        assert ground.only | ground.never <= {row.code for row in rows}


CODES = sorted(code for code, row in limitation_periods().items() if row.period)


@st.composite
def tolls(draw: st.DrawFn, start: date) -> Toll:
    begins = start + draw(st.integers(-400, 2400)) * DAY
    lasts = draw(st.none() | st.integers(0, 900))
    return Toll(
        ground=draw(st.sampled_from(TollGround)),
        clocks=frozenset(CODES),
        from_day=begins,
        until=None if lasts is None else begins + lasts * DAY,
        undone=draw(st.booleans()),
        reason="Drawn",
    )


@settings(deadline=None, max_examples=300)
@given(st.data(), st.sampled_from(CODES), days)
def test_whatever_is_entered_brings_no_date_forward_and_keeps_prudence_before_the_law(
    data: st.DataObject, code: str, start: date
) -> None:
    row = limitation_periods()[code]
    entered = data.draw(st.lists(tolls(start), max_size=4))
    plain = count_with((), code, row.mode, start, row.period, FRANCE)
    found = count_with(entered, code, row.mode, start, row.period, FRANCE)
    assert plain.deadline_legal and plain.deadline_prudent and found.deadline_prudent
    assert found.deadline_prudent >= plain.deadline_prudent
    if found.deadline_legal is not None:
        assert found.deadline_legal >= plain.deadline_legal
        assert found.deadline_prudent <= found.deadline_legal
    assert found == count_with(reversed(entered), code, row.mode, start, row.period, FRANCE)
    assert not any("{" in str(words) for words in found.steps)
