"""Evidence: each piece is received, refused or explained."""

import pytest

from domain.parts.assessment import Assess
from domain.parts.filing import PrepareFiling
from domain.parts.letter import SendLetter
from domain.parts.piece import (
    AddPiece,
    MarkUnobtainable,
    ReceivePiece,
    RecordPieceRefusal,
    RequestPiece,
    StartEvidence,
    WaivePieces,
)
from domain.parts.referral import AnswerReferral
from domain.vocabulary import Step
from tests.domain.examples import Story, consent, explained
from tests.people import PARTNER, SUPERVISOR

REQUEST = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-20")
REFUSAL = RecordPieceRefusal(piece="EV001", silent=True, explanation="No answer")


@pytest.mark.parametrize("before", ["INTAKE", "ESCALATION"])
def test_evidence_may_start_from_intake_and_be_gone_back_to(before: str) -> None:
    story = Story()
    if before == "ESCALATION":
        story.do(PrepareFiling(channel="POST"))
    assert story.do(StartEvidence()).case.step is Step.EVIDENCE
    assert story.refusal(StartEvidence()).code == "wrong_step"


def test_a_piece_of_ones_own_is_named_after_the_last() -> None:
    story = Story()
    for label in ("The lease", "A recording"):
        story.do(AddPiece(label=label, held_by="RESPONDENT", perishes_on="2026-04-01"))
    assert [p.label for p in story.case.pieces if p.label] == ["The lease", "A recording"]
    assert story.case.piece("P2").perishes_on is not None


def test_a_refused_piece_is_explained_and_may_be_asked_for_again_by_another_lever() -> None:
    story = Story().do(REQUEST).until("2026-03-18").do(REFUSAL.model_copy(update={"silent": False}))
    assert not story.case.piece("EV001").is_unexplained
    again = story.do(REQUEST).case.piece("EV001")
    assert again.is_unexplained
    assert (again.was_refused, again.said, again.answered) == (True, None, None)


def test_silence_is_a_refusal_once_the_day_for_an_answer_has_passed() -> None:
    story = Story().do(REQUEST)
    assert story.until("2026-03-20").refusal(REFUSAL).code == "silence_early"
    piece = story.until("2026-03-21").do(REFUSAL).case.piece("EV001")
    assert (piece.status, piece.silent, piece.said) == ("REFUSED", True, "No answer")


# --- Letters ---

LETTER = SendLetter(pieces=("EV002", "EV005"), lever="ATTESTATION")
ACCESS = SendLetter(pieces=("EV009",), lever="PERSONAL_DATA", sha256="a" * 64)


def test_a_letter_asks_for_each_of_its_pieces() -> None:
    story = Story().do(LETTER)
    (letter,) = story.case.letters
    assert (letter.id, letter.pieces, letter.from_whom) == ("L1", ("EV002", "EV005"), "WITNESS")
    for id in letter.pieces:
        piece = story.case.piece(id)
        assert (piece.status, piece.letter, piece.lever, piece.due) == ("REQUESTED", "L1", "ATTESTATION", letter.due)


@pytest.mark.parametrize(
    ("sent", "due"), [("2026-03-02", "2026-04-02"), ("2026-03-31", "2026-04-30"), ("2026-12-31", "2027-02-01")]
)
def test_the_law_says_by_when_a_letter_is_answered_unless_a_day_is_set(sent: str, due: str) -> None:
    story = Story().do(consent("RESPONDENT")).until(sent)
    assert story.do(ACCESS).case.letters[0].due.isoformat() == due
    own = ACCESS.model_copy(update={"due": story.case.letters[0].due.replace(year=2028)})
    assert story.do(own).case.letters[1].due.year == 2028


def test_a_letter_to_the_respondent_needs_the_persons_consent() -> None:
    assert Story().refusal(ACCESS).code == "consent_missing_respondent"
    public = {"kind": "PUBLIC_BODY", "name": "La mairie"}
    papers = SendLetter(pieces=("EV010",), lever="ADMINISTRATIVE_DOCUMENT")
    assert Story(respondent=public).refusal(papers).code == "consent_missing_respondent"
    assert Story().do(papers).case.letters[0].from_whom == "ADMINISTRATION"


def test_one_clock_runs_for_a_letter_and_ends_with_its_last_piece() -> None:
    story = Story().do(LETTER)
    overdue = {"kind": "PIECE_DUE", "part": "L1"}
    clocks = {(d.kind, d.part) for d in story.ours()}
    assert ("PIECE_DUE", "L1") in clocks
    assert story.due(**overdue).isoformat() == "2026-03-18"  # due on the 17th
    story.do(ReceivePiece(piece="EV002", description="A witness"))
    assert story.due(**overdue).isoformat() == "2026-03-18"
    story.do(WaivePieces(pieces=("EV005",), reason="No recording"))
    assert "PIECE_DUE" not in {d.kind for d in story.ours()}


def test_silence_to_a_letter_is_recorded_for_all_that_it_asked_for_and_that_did_not_come() -> None:
    story = Story().do(LETTER, ReceivePiece(piece="EV002", description="A witness"))
    silence = REFUSAL.model_copy(update={"piece": "L1"})
    assert story.refusal(silence).code == "silence_early"
    story.until("2026-03-18").do(silence)
    assert [story.case.piece(id).status for id in LETTER.pieces] == ["RECEIVED", "REFUSED"]
    assert story.refusal(silence).code == "piece_answered"


def test_what_is_asked_for_again_is_awaited_by_the_last_letter() -> None:
    story = Story().do(LETTER).wait(days=3).do(LETTER.model_copy(update={"pieces": ("EV005",)}))
    assert [story.case.piece(id).letter for id in LETTER.pieces] == ["L1", "L2"]
    story.do(REQUEST.model_copy(update={"piece": "EV005"}))
    assert {d.part for d in story.ours() if d.kind == "PIECE_DUE"} == {"L1", "EV005"}


def test_a_piece_asked_of_the_respondent_needs_the_persons_consent() -> None:
    ask = RequestPiece(piece="EV037", from_whom="RESPONDENT", lever="CPC 145", due="2026-04-01")
    assert Story().refusal(ask).code == "consent_missing_respondent"
    assert Story().do(consent("RESPONDENT"), ask).case.piece("EV037").status == "REQUESTED"


def test_a_partner_brings_a_piece_once_it_has_accepted() -> None:
    story, brought = Story().referred(), ReceivePiece(piece="EV006", description="A test")
    assert story.refusal(brought, by=PARTNER).code == "not_permitted"
    story.do(AnswerReferral(referral="R1", accept=True), brought, by=PARTNER)
    assert story.case.piece("EV006").status == "RECEIVED"


def test_pieces_are_given_up_with_a_reason_and_come_back_when_found() -> None:
    story = Story().do(MarkUnobtainable(pieces=("EV001", "EV005"), reason="Nobody wrote it down"))
    story.do(WaivePieces(pieces=("EV012",), reason="No algorithm"))
    assert [story.case.piece(p).status for p in ("EV001", "EV005", "EV012")] == ["UNOBTAINABLE"] * 2 + ["WAIVED"]
    assert story.do(ReceivePiece(piece="EV001", description="A diary")).case.piece("EV001").status == "RECEIVED"


def test_each_kind_of_piece_is_given_up_for_its_own_reason() -> None:
    story = Story()
    every = tuple(piece.id for piece in story.case.pieces)
    for command in (WaivePieces, MarkUnobtainable):
        refused = story.refusal(command(pieces=every, reason="Sans objet"))
        assert refused.code == "reason_for_each_kind"
        assert "EV002;" in str(refused.params["kinds"]), "a witness is a kind of its own"
    story.do(*explained(story.case, WaivePieces))
    assert {piece.status for piece in story.case.pieces} == {"WAIVED"}


def test_the_decision_itself_is_explained_and_never_waived() -> None:
    story = Story(domain="SERVICES_PUBLICS").do(*explained(Story(domain="SERVICES_PUBLICS").case, WaivePieces))
    assert story.case.piece("EV054").status == "UNOBTAINABLE"


def test_the_last_assessment_counts() -> None:
    story = (
        Story()
        .exhausted()
        .do(Assess(treatment="STANDS", ground="STANDS", link="STANDS", reasoning="A witness"), by=SUPERVISOR)
    )
    assert story.case.assessment is not None
    assert story.case.assessment.all_stand
