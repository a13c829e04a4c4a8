"""A jurist's entry about the law's time limits moves the clocks it names, is corrected, is taken back."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain.law.limitation import limitation_clocks
from domain.parts.filing import File
from domain.parts.referral import WithdrawReferral
from domain.parts.time_limits import CorrectStart, CorrectToll, RecordStart, RecordToll, RetractStart, RetractToll
from domain.values import day_of
from kit.validation import faults
from tests.domain.examples import CALENDAR, Story
from tests.domain.samples import MEDIATION, NOTIFIED
from tests.people import PARTNER, SUPERVISOR, WORKER


def toll(**changes: Any) -> RecordToll:
    return RecordToll.model_validate({"toll": MEDIATION | changes})


def start(**changes: Any) -> RecordStart:
    return RecordStart.model_validate({"start": NOTIFIED | changes})


def ends(story: Story, code: str = "CIVIL_GENERAL") -> tuple[str, str] | None:
    by_row = {clock.code: clock for clock in limitation_clocks(story.case, CALENDAR)}
    return (str(by_row[code].deadline_legal), str(by_row[code].deadline_prudent)) if code in by_row else None


def notices(story: Story, code: str) -> set[date]:
    return {day_of(d.due) for d in story.agenda() if d.clock.startswith(f"limit/{code}/")}


# --- What it does ---


def test_a_suspension_puts_the_limit_and_its_notices_off_and_what_is_corrected_moves_them_again() -> None:
    story = Story().until("2026-09-01")
    bare, told = ends(story), notices(story, "CIVIL_GENERAL")
    story.do(toll(from_day="2026-03-10", until="2026-06-10"))
    assert story.case.tolls[0].id == "T1"
    assert (bare, ends(story)) == (("2031-02-20", "2031-02-19"), ("2031-05-23", "2031-05-21"))
    assert not notices(story, "CIVIL_GENERAL") & told
    longer = MEDIATION | {"from_day": "2026-03-10", "until": "2026-07-10"}
    story.do(CorrectToll(entry="T1", toll=longer, reason="It ended a month later"))
    assert ends(story) == ("2031-06-22", "2031-06-20")
    story.do(RetractToll(entry="T1", reason="It was another case"))
    assert (ends(story), notices(story, "CIVIL_GENERAL")) == (bare, told)
    assert story.tags[-3:] == ["toll_recorded", "toll_corrected", "toll_retracted"]


def test_while_it_lasts_alerts_go_by_the_date_as_if_nothing_had_stopped() -> None:
    story = Story()
    bare, told = ends(story), notices(story, "CIVIL_GENERAL")
    story.do(toll())
    assert bare is not None
    assert ends(story) == ("None", bare[1])
    assert notices(story, "CIVIL_GENERAL") == told


def test_a_starting_point_opens_a_row_that_no_complaint_opens_and_replaces_what_stood_for_it() -> None:
    story = Story(domain="SERVICES_PUBLICS")
    assert ends(story, "ADM_REP") == ("2026-04-21", "2026-04-20")
    assert ends(story, "CADA_SAISINE") is None
    story.do(start(), start(clock="CADA_SAISINE"))
    assert ends(story, "ADM_REP") == ("2026-04-27", "2026-04-25")
    assert ends(story, "CADA_SAISINE") is not None
    story.do(CorrectStart(entry="S1", start=NOTIFIED | {"on": "2026-02-27"}, reason="The post mark"))
    assert ends(story, "ADM_REP") == ("2026-04-28", "2026-04-27")
    story.do(RetractStart(entry="S1", reason="-"), RetractStart(entry="S2", reason="-"))
    assert ends(story, "ADM_REP") == ("2026-04-21", "2026-04-20")
    assert ends(story, "CADA_SAISINE") is None


def test_it_is_no_progress_and_no_filing_does_it_by_itself() -> None:
    story = Story()
    before = story.case.progress
    story.wait(days=1).do(toll(), start())
    assert story.case.progress == before
    filed = Story().prepared().do(File(filing="F1"))
    assert filed.case.standing_tolls == ()
    assert ends(filed) == ends(Story())


def test_what_was_told_of_a_limit_is_told_again_of_the_day_it_moved_to() -> None:
    story = Story(domain="SERVICES_PUBLICS").until("2026-04-17").pass_deadlines()
    before = {a.key for a in story.case.alerts if a.clock.startswith("limit/ADM_REP/")}
    assert before
    story.do(start(on="2026-03-30")).until("2026-06-01").pass_deadlines()
    after = {a.key for a in story.case.alerts if a.clock.startswith("limit/ADM_REP/")} - before
    assert {key.split("/")[2] for key in after} == {"2026-05-30"}
    assert {key.split("/")[2] for key in before} == {"2026-04-20"}


# --- What is refused ---


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"from_day": "2026-03-03"}, "date_future", "toll.from_day"),
        ({"until": "2026-03-03"}, "date_future", "toll.until"),
        ({"ground": "PROSECUTION", "clocks": ["PENAL_DELIT"], "until": "2026-03-02"}, "toll_at_once", "toll.until"),
        ({"undone": True}, "toll_not_undone", "toll.undone"),
        ({"clocks": ["CIVIL_GENERAL", "PENAL_DELIT"]}, "toll_no_effect", "toll.clocks"),
        ({"ground": "DEFENDER_TRANSACTION"}, "toll_no_effect", "toll.clocks"),
    ],
)
def test_what_the_law_does_not_know_is_refused(said: dict[str, Any], code: str, field: str) -> None:
    refused = Story().refusal(toll(**said))
    assert (refused.code, refused.field) == (code, field)
    if code == "toll_no_effect":
        assert refused.params["rows"] == "PENAL_DELIT" or refused.params["others"] == "PENAL_DELIT"


def test_a_starting_point_is_in_the_past_and_of_a_row_that_is_counted() -> None:
    assert Story().refusal(start(on="2026-03-03")).field == "start.on"
    assert Story().refusal(start(clock="DDD_SAISINE")).code == "start_undated"


def test_the_same_is_not_entered_twice_and_what_was_taken_back_is_not_corrected() -> None:
    story = Story().do(toll(), start())
    assert (story.refusal(toll()).code, story.refusal(start()).params["id"]) == ("entered_already", "S1")
    story.do(RetractToll(entry="T1", reason="-"), RetractStart(entry="S1", reason="-"))
    again = CorrectToll(entry="T1", toll=MEDIATION, reason="-")
    assert story.refusal(again).code == story.refusal(RetractStart(entry="S1", reason="-")).code == "entry_retracted"
    assert story.refusal(RetractToll(entry="T7", reason="-")).code == "unknown_part"
    assert [t.id for t in story.do(toll()).case.tolls] == ["T1", "T2"]


def test_it_is_for_the_team_and_the_supervisor_and_for_open_cases() -> None:
    story = Story().referred()
    assert story.refusal(toll(), by=PARTNER).code == "not_permitted"
    story.do(toll(), by=SUPERVISOR).do(WithdrawReferral(referral="R1", reason="-"), by=WORKER).closed()
    assert story.refusal(start()).code == "wrong_step"


@pytest.mark.parametrize(
    ("said", "where", "code"),
    [
        ({"clocks": ["CIVIL_GENERALE"]}, "toll.clocks.0", "unknown_time_limit"),
        ({"clocks": []}, "toll.clocks", "too_short"),
        ({"until": "2026-02-28"}, "toll.until", "toll_order"),
        ({"ground": "FILING"}, "toll.ground", "enum"),
        ({"from_day": "1826-03-01"}, "toll.from_day", "impossible_date"),
    ],
)
def test_a_slip_of_the_keyboard_names_its_field_and_a_remedy(said: dict[str, Any], where: str, code: str) -> None:
    with pytest.raises(ValidationError) as slip:
        toll(**said)
    fault, *_ = faults(slip.value)
    assert (fault.where, fault.code) == (where, code)
    assert fault.message and fault.remedy


def test_rows_are_kept_in_order_each_once() -> None:
    said = toll(clocks=["PENAL_DELIT", "CIVIL_GENERAL", "PENAL_DELIT"]).toll
    assert said.clocks == ("CIVIL_GENERAL", "PENAL_DELIT")
