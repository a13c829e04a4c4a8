"""Evidence: each piece is received, refused or explained."""

import pytest

from domain import commands as c
from domain.vocabulary import Step
from tests.domain.examples import PARTNER, SUPERVISOR, Story, consent

REQUEST = c.RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-20")
REFUSAL = c.RecordPieceRefusal(piece="EV001", silent=True, explanation="No answer")


@pytest.mark.parametrize("before", ["INTAKE", "ESCALATION"])
def test_evidence_may_start_from_intake_and_be_gone_back_to(before: str) -> None:
    story = Story()
    if before == "ESCALATION":
        story.do(c.PrepareFiling(channel="POST"))
    assert story.do(c.StartEvidence()).case.step is Step.EVIDENCE
    assert story.refusal(c.StartEvidence()).code == "wrong_step"


def test_a_piece_of_ones_own_is_named_after_the_last() -> None:
    story = Story()
    for label in ("The lease", "A recording"):
        story.do(c.AddPiece(label=label, held_by="RESPONDENT", perishes_on="2026-04-01"))
    assert [p.label for p in story.case.pieces if p.label] == ["The lease", "A recording"]
    assert story.case.piece("P2").perishes_on is not None


def test_a_refused_piece_is_explained_and_may_be_asked_for_again_by_another_lever() -> None:
    story = Story().do(REQUEST, REFUSAL)
    assert not story.case.piece("EV001").is_unexplained
    assert story.do(REQUEST).case.piece("EV001").is_unexplained


def test_a_piece_asked_of_the_respondent_needs_the_persons_consent() -> None:
    ask = c.RequestPiece(piece="EV037", from_whom="RESPONDENT", lever="CPC 145", due="2026-04-01")
    assert Story().refusal(ask).code == "consent_missing_respondent"
    assert Story().do(consent("RESPONDENT"), ask).case.piece("EV037").status == "REQUESTED"


def test_a_partner_brings_a_piece() -> None:
    story = Story().referred().do(c.ReceivePiece(piece="EV006", description="A test"), by=PARTNER)
    assert story.case.piece("EV006").status == "RECEIVED"


def test_pieces_are_given_up_with_a_reason_and_come_back_when_found() -> None:
    story = Story().do(c.MarkUnobtainable(pieces=("EV002", "EV005"), reason="Nobody was there"))
    story.do(c.WaivePieces(pieces=("EV012",), reason="No algorithm"))
    assert [story.case.piece(p).status for p in ("EV002", "EV005", "EV012")] == ["UNOBTAINABLE"] * 2 + ["WAIVED"]
    assert story.do(c.ReceivePiece(piece="EV002", description="A witness")).case.piece("EV002").status == "RECEIVED"


def test_the_last_assessment_counts() -> None:
    story = (
        Story()
        .exhausted()
        .do(c.Assess(treatment="STANDS", ground="STANDS", link="STANDS", reasoning="A witness"), by=SUPERVISOR)
    )
    assert story.case.assessment is not None
    assert story.case.assessment.all_stand
