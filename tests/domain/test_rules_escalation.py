"""Escalation: a filing needs a name and a consent, and has a life of its own."""

import pytest

from domain import commands as c
from domain.vocabulary import ConsentForm, Step
from tests.domain.examples import Story, complaint, to_defender

FILE = c.File(filing="F1", register_number="26-0001")
ENDS = [
    (c.RecordFilingDecision(filing="F1", outcome="MEDIATION", summary="Agreed"), "DECIDED"),
    (c.RecordFilingDeclined(filing="F1", reason="Outside his remit"), "DECLINED"),
    (c.WithdrawFiling(filing="F1", reason="The person prefers a court"), "WITHDRAWN"),
]


def test_a_case_can_be_filed_on_day_one() -> None:
    story = Story().prepared().do(FILE)
    assert (story.case.step, story.case.filing("F1").status) == (Step.ESCALATION, "FILED")


def test_a_consent_given_after_the_filing_was_prepared_counts() -> None:
    story = Story().do(c.PrepareFiling(channel="POST"))
    assert story.case.filing("F1").status == "PREPARED"
    assert story.do(to_defender()).case.filing("F1").status == "CONSENTED"
    assert story.do(FILE).case.filing("F1").register_number == "26-0001"


def test_a_written_consent_makes_good_for_an_oral_one_when_an_association_complains() -> None:
    story = Story().do(to_defender(form=ConsentForm.ORAL), c.PrepareFiling(channel="POST"))
    story.do(c.AmendComplaint(complaint=complaint(capacity="ASSOCIATION"), reason="They complain now"))
    assert story.refusal(FILE).code == "consent_missing_defender"
    assert story.do(to_defender(), FILE).case.filing("F1").status == "FILED"


@pytest.mark.parametrize("acknowledged", [True, False])
@pytest.mark.parametrize(("end", "status"), ENDS)
def test_a_filing_ends_once_and_another_may_follow(end: c.Command, status: str, acknowledged: bool) -> None:
    story = Story().prepared().do(FILE)
    if acknowledged:
        story.do(c.AcknowledgeFiling(filing="F1", register_number="26-0001"))
    assert story.do(end).case.filing("F1").status == status
    assert {story.refusal(again).code for again, _ in ENDS} == {"filing_status"}
    assert story.do(c.PrepareFiling(channel="POST")).case.filing("F2").status == "CONSENTED"
    assert story.case.step is Step.ESCALATION


def test_taking_consent_back_does_not_undo_a_filing_that_was_sent() -> None:
    story = Story().prepared().do(FILE, c.WithdrawConsent(consent="C1"))
    assert story.case.filing("F1").status == "FILED"


def test_going_back_to_evidence_leaves_the_filing_open() -> None:
    story = Story().prepared().do(c.StartEvidence(), FILE)
    assert (story.case.step, story.case.filing("F1").status) == (Step.EVIDENCE, "FILED")
