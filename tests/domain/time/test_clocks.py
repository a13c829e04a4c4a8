"""Deadlines: when each falls, what moves it, and that none is lost or told twice."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.dates import WorkingCalendar, at_opening, months_after, years_after
from domain.law.limitation import limitation_clocks
from domain.levels import Ladder
from domain.lifecycle import evolve
from domain.parts.alert import AnswerAlert
from domain.parts.assignment import Assign
from domain.parts.closure import Reopen
from domain.parts.contact import AddNote, RecordContact
from domain.parts.filing import AcknowledgeFiling, File, RecordFilingDecision
from domain.parts.hold import Hold, ReleaseHold
from domain.parts.pause import Pause, Resume
from domain.parts.piece import AddPiece, ReceivePiece, RequestPiece, StartEvidence
from domain.parts.referral import AnswerReferral, Refer
from domain.time.clocks import agenda, passed
from domain.time.deadline import Deadline
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.vocabulary import OPEN_STEPS, DeadlineKind, Level, Step
from tests.domain.examples import CALENDAR, Story, closing, to_partner
from tests.people import HOME, LEAD, PARTNER, PARTNER_ORG, SUPERVISOR, SUPERVISOR_2, WORKER

STEPS: dict[Step, Callable[[], Story]] = {
    Step.INTAKE: Story,
    Step.REFERRAL: lambda: Story().referred().do(AnswerReferral(referral="R1", accept=True), by=PARTNER),
    Step.EVIDENCE: lambda: Story().do(StartEvidence()),
    Step.ESCALATION: lambda: Story().prepared().do(File(filing="F1")),
}
LAW = (DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE)
SPOKE = RecordContact(medium="PHONE", summary="Spoke")


def pause(until: str) -> Pause:
    return Pause(reason="HEALTH", until=until, comment="In hospital")


def stalls(story: Story) -> list[Deadline]:
    return [d for d in story.agenda() if d.kind is DeadlineKind.STALL]


def answer(story: Story, decision: str, until: str | None = None, level: str = "PLAN_LEAD") -> AnswerAlert:
    key = next(a.key for a in reversed(story.case.standing_alerts) if a.level == level and a.kind not in LAW)
    return AnswerAlert(alert=key, decision=decision, until=until, reason="A letter is due")


# --- Each step ---


@pytest.mark.parametrize("step", list(STEPS))
def test_each_step_has_its_own_ladder(step: Step) -> None:
    story = STEPS[step]()
    assert story.case.step is step
    for level, days in DEFAULT_POLICY.stall[step].rungs():
        assert story.due("STALL", level) == CALENDAR.add(date(2026, 3, 2), days)


def test_a_closed_case_has_nothing_to_come_but_the_end_of_retention() -> None:
    found = Story().closed().agenda()
    assert [(d.kind, d.level) for d in found] == [
        (DeadlineKind.RETENTION, "SUPERVISOR"),
        (DeadlineKind.ARCHIVE_END, "SUPERVISOR"),
    ]


def test_what_is_closed_is_kept_half_a_year_beyond_the_last_time_limit_of_the_law() -> None:
    story = Story().closed()
    last = max(limit.deadline_legal for limit in limitation_clocks(story.case, CALENDAR) if limit.deadline_legal)
    assert story.due("ARCHIVE_END", "SUPERVISOR") == CALENDAR.add(months_after(last, 6), 0)
    assert story.due("ARCHIVE_END", "SUPERVISOR") > story.due("RETENTION", "SUPERVISOR")


@pytest.mark.parametrize(
    ("day", "months", "falls"),
    [("2026-08-31", 6, "2027-02-28"), ("2027-08-31", 6, "2028-02-29"), ("2026-12-15", 1, "2027-01-15")],
)
def test_months_later_never_falls_into_the_next_month(day: str, months: int, falls: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(falls)


def test_nothing_is_due_for_erasure_while_a_legal_hold_stands_and_the_hold_itself_is_looked_at_again() -> None:
    story = Story().closed().do(Hold(reason="A court", review_on="2026-09-01"), by=SUPERVISOR_2)
    assert [d.kind for d in story.agenda()] == [DeadlineKind.HOLD_REVIEW]
    assert story.due("HOLD_REVIEW", "SUPERVISOR") == date(2026, 9, 1)
    story.do(ReleaseHold(reason="Judged"), by=SUPERVISOR)
    assert [d.kind for d in story.agenda()] == [DeadlineKind.RETENTION, DeadlineKind.ARCHIVE_END]


def test_the_five_days_of_intake_by_hand() -> None:
    # Monday 2 March: 3, 4, 5, 6 and Monday 9. The supervisor after two weeks; the plan lead after four.
    story = Story()
    assert story.due("STALL") == date(2026, 3, 9)
    assert story.due("STALL", "SUPERVISOR") == date(2026, 3, 16)
    assert story.due("STALL", "PLAN_LEAD") == date(2026, 3, 30)


def test_progress_starts_the_ladder_again_and_a_note_does_not() -> None:
    story = Story().until("2026-03-05").do(AddNote(text="To call"))
    assert story.due("STALL") == date(2026, 3, 9)
    assert story.do(SPOKE).due("STALL") == date(2026, 3, 12)


# --- Weekends, holidays, the clocks in March and October ---


def test_weekends_and_holidays_do_not_count() -> None:
    # From Thursday 2 April: 3, then Easter Monday (6) is left out, 7, 8, 9, 10.
    assert Story().until("2026-04-02").do(SPOKE).due("STALL") == date(2026, 4, 10)


@pytest.mark.parametrize(
    ("day", "days", "falls"),
    [
        ("2026-03-06", 0, "2026-03-06"),
        ("2026-03-07", 0, "2026-03-09"),
        ("2026-03-07", 1, "2026-03-09"),
        ("2026-03-06", 1, "2026-03-09"),
        ("2026-05-07", 1, "2026-05-11"),  # 8 May is a Friday
        ("2026-12-24", 1, "2026-12-28"),
    ],
)
def test_working_days_are_counted_from_the_day_after(day: str, days: int, falls: str) -> None:
    assert CALENDAR.add(date.fromisoformat(day), days) == date.fromisoformat(falls)


def test_a_deadline_is_heard_when_the_office_opens_whatever_the_clocks_do() -> None:
    assert at_opening(date(2026, 3, 27)) == datetime(2026, 3, 27, 8, tzinfo=UTC)  # Friday, winter
    assert at_opening(date(2026, 3, 30)) == datetime(2026, 3, 30, 7, tzinfo=UTC)  # Monday, summer
    assert at_opening(date(2026, 10, 23)) == datetime(2026, 10, 23, 7, tzinfo=UTC)
    assert at_opening(date(2026, 10, 26)) == datetime(2026, 10, 26, 8, tzinfo=UTC)
    story = Story().until("2026-03-23").do(SPOKE)
    assert min(d.due for d in story.agenda()) == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_a_fact_late_in_the_evening_belongs_to_the_day_in_paris() -> None:
    story = Story()
    story.at = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)  # half past midnight on Thursday
    assert story.do(SPOKE).due("STALL") == date(2026, 3, 12)


def test_no_deadline_falls_on_a_day_when_nobody_is_there() -> None:
    story = Story().do(to_partner(), Refer(partner=PARTNER_ORG, purpose="Help", answer_due="2026-03-08"))
    request = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-04-04")
    story.do(request).until("2026-03-10").pass_deadlines()
    assert story.due("PIECE_DUE", part="EV001") == date(2026, 4, 7)
    kinds = Story().closed().agenda() + story.agenda() + Story().do(pause("2026-03-06")).agenda()
    assert all(CALENDAR.is_working(d.due.date()) for d in kinds)


# --- Late-recorded facts ---


def test_what_was_late_when_it_was_recorded_gets_a_day_of_grace() -> None:
    story = Story(received_at="2025-06-02", facts={"narrative": "Refused at the door"})
    ours = [d for d in story.agenda() if d.kind is not DeadlineKind.FACTS_UNDATED]
    assert {d.due for d in ours if d.level == Level.CASE_WORKER} == {at_opening(date(2026, 3, 3))}


def test_an_old_letter_found_today_is_not_counted_from_its_date_when_something_came_since() -> None:
    story = Story().until("2026-03-20").do(SPOKE)
    story.do(RecordContact(medium="POST", summary="A letter found", happened_at="2026-03-03"))
    assert story.due("STALL") == date(2026, 3, 27)


# --- Pauses ---


def test_a_running_pause_has_no_stall_deadline_and_ends_the_day_after() -> None:
    story = Story().do(pause("2026-03-20"))
    assert [d.kind for d in story.ours()] == [DeadlineKind.PAUSE_END]
    assert story.due("PAUSE_END") == date(2026, 3, 23)


def test_a_pause_stops_no_other_clock() -> None:
    before = Story().referred()
    found = {d.kind: d for d in before.agenda() if d.kind not in ("STALL", "NO_CONTACT")}
    story = before.do(pause("2026-03-20"))
    assert {d.kind for d in story.agenda()} == {"PAUSE_END"} | set(found)
    assert {"REFERRAL_ANSWER", "REFERRAL_EXPIRY", "LIMITATION"} <= set(found)
    assert {d.key: d.due for d in story.agenda()}.items() >= {d.key: d.due for d in found.values()}.items()


def test_an_ended_pause_gives_back_its_working_days() -> None:
    # Paused from Wednesday 4 to Monday 9, both included: four working days more than Monday 9.
    story = Story().until("2026-03-04").do(pause("2026-03-31"))
    story.until("2026-03-10").do(Resume(comment="Back"))
    assert story.due("STALL") == date(2026, 3, 13)


def test_the_day_of_the_fact_itself_is_not_given_back() -> None:
    # Paused on the very day that does not count: Tuesday 3 is given back, Monday 2 is not.
    story = Story().do(pause("2026-03-31")).until("2026-03-04").do(Resume(comment="Back"))
    assert story.due("STALL") == date(2026, 3, 10)


def test_a_day_covered_by_two_pauses_is_given_back_once() -> None:
    story = Story().until("2026-03-04").do(pause("2026-03-31")).until("2026-03-05").do(Resume(comment="Back"))
    story.do(pause("2026-03-31")).until("2026-03-06").do(Resume(comment="Back"))
    assert story.due("STALL") == date(2026, 3, 11)  # 4 and 5 March
    again = Pause(reason="HEALTH", until="2026-03-31", comment="In hospital", happened_at="2026-03-04")
    assert story.do(again, Resume(comment="Back")).due("STALL") == date(2026, 3, 11)


def test_a_pause_before_the_last_progress_gives_nothing_back() -> None:
    story = Story().do(pause("2026-03-31")).until("2026-03-05").do(Resume(comment="Back"), SPOKE)
    assert story.due("STALL") == date(2026, 3, 12)


# --- Alerts that were answered ---


def test_more_time_moves_the_rungs_above_and_comes_back_on_its_day() -> None:
    story = Story().until("2026-03-10").pass_deadlines()
    story.do(answer(story, "EXTEND", "2026-03-25", level="CASE_WORKER"), by=SUPERVISOR)
    assert {story.due("STALL", level) for level in ("CASE_WORKER", "SUPERVISOR")} == {date(2026, 3, 25)}
    assert story.due("STALL", "PLAN_LEAD") == CALENDAR.add(date(2026, 3, 25), 20 - 10)
    assert story.until("2026-03-26").pass_deadlines().case.is_stalled


def test_more_time_at_a_weekend_comes_back_on_monday() -> None:
    story = Story().until("2026-03-10").pass_deadlines()
    story.do(answer(story, "EXTEND", "2026-03-21", level="CASE_WORKER"), by=SUPERVISOR)
    assert story.due("STALL") == date(2026, 3, 23)


def test_a_case_worker_does_not_push_away_what_the_supervisor_was_told() -> None:
    story = Story().until("2026-03-17").pass_deadlines()
    assert story.refusal(answer(story, "EXTEND", "2026-06-01", level="CASE_WORKER")).code == "extension_above"
    story.do(answer(story, "ACT", level="CASE_WORKER"))
    assert story.due("STALL", "PLAN_LEAD") == date(2026, 3, 30)


@pytest.mark.parametrize("decision", ["ACT", "REASSIGN"])
def test_no_decision_is_the_last_that_is_heard_of_a_case(decision: str) -> None:
    story = Story().until("2026-03-31").pass_deadlines()
    for holder in ("somebody", "somebody-else", "a-third"):
        assert [(d.level, d.times) for d in stalls(story)] == [("PLAN_LEAD", 2)]
        story.do(Assign(holder=holder, organisation=HOME, reason="Nobody does anything"), by=SUPERVISOR)
        story.do(answer(story, decision), by=LEAD)
        assert {d.level for d in stalls(story)} == {"CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"}
        story.at = max(d.due for d in stalls(story))
        story.pass_deadlines()
    raised = [a.key for a in story.case.alerts if a.kind is DeadlineKind.STALL]
    assert len(set(raised)) == len(raised) == 12


def test_a_piece_given_more_time_is_looked_for_again() -> None:
    request = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-05")
    story = Story().do(request).until("2026-03-06").pass_deadlines()
    story.do(answer(story, "EXTEND", "2026-03-12", level="CASE_WORKER"), by=SUPERVISOR)
    assert story.due("PIECE_DUE", part="EV001") == date(2026, 3, 12)


# --- Referrals, pieces, filings ---


def test_an_unanswered_referral_is_recalled_then_expires_and_brings_the_case_back() -> None:
    story = Story().referred()
    assert story.due("REFERRAL_ANSWER", part="R1") == date(2026, 3, 9)
    assert story.due("REFERRAL_EXPIRY", part="R1") == date(2026, 3, 24)
    story.until("2026-03-23").pass_deadlines()
    assert story.case.step is Step.REFERRAL
    story.until("2026-03-24").pass_deadlines()
    assert (story.case.step, story.case.referral("R1").status) == (Step.INTAKE, "EXPIRED")
    assert story.case.parties == {WORKER.organisation}
    assert any(a.kind is DeadlineKind.REFERRAL_EXPIRY for a in story.case.standing_alerts)
    assert story.due("STALL") == date(2026, 3, 31)


def test_the_date_set_for_an_answer_is_kept_to_its_end() -> None:
    story = Story().do(to_partner(), Refer(partner=PARTNER_ORG, purpose="Help", answer_due="2026-03-04"))
    assert story.due("REFERRAL_ANSWER", part="R1") == date(2026, 3, 4)
    assert story.due("REFERRAL_EXPIRY", part="R1") == date(2026, 3, 5)


def test_a_piece_and_a_filing_have_their_own_clocks() -> None:
    request = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-06")
    story = Story().prepared().do(File(filing="F1"), request)
    assert story.due("PIECE_DUE", part="EV001") == date(2026, 3, 9)
    assert story.due("FILING_ACKNOWLEDGEMENT", part="F1") == date(2026, 3, 23)
    story.do(ReceivePiece(piece="EV001", description="Two pages"))
    story.do(AcknowledgeFiling(filing="F1", register_number="26-0001"))
    assert {d.kind for d in story.ours()} == {"STALL", "NO_CONTACT", "FILING_NEWS"}
    story.do(RecordFilingDecision(filing="F1", outcome="MEDIATION", summary="Agreed"))
    assert {d.kind for d in story.ours()} == {"STALL", "NO_CONTACT"}


# --- Retention ---


@pytest.mark.parametrize(
    ("day", "years", "falls"),
    [("2028-02-29", 1, "2029-02-28"), ("2028-02-29", 4, "2032-02-29"), ("2028-02-28", 2, "2030-02-28")],
)
def test_a_year_from_29_february_ends_on_28_february(day: str, years: int, falls: str) -> None:
    assert years_after(date.fromisoformat(day), years) == date.fromisoformat(falls)


def test_retention_from_29_february_falls_on_28_february() -> None:
    story = Story().until("2028-02-29").closed()
    assert story.due("RETENTION", "SUPERVISOR") == date(2030, 2, 28)


def test_retention_counts_from_the_last_contact_and_anew_after_reopening() -> None:
    story = Story().closed()
    assert story.due("RETENTION", "SUPERVISOR") == date(2028, 3, 2)
    story.until("2028-03-03").pass_deadlines()
    assert [(d.level, d.times) for d in story.agenda() if d.kind == "RETENTION"] == [("SUPERVISOR", 2)]
    story.do(SPOKE, by=SUPERVISOR)  # archived: it is theirs now
    assert story.due("RETENTION", "SUPERVISOR") == date(2030, 3, 4)  # 3 March 2030 is a Sunday
    story.do(Reopen(reason="A witness came"), by=SUPERVISOR).until("2028-03-10").do(closing())
    assert story.due("RETENTION", "SUPERVISOR") == date(2030, 3, 11)  # so is the 10th


def test_retention_given_more_time_comes_back() -> None:
    story = Story().closed().until("2028-03-03").pass_deadlines()
    story.do(answer(story, "EXTEND", "2029-03-05", level="SUPERVISOR"), by=SUPERVISOR)
    assert story.due("RETENTION", "SUPERVISOR") == date(2029, 3, 5)


# --- The agenda as a function ---


def test_a_deadline_passes_at_its_very_instant_and_after_any_outage() -> None:
    (first, *_) = found = Story().agenda()
    assert passed(found, first.due - timedelta(microseconds=1)) == ()
    assert passed(found, first.due) == (first,)
    assert passed(found, first.due + timedelta(days=3000)) == found


def test_another_policy_moves_the_deadlines_of_running_cases_and_raises_nothing_twice() -> None:
    story = Story().until("2026-03-10").pass_deadlines()
    slow = Policy(stall=dict.fromkeys(OPEN_STEPS, Ladder(case_worker=50, supervisor=60, plan_lead=70)))
    found = [d for d in agenda(story.case, slow, CALENDAR) if d.kind is DeadlineKind.STALL]
    assert [d.level for d in found] == ["SUPERVISOR", "PLAN_LEAD"]
    assert found[0].due > max(d.due for d in stalls(story))


def test_the_furthest_dates_that_are_accepted_still_have_a_deadline() -> None:
    request = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2199-12-31")
    story = Story().do(to_partner(), Refer(partner=PARTNER_ORG, purpose="Help", answer_due="2199-12-31"), request)
    story.do(AddPiece(label="A film", held_by="RESPONDENT", perishes_on="2199-12-31"))
    assert agenda(story.case, DEFAULT_POLICY, WorkingCalendar(()))[-1].due.year == 2200


def test_evolve_and_agenda_take_well_under_a_millisecond(record_property: Callable[[str, object], None]) -> None:
    story = Story().prepared().do(File(filing="F1")).referred()
    request = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-06")
    story.do(request, pause("2026-03-31"), Resume(comment="Back"))
    for _ in range(200):
        story.wait(hours=1).do(AddNote(text="To call"))
    story.until("2026-09-01").pass_deadlines()

    def best(work: Callable[[], object]) -> float:
        runs = []
        for _ in range(50):
            start = time.perf_counter()
            work()
            runs.append(time.perf_counter() - start)
        return min(runs) * 1e6

    evolved = best(lambda: evolve(None, story.entries[0]))
    entry = story.entries[-1].model_copy(update={"version": story.case.version + 1})
    evolved = max(evolved, best(lambda: evolve(story.case, entry)))
    computed = max(best(story.agenda), best(Story().referred().agenda))
    record_property("domain: time", f"evolve {evolved:.0f} µs, agenda {computed:.0f} µs")
    assert evolved < 500
    assert computed < 500
