"""One ladder for every clock: each rung once, the highest again until somebody decides, nothing twice, nothing lost."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.actors import CLOCK, Actor
from domain.lifecycle import decide
from domain.parts.alert import PassDeadlines
from domain.parts.assignment import Assign
from domain.parts.closure import Reopen
from domain.parts.contact import RecordContact
from domain.parts.filing import AcknowledgeFiling, File
from domain.parts.pause import Pause, Resume
from domain.parts.piece import AddPiece, ReceivePiece, RequestPiece, StartEvidence
from domain.parts.referral import Refer
from domain.time.clocks import passed
from domain.time.policy import DEFAULT_POLICY
from tests.domain.examples import Story, to_partner
from tests.domain.time.ladders import (
    LEVELS,
    MONDAY,
    SPOKE,
    alone,
    days_told,
    said,
    told,
    told_late,
    waiting_for,
    working,
)
from tests.people import HOME, LEAD, SUPERVISOR, WORKER

# --- Up, then the highest again and again ---


def test_each_rung_is_told_once_then_the_highest_every_ten_working_days() -> None:
    story = alone(Story(), working(60))
    assert days_told(story, level="CASE_WORKER") == [working(5)]
    assert days_told(story, level="SUPERVISOR") == [working(10)]
    assert days_told(story, level="PLAN_LEAD") == [working(20), working(30), working(40), working(50), working(60)]
    keys = [a.key for a in told(story, level="PLAN_LEAD")]
    assert keys[:3] == [f"stall/INTAKE/1/PLAN_LEAD{end}" for end in ("", "/2", "/3")]


def test_repeats_end_with_the_decision_and_start_with_the_next_round() -> None:
    story = alone(Story(), working(35))
    story.do(said(story, "ACT", "PLAN_LEAD"), by=LEAD)
    assert not [a for a in story.case.standing_alerts if a.kind == "STALL"]  # one decision answers them all
    assert waiting_for(story) == {level: working(35 + days) for level, days in zip(LEVELS, (5, 10, 20), strict=True)}
    alone(story, working(35 + 30))
    assert days_told(story, level="PLAN_LEAD") == [working(n) for n in (20, 30, 55, 65)]


@pytest.mark.parametrize(
    ("build", "kind", "rungs"),
    [
        (Story, "NO_CONTACT", DEFAULT_POLICY.no_contact),
        (
            lambda: Story().do(RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due=MONDAY)),
            "PIECE_DUE",
            DEFAULT_POLICY.piece_overdue,
        ),
        (
            lambda: Story().prepared().do(File(filing="F1")),
            "FILING_ACKNOWLEDGEMENT",
            DEFAULT_POLICY.filing_acknowledgement,
        ),
        (
            lambda: Story().prepared().do(File(filing="F1"), AcknowledgeFiling(filing="F1", register_number="26-0001")),
            "FILING_NEWS",
            DEFAULT_POLICY.filing_news,
        ),
    ],
    ids=["contact", "piece", "acknowledgement", "decision"],
)
def test_every_other_clock_climbs_the_same_ladder(build: Callable[[], Story], kind: str, rungs: Any) -> None:
    last = rungs.plan_lead
    story = alone(build(), working(last + 20))
    assert [days_told(story, kind, level) for level in LEVELS] == [
        [working(rungs.case_worker)],
        [working(rungs.supervisor)],
        [working(last), working(last + 10), working(last + 20)],
    ]


def test_reaching_the_person_ends_the_wait_for_them_and_a_letter_into_the_void_does_not() -> None:
    story = Story().until(working(3)).do(RecordContact(medium="POST", summary="No answer", reached=False))
    assert waiting_for(story, "NO_CONTACT")["CASE_WORKER"] == working(30)
    assert waiting_for(story.do(SPOKE), "NO_CONTACT")["CASE_WORKER"] == working(33)


# --- Decisions ---


def test_a_case_workers_answer_ends_the_reminder_and_nothing_else() -> None:
    silent, answered = Story(), Story()
    for story in (silent, answered):
        alone(story, working(6))
    answered.do(said(answered, "ACT", "CASE_WORKER"), by=WORKER)
    assert not answered.case.standing_alerts
    assert waiting_for(answered) == waiting_for(silent) == {"SUPERVISOR": working(10), "PLAN_LEAD": working(20)}


def test_a_case_worker_who_answers_a_reminder_leaves_the_supervisors_alert_standing() -> None:
    story = alone(Story(), working(11))
    story.do(said(story, "ACT", "CASE_WORKER"), by=WORKER)
    assert [a.level for a in story.case.standing_alerts] == ["SUPERVISOR"]
    assert story.case.is_stalled


@pytest.mark.parametrize(
    ("by", "alert", "later"),
    [
        (SUPERVISOR, "CASE_WORKER", {"CASE_WORKER": 0, "SUPERVISOR": 0, "PLAN_LEAD": 10}),
        (SUPERVISOR, "SUPERVISOR", {"CASE_WORKER": 0, "SUPERVISOR": 0, "PLAN_LEAD": 10}),
        (LEAD, "CASE_WORKER", {"CASE_WORKER": 0, "SUPERVISOR": 0, "PLAN_LEAD": 0}),
        (LEAD, "SUPERVISOR", {"CASE_WORKER": 0, "SUPERVISOR": 0, "PLAN_LEAD": 0}),
    ],
)
def test_more_time_comes_back_on_its_day_to_whoever_gave_it_and_those_below(
    by: Actor, alert: str, later: dict[str, int]
) -> None:
    story = alone(Story(), working(11))
    until = working(40)
    story.do(said(story, "EXTEND", alert, until), by=by)
    assert not [a for a in story.case.standing_alerts if a.kind == "STALL"]
    assert waiting_for(story) == {level: working(days, until) for level, days in later.items()}


def test_more_time_given_twice_leaves_the_rungs_above_as_far_as_ever() -> None:
    story = alone(Story(), working(11))
    for n in (1, 2, 3):
        until = working(30 * n)
        story.do(said(story, "EXTEND", "SUPERVISOR", until), by=SUPERVISOR)
        assert waiting_for(story)["PLAN_LEAD"] == working(10, until)
        alone(story, until)


@pytest.mark.parametrize("decision", ["ACT", "REASSIGN"])
def test_any_other_decision_starts_the_full_ladder_again_on_its_day(decision: str) -> None:
    story = alone(Story(), working(13))
    story.do(Assign(holder="somebody", organisation=HOME, reason="Nobody does anything"), by=SUPERVISOR)
    story.do(said(story, decision, "SUPERVISOR"), by=SUPERVISOR)
    assert waiting_for(story) == {level: working(13 + n) for level, n in zip(LEVELS, (5, 10, 20), strict=True)}


def test_after_more_time_another_decision_starts_the_full_ladder() -> None:
    story = alone(Story(), working(11))
    story.do(said(story, "EXTEND", "SUPERVISOR", working(30)), by=SUPERVISOR)
    alone(story, working(31))
    story.do(said(story, "ACT", "SUPERVISOR"), by=SUPERVISOR)
    assert waiting_for(story) == {level: working(31 + n) for level, n in zip(LEVELS, (5, 10, 20), strict=True)}


def test_a_plan_lead_decides_over_the_supervisor() -> None:
    story = alone(Story(), working(21))
    story.do(said(story, "EXTEND", "SUPERVISOR", working(60)), by=SUPERVISOR)
    assert [a.level for a in story.case.standing_alerts if a.kind == "STALL"] == ["PLAN_LEAD"]
    story.do(said(story, "ACT", "PLAN_LEAD"), by=LEAD)
    assert waiting_for(story)["CASE_WORKER"] == working(26)


def test_a_pause_after_a_decision_is_given_back() -> None:
    story = alone(Story(), working(11))
    story.do(said(story, "ACT", "SUPERVISOR"), by=SUPERVISOR).until(working(12))
    story.do(Pause(reason="HEALTH", until=working(60), comment="In hospital")).until(working(31))
    story.do(Resume(comment="Back"))  # nineteen working days stood still: work goes on on the day of a resumption
    assert waiting_for(story)["CASE_WORKER"] == working(11 + 5 + 19)


def test_the_end_of_retention_is_told_again_until_somebody_decides_and_after_that_too() -> None:
    story = alone(Story().closed(), date(2028, 3, 31))
    assert days_told(story, "RETENTION") == [date(2028, 3, 2), date(2028, 3, 16), date(2028, 3, 30)]
    story.do(said(story, "ACT", "SUPERVISOR", kind="RETENTION"), by=SUPERVISOR)
    assert waiting_for(story, "RETENTION") == {"SUPERVISOR": working(10, date(2028, 3, 31))}


def test_a_case_reopened_after_its_alerts_were_closed_with_it_starts_its_rounds_again() -> None:
    story = alone(Story(), working(70))
    assert told(story, "NO_CONTACT", "PLAN_LEAD")
    story.closed().until(working(80)).do(Reopen(reason="A witness came"), by=SUPERVISOR)
    assert not story.case.standing_alerts
    assert min(d.due for d in story.ours()) > story.at


# --- Outages ---


@pytest.mark.parametrize("weeks", [1, 4, 12, 52, 150])
def test_after_an_outage_everything_due_is_raised_once(weeks: int) -> None:
    request = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-06")
    story = Story().do(request).referred()
    story.until(MONDAY + timedelta(weeks=weeks, days=1))
    due = passed(story.agenda(), story.at)
    story.pass_deadlines()
    assert Counter(a.key for a in story.case.alerts) == {d.key: 1 for d in due}
    # The referral came back by itself; its step has a ladder, whose rungs may have passed as well.
    story.pass_deadlines()
    again = passed(story.agenda(), story.at)
    assert not again, "a repetition counts from when it was told, not from each day that was missed"
    assert len({a.key for a in story.case.alerts}) == len(story.case.alerts)
    assert all(a.raised_at == story.at for a in story.case.alerts)
    assert min(d.due for d in story.ours()) > story.at


def test_a_timer_that_rings_twice_or_with_an_old_list_raises_nothing_twice() -> None:
    story = Story().until(working(25))
    old = passed(story.agenda(), story.at)
    story.pass_deadlines()
    raised = len(story.case.alerts)
    assert decide(story.case, PassDeadlines(deadlines=old + old), CLOCK, story.at) == []
    story.wait(days=1).pass_deadlines()
    assert len(story.case.alerts) == raised


# --- A case with a great many open parts ---


def test_fifty_open_parts_each_have_their_own_clock_and_none_is_told_twice() -> None:
    story = Story().do(StartEvidence())
    for n in range(25):
        story.do(to_partner(f"asso-{n:02}"), Refer(partner=f"asso-{n:02}", purpose="Legal help"))
        story.do(AddPiece(label=f"Letter {n}", held_by="RESPONDENT"))
        due = date(2026, 3, 10) + timedelta(days=n % 5)
        story.do(RequestPiece(piece=f"P{n + 1}", from_whom="COMPLAINANT", lever="Asked", due=due))
    assert len(story.case.open_referrals) == 25
    alone(story, date(2026, 4, 3))
    told_of = Counter((a.kind, a.part) for a in story.case.alerts if a.part)
    assert {part for kind, part in told_of if kind == "PIECE_DUE"} == {f"P{n + 1}" for n in range(25)}
    assert {part for kind, part in told_of if kind == "REFERRAL_ANSWER"} == {f"R{n + 1}" for n in range(25)}
    assert {part for kind, part in told_of if kind == "REFERRAL_EXPIRY"} == {f"R{n + 1}" for n in range(25)}
    assert len({a.key for a in story.case.alerts}) == len(story.case.alerts)
    assert not told_late(story, story.entries[0].recorded_at)
    assert not story.case.open_referrals
    # What comes for one of them ends its clock, and leaves those of the others as they are.
    before = {d.key for d in story.agenda() if d.part != "P7"}
    story.do(ReceivePiece(piece="P7", description="Two pages"))
    assert {d.key for d in story.agenda() if d.kind == "PIECE_DUE"} == {k for k in before if k.startswith("piece/")}
