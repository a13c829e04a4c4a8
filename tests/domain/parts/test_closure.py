"""Closure: lack of proof takes an exhausted checklist and two people; reopening erases nothing."""

import pytest

from domain.parts.assessment import Assess
from domain.parts.closure import _OUTCOMES, CountersignClosure, ProposeClosure, RejectClosure, Reopen
from domain.parts.contact import AddNote
from domain.parts.pause import Pause
from domain.parts.referral import AnswerReferral, CompleteReferral, Refer
from domain.vocabulary import ClosureReason, Outcome, Step
from tests.domain.examples import Story, closing, to_partner
from tests.people import COLLEAGUE, PARTNER, SUPERVISOR, SUPERVISOR_2, SUPERVISOR_AMP, WORKER

SIGN = CountersignClosure(comment="Read and agreed")
SEND_BACK = RejectClosure(reason="Ask the agency first")


def test_every_reason_comes_to_some_outcome_and_every_outcome_has_a_reason() -> None:
    assert set(_OUTCOMES) == set(ClosureReason)
    assert set().union(*_OUTCOMES.values()) == set(Outcome)


@pytest.mark.parametrize("reason", [r for r in ClosureReason if r is not ClosureReason.LACK_OF_PROOF])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_one_person_closes_for_any_reason_but_lack_of_proof(reason: ClosureReason, outcome: Outcome) -> None:
    command = closing(reason=reason, outcome=outcome)
    if outcome in _OUTCOMES[reason]:
        assert Story().do(command).case.step is Step.CLOSED
    else:
        assert Story().refusal(command).code == "outcome_unfit"


def test_lack_of_proof_is_proposed_by_one_and_countersigned_by_another() -> None:
    story = Story().proposed()
    assert story.case.step is Step.INTAKE
    assert story.refusal(SIGN, by=COLLEAGUE).code == "not_permitted"
    assert story.refusal(SIGN, by=SUPERVISOR_AMP).code == "no_such_case"
    closure = story.do(SIGN, by=SUPERVISOR).case.closures[-1]
    assert (closure.reason, closure.proposed_by) == ("LACK_OF_PROOF", WORKER.account)


def test_a_supervisor_who_proposes_needs_another_supervisor() -> None:
    story = Story().exhausted().do(closing(ProposeClosure), by=SUPERVISOR)
    assert story.refusal(SIGN, by=SUPERVISOR).code == "same_person"
    assert story.do(SIGN, by=SUPERVISOR_2).case.step is Step.CLOSED


def test_a_closure_sent_back_can_be_proposed_again() -> None:
    story = Story().proposed().do(SEND_BACK, by=SUPERVISOR)
    assert story.case.proposed_closure is None
    assert story.do(closing(ProposeClosure)).case.proposed_closure is not None


def test_what_was_true_when_it_was_proposed_must_still_be_when_it_is_countersigned() -> None:
    story = Story().proposed()
    story.do(Assess(treatment="STANDS", ground="STANDS", link="STANDS", reasoning="A witness came"))
    assert story.refusal(SIGN, by=SUPERVISOR).code == "proof_stands"
    story = Story().proposed().do(to_partner(), Refer(partner="asso-nord", purpose="A last try"))
    assert story.refusal(SIGN, by=SUPERVISOR).code == "parts_open"


def test_closing_ends_alerts_and_pauses() -> None:
    story = Story().until("2026-04-10").pass_deadlines()
    story.do(Pause(reason="HEALTH", until="2026-05-20", comment="In hospital")).wait(days=3).do(closing())
    assert not story.case.standing_alerts
    assert story.case.pause is None
    assert {a.decision for a in story.case.alerts} == {"CLOSE"}


def test_a_closed_case_is_no_longer_before_a_partner() -> None:
    story = Story().referred().do(AnswerReferral(referral="R1", accept=True), by=PARTNER)
    story.do(CompleteReferral(referral="R1", result="Done"), by=PARTNER).closed()
    assert story.refusal(AddNote(text="One more thing"), by=PARTNER).code == "no_such_case"


def test_reopening_erases_nothing_and_closing_again_adds() -> None:
    story = Story().closed().wait(days=40).do(Reopen(reason="A witness came"))
    assert (story.case.step, len(story.case.closures)) == (Step.INTAKE, 1)
    assert len(story.closed().case.closures) == 2
    assert story.case.holder == WORKER.account
