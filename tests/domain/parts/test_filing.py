"""Escalation: a filing needs a name and a consent, and has a life of its own."""

import pytest

from domain.parts.base import Command
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import RecordContact
from domain.parts.filing import (
    AcknowledgeFiling,
    AnswerFilingRequest,
    File,
    PrepareFiling,
    RecordFilingDecision,
    RecordFilingDeclined,
    RecordFilingRequest,
    WithdrawFiling,
)
from domain.parts.intake import AmendComplaint
from domain.parts.piece import StartEvidence
from domain.vocabulary import ConsentForm, Step
from tests.domain.examples import MONDAY, Story, complaint, to_defender

FILE = File(filing="F1", register_number="26-0001")
ENDS = [
    (RecordFilingDecision(filing="F1", outcome="MEDIATION", summary="Agreed"), "DECIDED"),
    (RecordFilingDeclined(filing="F1", reason="Outside his remit"), "DECLINED"),
    (WithdrawFiling(filing="F1", reason="The person prefers a court"), "WITHDRAWN"),
]


def test_a_case_can_be_filed_on_day_one() -> None:
    story = Story().prepared().do(FILE)
    assert (story.case.step, story.case.filing("F1").status) == (Step.ESCALATION, "FILED")


def test_a_consent_given_after_the_filing_was_prepared_counts() -> None:
    story = Story().do(PrepareFiling(channel="POST"))
    assert story.case.filing("F1").status == "PREPARED"
    assert story.do(to_defender()).case.filing("F1").status == "CONSENTED"
    assert story.do(FILE).case.filing("F1").register_number == "26-0001"


def test_a_written_consent_makes_good_for_an_oral_one_when_an_association_complains() -> None:
    story = Story().do(to_defender(form=ConsentForm.ORAL), PrepareFiling(channel="POST"))
    story.do(AmendComplaint(complaint=complaint(capacity="ASSOCIATION"), reason="They complain now"))
    assert story.refusal(FILE).code == "consent_missing_defender"
    assert story.do(to_defender(), FILE).case.filing("F1").status == "FILED"


@pytest.mark.parametrize("acknowledged", [True, False])
@pytest.mark.parametrize(("end", "status"), ENDS)
def test_a_filing_ends_once_and_another_may_follow(end: Command, status: str, acknowledged: bool) -> None:
    story = Story().prepared().do(FILE)
    if acknowledged:
        story.do(AcknowledgeFiling(filing="F1", register_number="26-0001"))
    assert story.do(end).case.filing("F1").status == status
    assert {story.refusal(again).code for again, _ in ENDS} == {"filing_status"}
    assert story.case.step is (Step.ESCALATION if status == "DECIDED" else Step.EVIDENCE)
    assert story.do(PrepareFiling(channel="POST")).case.filing("F2").status == "CONSENTED"
    assert story.case.step is Step.ESCALATION


# --- What more the Defender asks for ---

MORE = RecordFilingRequest(filing="F1", asked="The lease", due="2026-03-31")


def test_the_defender_asks_for_more_and_is_answered() -> None:
    story = Story().prepared().do(FILE, MORE, MORE, AnswerFilingRequest(filing="F1", request="Q2", answer="Sent"))
    first, second = story.case.filing("F1").requests
    assert (first.id, first.answered, second.answer) == ("Q1", None, "Sent")
    assert story.case.filing("F1").open_requests == (first,)


def test_an_answer_to_the_defender_is_recalled_before_it_is_due() -> None:
    story = Story().prepared().do(FILE, MORE)
    days = [
        story.due("FILING_REQUEST", level, "F1").isoformat() for level in ("CASE_WORKER", "SUPERVISOR", "PLAN_LEAD")
    ]
    assert days == ["2026-03-24", "2026-03-27", "2026-04-02"]
    story.do(AnswerFilingRequest(filing="F1", request="Q1", answer="Sent"))
    assert "FILING_REQUEST" not in {d.kind for d in story.ours()}


def test_what_was_due_tomorrow_is_recalled_from_the_day_it_was_asked() -> None:
    story = Story().prepared().do(FILE, MORE.model_copy(update={"due": MONDAY.date()}))
    assert story.due("FILING_REQUEST", part="F1").isoformat() == "2026-03-03"


@pytest.mark.parametrize(("end", "status"), ENDS)
def test_a_filing_that_ended_awaits_nothing_more_of_us(end: Command, status: str) -> None:
    story = Story().prepared().do(FILE, MORE, end)
    assert story.case.filing("F1").open_requests == ()
    assert "FILING_REQUEST" not in {d.kind for d in story.ours()}
    assert story.refusal(AnswerFilingRequest(filing="F1", request="Q1", answer="Sent")).code == "filing_status"


def test_taking_consent_back_does_not_undo_a_filing_that_was_sent() -> None:
    story = Story().prepared().do(FILE, WithdrawConsent(consent="C1"))
    assert story.case.filing("F1").status == "FILED"


def test_going_back_to_evidence_leaves_the_filing_open() -> None:
    story = Story().prepared().do(StartEvidence(), FILE)
    assert (story.case.step, story.case.filing("F1").status) == (Step.EVIDENCE, "FILED")


# --- What waits for us ---


def test_a_filing_that_is_prepared_and_never_sent_is_recalled_within_a_week() -> None:
    story = Story().do(PrepareFiling(channel="POST"))
    assert story.due("FILING_UNSENT", part="F1").isoformat() == "2026-03-09"
    assert story.due("FILING_UNSENT", "SUPERVISOR", "F1").isoformat() == "2026-03-16"
    assert "FILING_UNSENT" in {d.kind for d in story.do(to_defender()).ours()}, "agreed to, and still not sent"
    assert "FILING_UNSENT" not in {d.kind for d in story.do(FILE).ours()}


def test_an_agreement_taken_back_starts_the_clock_of_what_was_not_sent_again() -> None:
    story = Story().prepared().wait(days=4).do(WithdrawConsent(consent="C1"))
    assert story.due("FILING_UNSENT", part="F1").isoformat() == "2026-03-13"


def test_an_agreement_taken_back_after_the_filing_is_heard_of_until_it_is_withdrawn_or_given_again() -> None:
    story = Story().prepared().do(FILE).wait(days=1).do(WithdrawConsent(consent="C1"))
    assert story.due("FILING_CONSENT", part="F1").isoformat() == "2026-03-10"
    assert "FILING_CONSENT" not in {d.kind for d in story.do(to_defender()).ours()}
    story.do(WithdrawConsent(consent="C2"))
    assert "FILING_CONSENT" in {d.kind for d in story.ours()}
    story.do(WithdrawFiling(filing="F1", reason="The person asked"))
    assert "FILING_CONSENT" not in {d.kind for d in story.ours()}


@pytest.mark.parametrize(("end", "status"), ENDS)
def test_whoever_complained_hears_of_the_end_of_a_filing(end: Command, status: str) -> None:
    story = Story().prepared().do(FILE).wait(days=1).do(end)
    assert story.due("FILING_ENDED", part="F1").isoformat() == "2026-03-05"
    tried = RecordContact(medium="PHONE", reached=False, summary="No answer")
    assert "FILING_ENDED" in {d.kind for d in story.do(tried).ours()}
    assert "FILING_ENDED" not in {d.kind for d in story.do(RecordContact(medium="PHONE", summary="Told")).ours()}


def test_a_case_that_is_not_before_the_defender_does_not_sleep_for_as_long_as_one_that_is() -> None:
    story = Story().prepared()
    assert story.due("STALL").isoformat() == "2026-03-30"
    story.do(FILE)
    assert story.due("STALL").isoformat() == "2026-06-01"
