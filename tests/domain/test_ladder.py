"""One ladder for every clock: each rung once, the highest again until somebody decides, nothing twice, nothing lost."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from domain.actors import CLOCK, Actor
from domain.dates import WorkingCalendar, at_opening
from domain.levels import Ladder
from domain.lifecycle import decide
from domain.parts.alert import Alert, AnswerAlert, PassDeadlines
from domain.parts.closure import Reopen
from domain.parts.contact import AddNote, RecordContact
from domain.parts.filing import AcknowledgeFiling, File, RecordFilingRequest
from domain.parts.letter import SendLetter
from domain.parts.pause import Pause, Resume
from domain.parts.piece import AddPiece, ReceivePiece, RequestPiece, StartEvidence
from domain.parts.referral import AnswerReferral, Refer
from domain.time.clocks import agenda, passed
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.values import day_of
from domain.vocabulary import OPEN_STEPS, DeadlineKind, Domain, Level
from tests.domain.examples import (
    CALENDAR,
    LEAD,
    PARTNER,
    PARTNER_ORG,
    SUPERVISOR,
    WORKER,
    Story,
    to_partner,
)

LAW = (DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE)
SPOKE = RecordContact(medium="PHONE", summary="Spoke")
LEVELS = ["CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"]
MONDAY = date(2026, 3, 2)


def working(days: int, after: date = MONDAY) -> date:
    return CALENDAR.add(after, days)


def alone(story: Story, until: date) -> Story:
    """Nobody does anything until that day: the timer alone rings, each time at the very instant that is due."""
    end = at_opening(until)
    while (found := story.agenda()) and found[0].due <= end:
        story.at = max(story.at, found[0].due)
        story.do(PassDeadlines(deadlines=passed(found, story.at)), by=CLOCK)
    story.at = max(story.at, end)
    return story


def told(story: Story, kind: str = "STALL", level: str | None = None) -> list[Alert]:
    return [a for a in story.case.alerts if a.kind == kind and level in (None, a.level)]


def days_told(story: Story, kind: str = "STALL", level: str | None = None) -> list[date]:
    return [day_of(a.raised_at) for a in told(story, kind, level)]


def said(story: Story, decision: str, level: str, until: date | None = None, kind: str = "STALL") -> AnswerAlert:
    key = next(a.key for a in reversed(story.case.standing_alerts) if a.kind == kind and a.level == level)
    return AnswerAlert(alert=key, decision=decision, until=until, reason="Thought over")


def waiting_for(story: Story, kind: str = "STALL") -> dict[str, date]:
    return {d.level: day_of(d.due) for d in story.agenda() if d.kind == kind and d.times == 1}


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


@pytest.mark.parametrize("decision", ["ACT", "REASSIGN", "CLOSE"])
def test_any_other_decision_starts_the_full_ladder_again_on_its_day(decision: str) -> None:
    story = alone(Story(), working(13))
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
    story.do(Resume(comment="Back"))  # twenty working days, both ends counted
    assert waiting_for(story)["CASE_WORKER"] == working(11 + 5 + 20)


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


# --- Three years without a human hand ---


def random_story(seed: int) -> Story:
    dice = Random(seed)  # noqa: S311 - dice
    received = MONDAY - timedelta(days=dice.choice([0, 1, 30, 400]))
    facts = {"narrative": "Refused at the door", "place": {"commune": "59350"}}
    if dice.random() < 0.8:
        facts["occurred_on"] = (received - timedelta(days=dice.choice([0, 5, 40, 300, 900]))).isoformat()
    story = Story(
        received_at=received.isoformat(),
        domain=dice.choice([d.value for d in Domain]),
        facts=facts,
        acts=dice.choice([["DIRECTE"], ["PROPOS"], ["HARCELEMENT_MORAL"], ["CONTROLE_FACIES"]]),
        respondent={"kind": dice.choice(["COMPANY", "PUBLIC_BODY", "UNKNOWN"])},
    )
    story.wait(days=dice.randint(0, 9))
    steps: list[Callable[[], object]] = [
        lambda: story.do(SPOKE),
        lambda: story.referred(answer_due=dice.choice([None, day_of(story.at) + timedelta(days=20)])),
        lambda: (
            story.referred("asso-sud", handover=True)
            if "C1" not in {k.id for k in story.case.consents}
            else story.do(SPOKE)
        ),
        lambda: story.do(
            RequestPiece(piece=f"EV00{dice.randint(1, 3)}", from_whom="COMPLAINANT", lever="-", due=day_of(story.at))
        ),
        lambda: story.do(
            AddPiece(label="A film", held_by="RESPONDENT", perishes_on=day_of(story.at) + timedelta(days=25))
        ),
        lambda: story.do(SendLetter(pieces=("EV002", "EV005"), lever="ATTESTATION")),
        lambda: story.prepared().do(File(filing=story.case.filings[-1].id)),
        lambda: story.do(RecordFilingRequest(filing="F1", asked="-", due=day_of(story.at) + timedelta(days=9))),
        lambda: story.do(AcknowledgeFiling(filing="F1", register_number="26-0001")),
        lambda: story.do(
            Pause(reason="HEALTH", until=day_of(story.at) + timedelta(days=dice.randint(1, 180)), comment="-")
        ),
    ]
    for step in sorted(dice.sample(range(len(steps)), dice.randint(0, 6))):
        try:
            steps[step]()
        except Exception as refused:  # noqa: BLE001 - what the rules refuse is not what this is about
            assert type(refused).__name__ == "Refused", refused
        story.wait(days=dice.randint(0, 9), hours=dice.randint(0, 5))
    return story


@pytest.mark.parametrize("cases", [200, pytest.param(1_000, marks=[pytest.mark.proof, pytest.mark.timeout(600)])])
def test_three_years_without_a_human_hand(cases: int, record_property: Callable[[str, object], None]) -> None:
    by_kind: Counter[str] = Counter()
    raised = late = twice = 0
    end = date(2029, 3, 2)
    for seed in range(cases):
        story = random_story(seed)
        begun = story.at
        alone(story, end)
        alerts = story.case.alerts
        twice += len(alerts) - len({a.key for a in alerts})
        late += len(told_late(story, begun))
        raised += len(alerts)
        by_kind.update(a.kind for a in alerts)
        assert not passed(story.agenda(), story.at)
        assert [d for d in story.ours() if d.due <= story.at + timedelta(days=30)], "it is heard of within a month"
        repeats = [day_of(a.raised_at) for a in alerts if a.kind == "STALL" and a.level is Level.PLAN_LEAD]
        assert len(repeats) >= 50
        assert all(b == working(10, a) for a, b in zip(repeats[-20:], repeats[-19:], strict=False))
    kinds = ", ".join(f"{kind} {n}" for kind, n in by_kind.most_common())
    record_property(
        f"domain: {cases} cases, three years without a hand", f"{raised} raised, {late} late, {twice} twice ({kinds})"
    )
    assert (late, twice) == (0, 0)
    assert set(by_kind) == set(DeadlineKind) - {
        DeadlineKind.PAUSE_END, DeadlineKind.RETENTION, DeadlineKind.ARCHIVE_END, DeadlineKind.HOLD_REVIEW
    }  # fmt: skip


def told_late(story: Story, begun: datetime) -> list[Alert]:
    """The alerts that came after their instant."""
    woken = [day_of(e.recorded_at) for e in story.entries if e.event.tag in ("case_resumed.1", "referral_expired.1")]
    # Told at the instant itself; or, when a pause or a referral that ended set the clock going, on that day.
    return [a for a in story.case.alerts if a.raised_at > max(a.due, begun) and day_of(a.raised_at) not in woken]


STRICTER = DEFAULT_POLICY.model_copy(
    update={
        "stall": dict.fromkeys(OPEN_STEPS, Ladder(case_worker=2, supervisor=4, plan_lead=8)),
        "no_contact": Ladder(case_worker=10, supervisor=15, plan_lead=20),
        "repeat": 5,
    }
)
LAXER = DEFAULT_POLICY.model_copy(
    update={
        "stall": dict.fromkeys(OPEN_STEPS, Ladder(case_worker=60, supervisor=120, plan_lead=180)),
        "no_contact": Ladder(case_worker=90, supervisor=120, plan_lead=150),
        "repeat": 30,
    }
)


@pytest.mark.parametrize("then", [STRICTER, LAXER], ids=["stricter", "laxer"])
@pytest.mark.parametrize("cases", [40, pytest.param(500, marks=[pytest.mark.proof, pytest.mark.timeout(600)])])
def test_a_policy_change_in_the_middle_tells_nothing_twice_and_what_it_makes_due_at_once(
    cases: int, then: Policy, record_property: Callable[[str, object], None]
) -> None:
    raised = 0
    for seed in range(cases):
        story = random_story(seed)
        begun, changed = story.at, date(2026, 4, 1) + timedelta(days=seed * 7 % 400)
        alone(story, changed)
        story.policy = then
        at_once = passed(story.agenda(), story.at)
        before = len(story.case.alerts)
        if at_once:
            story.do(PassDeadlines(deadlines=at_once), by=CLOCK)
            assert {a.key for a in story.case.alerts[before:]} == {
                d.key for d in at_once if d.kind is not DeadlineKind.PAUSE_END
            }
        after = story.at
        alone(story, changed + timedelta(days=365))
        keys = [a.key for a in story.case.alerts]
        assert len(keys) == len(set(keys))
        assert not [a for a in told_late(story, begun) if a.raised_at != after]
        assert not passed(story.agenda(), story.at)
        raised += len(keys)
    name = "stricter" if then is STRICTER else "laxer"
    record_property(f"domain: {cases} cases, a {name} policy in the middle", f"{raised} raised, 0 late, 0 twice")


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


# --- The law's time limits and proof that perishes ---


def limits(story: Story) -> dict[str, datetime]:
    return {d.key: d.due for d in story.agenda() if d.kind in LAW}


def test_nothing_of_ours_moves_a_notice_before_a_time_limit() -> None:
    story = Story(domain="SERVICES_PUBLICS", facts={"narrative": "-", "occurred_on": "2026-02-20"})
    before = limits(story)
    assert {key.split("/")[1] for key in before} >= {"ADM_REP", "VIDEO_PERISSABLE", "PENAL_DELIT"}
    story.do(Pause(reason="HEALTH", until="2026-05-01", comment="In hospital")).until("2026-03-09")
    assert limits(story) == before
    story.do(Resume(comment="Back"), SPOKE, AddNote(text="-"), StartEvidence()).until("2026-03-24")
    assert limits(story) == before
    story.referred().do(AnswerReferral(referral="R1", accept=True), by=PARTNER).until("2026-05-19").pass_deadlines()
    for level in ("CASE_WORKER", "SUPERVISOR"):
        for alert in [a for a in story.case.standing_alerts if a.kind not in LAW and a.level == level]:
            answer = AnswerAlert(alert=alert.key, decision="EXTEND", until="2026-08-31", reason="-")
            if alert.kind != "REFERRAL_EXPIRY" and alert in story.case.standing_alerts:
                story.do(answer, by=SUPERVISOR)
    raised = {a.key: a.due for a in story.case.alerts if a.kind in LAW}
    assert raised
    assert limits(story) | raised == before


def test_filing_with_the_defender_moves_no_notice_either() -> None:
    story = Story(domain="SERVICES_PUBLICS", facts={"narrative": "-", "occurred_on": "2026-02-20"})
    before = limits(story)
    assert limits(story.prepared().do(File(filing="F1"))) == before


def test_of_the_notices_missed_before_the_opening_only_the_last_is_given_and_at_once() -> None:
    # Film kept a month from 5 February: gone after 4 March. All notices but the last lie before Monday 2.
    facts = {"narrative": "Refused at the door", "occurred_on": "2026-02-05"}
    story = Story(domain="POLICE_JUSTICE", facts=facts)
    film = [d for d in story.agenda() if d.clock.startswith("limit/VIDEO_PERISSABLE/")]
    assert [(d.days, d.level, day_of(d.due)) for d in film] == [
        (3, "SUPERVISOR", date(2026, 3, 2)),
        (1, "PLAN_LEAD", date(2026, 3, 3)),
    ]
    assert all(d.kind is DeadlineKind.PERISHABLE for d in film)


def test_a_limit_that_was_over_before_the_opening_is_told_once_to_the_plan_lead() -> None:
    story = Story(domain="POLICE_JUSTICE", facts={"narrative": "Refused", "occurred_on": "2026-01-05"})
    (only,) = (d for d in story.agenda() if d.clock.startswith("limit/VIDEO_PERISSABLE/"))
    assert (only.level, day_of(only.due)) == ("PLAN_LEAD", MONDAY)


def test_a_piece_that_perishes_has_its_own_notices_until_it_is_there() -> None:
    story = Story().do(AddPiece(label="The film of the hall", held_by="RESPONDENT", perishes_on="2026-03-20"))
    found = [d for d in story.agenda() if d.part == "P1"]
    assert [(d.days, d.level, day_of(d.due)) for d in found] == [
        (30, "CASE_WORKER", MONDAY),  # missed already: at once
        (15, "CASE_WORKER", date(2026, 3, 5)),
        (7, "SUPERVISOR", date(2026, 3, 13)),
        (3, "SUPERVISOR", date(2026, 3, 17)),
        (1, "PLAN_LEAD", date(2026, 3, 19)),
    ]
    assert {d.kind for d in found} == {"PERISHABLE"}
    story.do(Pause(reason="HEALTH", until="2026-05-01", comment="-")).until("2026-03-14").pass_deadlines()
    assert [a.part for a in story.case.standing_alerts if a.kind == "PERISHABLE"].count("P1") >= 2
    story.do(Resume(comment="-"), ReceivePiece(piece="P1", description="A key with the film"))
    assert not [d for d in story.agenda() if d.part == "P1"]


def test_a_notice_is_given_on_a_working_day_before_never_after() -> None:
    story = Story(domain="SERVICES_PUBLICS", facts={"narrative": "-", "occurred_on": "2026-02-26"})
    for deadline in (d for d in story.agenda() if d.kind in LAW and day_of(d.due) > MONDAY):
        _, _, prudent, n = deadline.clock.split("/")
        meant = date.fromisoformat(prudent) - timedelta(days=int(n))
        assert CALENDAR.is_working(day_of(deadline.due))
        assert meant - timedelta(days=4) <= day_of(deadline.due) <= meant


def test_a_notice_of_another_policy_and_calendar_is_taken_note_of() -> None:
    story = Story(domain="PROTECTION_SOCIALE", facts={"narrative": "-", "occurred_on": "2026-02-20"})
    story.policy = DEFAULT_POLICY.model_copy(
        update={"limitation_notice": (333, 44, 2), "short_limitation_notice": (50, 2)}
    )
    while wanted := [d for d in story.agenda() if d.kind in LAW]:
        story.at = max(story.at, wanted[0].due)
        story.pass_deadlines()
        assert wanted[0].key in {a.key for a in story.case.alerts}
        if story.at.year > 2033:
            break
    assert {int(a.clock.rsplit("/", 1)[1]) for a in story.case.alerts if a.kind in LAW} <= {333, 44, 50, 2}


# --- Awkward days ---


def test_29_february() -> None:
    story = Story().until("2028-02-29").do(SPOKE)
    assert waiting_for(story) == {
        "CASE_WORKER": date(2028, 3, 7),
        "SUPERVISOR": date(2028, 3, 14),
        "PLAN_LEAD": date(2028, 3, 28),
    }
    leap = Story(facts={"narrative": "-", "occurred_on": "2024-02-29"})
    assert leap.agenda()


def test_the_clocks_are_put_forward_and_back() -> None:
    spring = Story().until("2026-03-23").do(SPOKE)  # five working days, over the night of 28 to 29 March
    autumn = Story().until("2026-10-19").do(SPOKE)  # over the night of 24 to 25 October
    for story, due in ((spring, datetime(2026, 3, 30, 7, tzinfo=UTC)), (autumn, datetime(2026, 10, 26, 8, tzinfo=UTC))):
        (reminder,) = (d for d in story.agenda() if d.kind == "STALL" and d.level == "CASE_WORKER")
        assert reminder.due == due
        story.at = due - timedelta(microseconds=1)
        assert reminder not in passed(story.agenda(), story.at)
        assert reminder in passed(story.agenda(), due)


def test_whit_monday_does_not_count() -> None:
    story = Story().until("2026-05-18").do(SPOKE)  # 19 to 22 May, then not Monday 25 but Tuesday 26
    assert waiting_for(story)["CASE_WORKER"] == date(2026, 5, 26)


def test_a_friday_before_three_holidays() -> None:
    story = Story().until("2026-06-05").do(SPOKE)
    holidays = WorkingCalendar(frozenset({date(2026, 6, 8), date(2026, 6, 9), date(2026, 6, 10)}))
    due = {d.level: day_of(d.due) for d in agenda(story.case, DEFAULT_POLICY, holidays) if d.kind == "STALL"}
    assert due["CASE_WORKER"] == date(2026, 6, 17)  # 11, 12, 15, 16, 17 June
    assert due["SUPERVISOR"] == date(2026, 6, 24)


def test_a_referral_that_nobody_answers_over_a_long_weekend() -> None:
    story = (
        Story()
        .until("2026-05-07")
        .do(to_partner(on="2026-05-07"), Refer(partner=PARTNER_ORG, purpose="Help", answer_due="2026-05-08"))
    )
    assert story.due("REFERRAL_EXPIRY", part="R1") == date(2026, 5, 11)  # 8 May is a holiday, a Friday
