"""Attention: pauses, deadlines that pass, alerts that stand until somebody decides."""

from datetime import timedelta

import pytest

from domain.actors import CLOCK
from domain.parts.alert import AnswerAlert, PassDeadlines
from domain.parts.assignment import Assign
from domain.parts.base import Command
from domain.parts.contact import RecordContact
from domain.parts.pause import Pause, Resume
from domain.parts.referral import AnswerReferral, WithdrawReferral
from domain.time.deadline import Deadline
from domain.time.lines import one_line_each
from domain.vocabulary import DeadlineKind, Level
from tests.domain.examples import Story, closing
from tests.people import COLLEAGUE, HOME, LEAD, PARTNER, SUPERVISOR, WORKER

PAUSE = Pause(reason="HEALTH", until="2026-03-31", comment="In hospital")


def late(story: Story, by: timedelta = timedelta(days=90)) -> PassDeadlines:
    """Everything of today's agenda, as a timer would bring it that much later."""
    story.at += by
    return PassDeadlines(deadlines=tuple(d for d in story.agenda() if d.due <= story.at))


def test_an_alert_is_raised_once_whatever_restarts() -> None:
    story = Story()
    command = late(story)
    raised = len(story.do(command, by=CLOCK).case.alerts)
    assert raised == len(command.deadlines) == len({d.key for d in command.deadlines})
    assert [d.level for d in command.deadlines if d.kind is DeadlineKind.STALL] == [
        *("CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"),
    ]
    assert len(story.do(command, by=CLOCK).case.alerts) == raised
    assert len(story.do(PassDeadlines(deadlines=command.deadlines * 2), by=CLOCK).case.alerts) == raised


def test_a_deadline_to_come_is_not_noted() -> None:
    story = Story()
    assert story.do(PassDeadlines(deadlines=story.agenda()), by=CLOCK).case.version == len(Story().entries)


@pytest.mark.parametrize(
    ("meanwhile", "by"),
    [
        (AnswerReferral(referral="R1", accept=True), PARTNER),
        (WithdrawReferral(referral="R1", reason="By mistake"), WORKER),
    ],
)
def test_a_referral_answered_meanwhile_does_not_expire(meanwhile: Command, by: object) -> None:
    story = Story().referred()
    command = late(story)
    assert any(d.kind is DeadlineKind.REFERRAL_EXPIRY for d in command.deadlines)
    before = story.do(meanwhile, by=PARTNER if by is PARTNER else WORKER).case.referral("R1").status
    assert story.do(command, by=CLOCK).case.referral("R1").status == before
    assert "referral_expired" not in story.tags


def test_a_pause_ended_meanwhile_does_not_end_twice() -> None:
    story = Story().do(PAUSE)
    command = late(story)
    story.do(Resume(comment="Back"))
    assert story.do(command, by=CLOCK).tags.count("case_resumed") == 1
    assert story.do(PAUSE.model_copy(update={"until": story.at.date() + timedelta(days=9)})).case.pause is not None
    assert story.do(command, by=CLOCK).case.pause is not None


def test_progress_made_meanwhile_is_not_called_a_stall() -> None:
    story = Story()
    command = late(story)
    story.do(RecordContact(medium="PHONE", summary="Spoke")).do(command, by=CLOCK)
    assert {a.kind for a in story.case.alerts} <= {DeadlineKind.LIMITATION, DeadlineKind.NO_CONTACT}


def test_a_case_closed_meanwhile_raises_nothing() -> None:
    story = Story()
    command = late(story)
    assert story.do(closing()).do(command, by=CLOCK).case.alerts == ()


def test_a_deadline_that_names_another_part_is_not_noted() -> None:
    story = Story()
    (true, *_) = late(story).deadlines
    forged = Deadline(**true.model_dump(exclude={"kind", "part"}), kind=DeadlineKind.REFERRAL_EXPIRY, part="R9")
    assert story.do(PassDeadlines(deadlines=(forged,)), by=CLOCK).case.alerts == ()


def test_a_pause_ends_by_its_date_and_says_so() -> None:
    story = Story().do(PAUSE).until("2026-04-01").pass_deadlines()
    assert story.case.pause is None
    assert story.case.pauses[-1].ended_on == PAUSE.until


def test_a_pause_never_ends_before_it_began_nor_after_its_date() -> None:
    early = Story().until("2026-03-10").do(PAUSE, Resume(comment="Back", happened_at="2026-03-04"))
    assert early.case.pauses[-1].ended_on == early.case.pauses[-1].from_day
    tardy = Story().do(PAUSE).until("2026-04-20").do(Resume(comment="Back"))
    assert tardy.case.pauses[-1].ended_on == PAUSE.until


def test_a_case_is_stalled_from_the_supervisors_alert_until_it_is_answered() -> None:
    story = Story().until("2026-03-10").pass_deadlines()
    assert not story.case.is_stalled
    assert story.until("2026-03-17").pass_deadlines().case.is_stalled
    act = AnswerAlert(alert="stall/INTAKE/1/SUPERVISOR", decision="ACT", reason="A letter is due")
    assert not story.do(act, by=SUPERVISOR).case.is_stalled


def test_a_decision_that_names_an_act_ends_the_alert_once_the_act_is_done() -> None:
    story = Story().until("2026-03-10").pass_deadlines()
    given = AnswerAlert(alert="stall/INTAKE/1/CASE_WORKER", decision="REASSIGN", reason="Another takes it")
    assert story.refusal(given, by=SUPERVISOR).code == "not_reassigned"
    assert story.case.standing_alerts, "what was only announced ends nothing"
    story.do(Assign(holder=COLLEAGUE.account, organisation=HOME, reason="On leave"), by=SUPERVISOR)
    assert not story.do(given, by=SUPERVISOR).case.standing_alerts


def test_a_case_given_before_the_alert_is_no_answer_to_it() -> None:
    story = Story().do(Assign(holder=COLLEAGUE.account, organisation=HOME, reason="On leave"))
    story.until("2026-03-10").pass_deadlines()
    given = AnswerAlert(alert="stall/INTAKE/1/CASE_WORKER", decision="REASSIGN", reason="Another takes it")
    assert story.refusal(given, by=SUPERVISOR).code == "not_reassigned"


def test_one_stall_is_one_line_at_the_highest_level_that_it_reached() -> None:
    story = Story().until("2026-06-01").pass_deadlines()
    (stall,) = (told for told in one_line_each(story.case.standing_alerts) if told.alert.kind is DeadlineKind.STALL)
    assert (stall.alert.level, stall.below) == (Level.PLAN_LEAD, (Level.SUPERVISOR, Level.CASE_WORKER))
    story.until("2026-07-01").pass_deadlines()
    (again,) = (told for told in one_line_each(story.case.standing_alerts) if told.alert.kind is DeadlineKind.STALL)
    assert again.alert.key == f"{stall.alert.key}/2", "the last repetition speaks"


def test_whoever_is_above_may_answer_for_whoever_is_below() -> None:
    for by in (WORKER, SUPERVISOR, LEAD):
        story = Story().until("2026-03-10").pass_deadlines()
        act = AnswerAlert(alert="stall/INTAKE/1/CASE_WORKER", decision="ACT", reason="A letter is due")
        assert not story.do(act, by=by).case.standing_alerts
