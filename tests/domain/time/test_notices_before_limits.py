"""Notices before the law's time limits and before a proof perishes: never later, whatever happens in the case."""

from datetime import date, datetime, timedelta

from domain.parts.alert import AnswerAlert
from domain.parts.contact import AddNote
from domain.parts.filing import File
from domain.parts.pause import Pause, Resume
from domain.parts.piece import AddPiece, ReceivePiece, StartEvidence
from domain.parts.referral import AnswerReferral
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of
from domain.vocabulary import DeadlineKind
from tests.domain.examples import CALENDAR, Story
from tests.domain.time.ladders import MONDAY, SPOKE
from tests.people import PARTNER, SUPERVISOR

LAW = (DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE)


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
