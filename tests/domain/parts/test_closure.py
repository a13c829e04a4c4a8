"""Closure: what says that there is nothing to claim takes two people; reopening erases nothing."""

from datetime import timedelta
from typing import Any

import pytest

from domain.law.remaining import Chance, remaining
from domain.parts.assessment import Assess
from domain.parts.closure import _OUTCOMES, CountersignClosure, ProposeClosure, RejectClosure, Reopen
from domain.parts.contact import AddNote
from domain.parts.intake import AmendComplaint
from domain.parts.pause import Pause
from domain.parts.referral import AnswerReferral, CompleteReferral, Refer
from domain.values import day_of, reference_from
from domain.vocabulary import ClosureReason, Outcome, Step
from tests.domain.examples import Story, closing, complaint, to_partner
from tests.people import COLLEAGUE, LILLE, PARTNER, SUPERVISOR, SUPERVISOR_2, SUPERVISOR_AMP, WORKER

SIGN = CountersignClosure(comment="Read and agreed")
SEND_BACK = RejectClosure(reason="Ask the agency first")


def test_every_reason_comes_to_some_outcome_and_every_outcome_has_a_reason() -> None:
    assert set(_OUTCOMES) == set(ClosureReason)
    assert set().union(*_OUTCOMES.values()) == set(Outcome)


@pytest.mark.parametrize("reason", list(ClosureReason))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_one_person_closes_unless_the_reason_says_that_nothing_can_be_claimed(
    reason: ClosureReason, outcome: Outcome
) -> None:
    more = {"duplicate_of": reference_from(7)} if reason is ClosureReason.DUPLICATE else {}
    command = closing(reason=reason, outcome=outcome, **more)
    if reason in ("LACK_OF_PROOF", "NOT_DISCRIMINATION", "TIME_BARRED"):
        assert Story().refusal(command, by=SUPERVISOR).code == "two_people"
    elif outcome in _OUTCOMES[reason]:
        assert Story().do(command).case.step is Step.CLOSED
    else:
        assert Story().refusal(command).code == "outcome_unfit"


NO_DISCRIMINATION = closing(ProposeClosure, reason="NOT_DISCRIMINATION")
OVER = closing(ProposeClosure, reason="TIME_BARRED")


def facts(**changes: Any) -> dict[str, Any]:
    return {"narrative": "Refused at the door", "place": {"commune": LILLE}} | changes


def test_what_is_no_discrimination_for_one_is_looked_at_by_another() -> None:
    story = Story().do(NO_DISCRIMINATION)
    assert story.case.step is Step.INTAKE
    assert story.refusal(SIGN, by=COLLEAGUE).code == "not_permitted"
    assert story.do(SIGN, by=SUPERVISOR).case.closures[-1].proposed_by == WORKER.account


def test_no_case_is_time_barred_while_a_limit_that_is_known_to_be_open_runs() -> None:
    story = Story()
    refused = story.refusal(OVER)
    assert refused.code == "still_in_time"
    assert "PENAL_DELIT" in str(refused.params["rows"])
    last = max(r.limit.deadline_prudent for r in remaining(story.case, day_of(story.at)) if r.limit.deadline_prudent)
    assert story.until(last).refusal(OVER).code == "still_in_time", "on its very last day"
    story.until(last + timedelta(days=1)).do(OVER)
    assert story.do(SIGN, by=SUPERVISOR).case.closures[-1].reason == "TIME_BARRED"


def test_where_only_doubtful_limits_stand_two_people_decide() -> None:
    story = Story(facts=facts())  # no date is known: every limit may be over, or not
    assert {r.chance for r in remaining(story.case, day_of(story.at))} == {Chance.DOUBTFUL, Chance.UNDATED}
    story.do(OVER)
    assert story.refusal(SIGN, by=WORKER).code == "not_permitted"
    assert story.do(SIGN, by=SUPERVISOR).case.step is Step.CLOSED


def test_a_limit_that_turns_out_to_run_meanwhile_is_not_countersigned() -> None:
    story = Story(facts=facts()).do(OVER)
    story.do(AmendComplaint(complaint=complaint(facts=facts(occurred_on="2026-02-20")), reason="She remembers"))
    assert story.refusal(SIGN, by=SUPERVISOR).code == "still_in_time"
    assert story.do(SEND_BACK, by=SUPERVISOR).case.proposed_closure is None


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


def test_a_duplicate_is_linked_to_the_case_that_goes_on_and_nothing_is_copied() -> None:
    content = {"reason": "DUPLICATE", "outcome": "PROCEEDINGS_ELSEWHERE", "duplicate_of": reference_from(7)}
    story = Story().do(closing(**content))
    assert story.case.closures[-1].duplicate_of == reference_from(7)
    closed = story.entries[-1].event.model_dump()
    assert closed["duplicate_of"] == reference_from(7)
    assert "duplicate_of" not in Story().closed().entries[-1].event.model_dump()
