"""Referral: a case is always somebody's, and no partner speaks for another."""

import pytest

from domain.actors import Actor
from domain.parts.assignment import Assign
from domain.parts.base import Command
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import AddNote
from domain.parts.piece import StartEvidence
from domain.parts.referral import AnswerReferral, CompleteReferral, MarkReferralSeen, Refer, WithdrawReferral
from domain.vocabulary import Step
from tests.domain.examples import Story, to_partner
from tests.people import HOME, PARTNER, PARTNER_ORG, PARTNER_WORKER, SUPERVISOR, THIRD_ORG, THIRD_WORKER, WORKER

ACCEPT = AnswerReferral(referral="R1", accept=True)
ACCEPT_2 = AnswerReferral(referral="R2", accept=True)
REFUSE = AnswerReferral(referral="R1", accept=False, reason="NO_CAPACITY", comment="In May")


def test_a_first_referral_moves_the_case_to_the_step_of_referral() -> None:
    assert Story().referred().case.step is Step.REFERRAL
    assert Story().do(StartEvidence()).referred().case.step is Step.EVIDENCE


def test_a_refused_referral_comes_back_at_once_with_its_reason() -> None:
    story = Story().referred().do(REFUSE, by=PARTNER)
    assert (story.case.step, story.case.referral("R1").refusal) == (Step.INTAKE, "NO_CAPACITY")
    assert not story.case.parties - {HOME}


def test_a_refused_referral_does_not_bring_back_what_another_partner_has_in_hand() -> None:
    story = Story().referred().referred(THIRD_ORG).do(REFUSE, by=PARTNER)
    assert story.case.step is Step.REFERRAL


def test_the_senders_team_may_answer_in_the_partners_name() -> None:
    story = Story().referred().do(ACCEPT, by=WORKER)
    assert story.case.referral("R1").status == "ACCEPTED"
    assert story.case.organisation == HOME


def test_a_partner_sees_accepts_and_completes_and_then_no_longer_has_the_case() -> None:
    story = Story().referred().do(MarkReferralSeen(referral="R1"), ACCEPT, by=PARTNER)
    story.do(CompleteReferral(referral="R1", result="Letter written"), by=PARTNER)
    assert story.case.referral("R1").result == "Letter written"
    assert story.refusal(AddNote(text="One more thing"), by=PARTNER).code == "no_such_case"


def test_a_supervisor_completes_a_referral_for_a_partner() -> None:
    story = Story().referred().do(ACCEPT, by=PARTNER)
    story.do(CompleteReferral(referral="R1", result="Told by telephone"), by=SUPERVISOR)
    assert story.case.referral("R1").status == "DONE"


@pytest.mark.parametrize(
    ("end", "by"),
    [
        (CompleteReferral(referral="R1", result="Done"), PARTNER_WORKER),
        (WithdrawReferral(referral="R1", reason="They asked"), SUPERVISOR),
    ],
)
def test_what_was_handed_over_comes_home_when_it_ends(end: Command, by: Actor) -> None:
    story = Story().referred(handover=True).do(ACCEPT, by=PARTNER_WORKER)
    assert story.case.organisation == PARTNER_ORG
    assert (story.do(end, by=by).case.holder, story.case.organisation) == (WORKER.account, HOME)


def twice_handed_over() -> Story:
    story = Story().do(to_partner(PARTNER_ORG), to_partner(THIRD_ORG))
    story.do(Refer(partner=PARTNER_ORG, purpose="Help", handover=True)).do(ACCEPT, by=PARTNER_WORKER)
    story.do(Refer(partner=THIRD_ORG, purpose="Help", handover=True), by=PARTNER_WORKER)
    return story.do(ACCEPT_2, by=THIRD_WORKER)


def test_a_case_handed_on_comes_home_one_door_at_a_time() -> None:
    story = twice_handed_over()
    assert story.case.organisation == THIRD_ORG
    story.do(CompleteReferral(referral="R2", result="Done"), by=THIRD_WORKER)
    assert story.case.organisation == PARTNER_ORG
    story.do(CompleteReferral(referral="R1", result="Done"), by=PARTNER_WORKER)
    assert story.case.organisation == HOME


def test_a_case_handed_on_does_not_come_back_to_a_partner_whose_consent_was_withdrawn() -> None:
    story = twice_handed_over().do(WithdrawConsent(consent="C1"), by=THIRD_WORKER)
    assert story.case.organisation == THIRD_ORG
    story.do(CompleteReferral(referral="R2", result="Done"), by=THIRD_WORKER)
    assert (story.case.holder, story.case.organisation) == (WORKER.account, HOME)


def test_a_case_that_a_supervisor_took_from_a_partner_stays_where_it_was_put() -> None:
    story = Story().referred(handover=True).do(ACCEPT, by=PARTNER_WORKER)
    story.do(to_partner(THIRD_ORG), Assign(holder="eden", organisation=THIRD_ORG, reason="Leave"), by=SUPERVISOR)
    story.do(CompleteReferral(referral="R1", result="Done"), by=PARTNER_WORKER)
    assert (story.case.holder, story.case.organisation) == ("eden", THIRD_ORG)


def test_an_expired_handover_leaves_the_holder_where_they_were() -> None:
    story = Story().referred(handover=True).until("2026-04-02").pass_deadlines()
    assert "referral_expired" in story.tags
    assert (story.case.holder, story.case.step) == (WORKER.account, Step.INTAKE)
