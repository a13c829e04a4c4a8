"""The file for the Defender of Rights: what it holds, what it leaves out, what blocks it and what only weakens it."""

from typing import Any

import pytest

from domain.dossier import Attached, Dossier, alike, dossier, not_scanned
from domain.parts.assessment import Assess
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import AddNote, RecordContact
from domain.parts.files import AttachFile, RecordScan
from domain.parts.filing import File, PrepareFiling
from domain.parts.intake import AmendComplaint
from domain.parts.letter import SendLetter
from domain.parts.piece import AddPiece, ReceivePiece, RecordPieceRefusal, RequestPiece
from domain.values import day_of
from domain.vocabulary import ConsentScope, PieceStatus
from tests.domain.dossiers import COMPLETE, REASONS, RECEIVE, complete
from tests.domain.examples import A_FILE, CALENDAR, CLOCK, Story, complaint, consent, to_defender
from tests.people import LOU, SUPERVISOR


def made(story: Story, **attached: list[Attached]) -> Dossier:
    return dossier(story.case.reference, story.entries, CALENDAR, attached)


def gaps(story: Story) -> dict[str, bool]:
    return {gap.code: gap.blocks for gap in made(story).gaps}


# --- What is missing ---


def test_a_file_that_lacks_nothing_says_so() -> None:
    assert gaps(complete()) == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"respondent": {"kind": "COMPANY"}}, "respondent_unknown"),
        ({"respondent": {"kind": "COMPANY", "name": "Agence"}}, "respondent_address"),
        ({"facts": {"narrative": "Refusée", "place": {"commune": "59350"}}}, "day_unknown"),
        ({"facts": {"narrative": "Refusée", "occurred_on": "2026-02-20"}}, "place_unknown"),
        ({"criteria": ["AUTRE_INDETERMINE"]}, "ground_unknown"),
        ({"acts": ["AUTRE_INDETERMINE"]}, "act_unknown"),
        ({"domain": "AUTRE"}, "domain_unknown"),
        ({"expectations": None}, "no_expectations"),
        ({"complainant": LOU}, "no_way_to_reach"),
        ({"prior_steps": [{"kind": "COURT_ACTION"}]}, "court_seized"),
        ({"criteria": ["HANDICAP"]}, "no_consent_medical"),
    ],
)
def test_what_is_not_known_weakens_a_file_and_does_not_block_it(changes: dict[str, Any], code: str) -> None:
    story = complete()
    told = complaint(**COMPLETE | changes)
    story.do(AmendComplaint(complaint=told, reason="Heard better"))
    assert gaps(story)[code] is False
    assert not made(story).blocked


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"complainant": None}, "anonymous"), ({"capacity": "WITNESS"}, "witness_cannot_file")],
)
def test_what_the_rules_refuse_to_file_blocks_the_file(changes: dict[str, Any], code: str) -> None:
    story = Story(**COMPLETE).do(to_defender(), PrepareFiling(channel="POST"))
    story.do(AmendComplaint(complaint=complaint(**COMPLETE | changes), reason="Heard better"))
    assert [gap.code for gap in made(story).blocked] == [code]
    assert story.refusal(File(filing="F1")).code == code


def test_a_consent_that_was_taken_back_blocks_the_file_and_stays_in_it() -> None:
    story = complete().do(WithdrawConsent(consent="C1", reason="Peur"))
    found = made(story)
    assert [gap.code for gap in found.blocked] == ["consent_missing_defender"]
    kept = dict(found.consents)[ConsentScope.DEFENDER]
    assert kept is not None and kept.withdrawn_at is not None
    assert made(story.do(to_defender())).blocked == ()


def test_consents_are_each_their_own() -> None:
    story = Story(**COMPLETE).do(to_defender(), consent("MEDICAL"))
    assert {scope: bool(given) for scope, given in made(story).consents} == {
        ConsentScope.DEFENDER: True,
        ConsentScope.RESPONDENT: False,
        ConsentScope.MEDICAL: True,
    }
    assert "no_consent_respondent" in gaps(story)


def test_a_leg_on_which_nothing_stands_is_named() -> None:
    found = [gap for gap in made(Story(**COMPLETE)).gaps if gap.code == "leg_bare"]
    assert [gap.what.params["leg"] for gap in found] == ["Unfavourable treatment", "Ground", "Link or comparator"]


def test_proof_that_perishes_and_answers_that_are_awaited_are_named() -> None:
    story = Story(**COMPLETE).do(consent("RESPONDENT"), REASONS)
    assert {"perishing", "awaited"} <= set(gaps(story))
    (awaited,) = (gap for gap in made(story).gaps if gap.code == "awaited")
    assert awaited.what.params["pieces"] == "EV011"


# --- What it holds ---


def test_pieces_are_numbered_as_they_came_and_keep_their_numbers() -> None:
    story = Story(**COMPLETE).do(RECEIVE, ReceivePiece(piece="EV002", description="Une amie"))
    first = [(x.number, x.piece.id) for x in made(story).exhibits]
    assert first == [(1, "EV033"), (2, "EV002")]
    story.do(AddPiece(label="Un enregistrement", held_by="COMPLAINANT", legs=("LINK",)))
    story.do(ReceivePiece(piece="P1", description="Trois minutes"))
    assert [(x.number, x.piece.id) for x in made(story).exhibits] == [*first, (3, "P1")]
    assert made(story).exhibits[2].legs == ("LINK",)


def test_medical_pieces_go_with_a_consent_of_their_own_and_leave_with_it() -> None:
    story = Story(**COMPLETE).do(ReceivePiece(piece="EV013", description="Un certificat"), RECEIVE)
    assert [x.piece.id for x in made(story).exhibits] == ["EV033"]
    assert gaps(story)["medical_left_out"] is False
    story.do(consent("MEDICAL"))
    assert [x.piece.id for x in made(story).exhibits] == ["EV013", "EV033"]
    story.do(WithdrawConsent(consent="C1"))
    assert [x.piece.id for x in made(story).exhibits] == ["EV033"]


def test_requests_are_told_with_what_came_of_each() -> None:
    story = Story(**COMPLETE).do(consent("RESPONDENT"), REASONS)
    story.do(SendLetter(pieces=("EV002", "EV013"), lever="ATTESTATION"))
    story.do(SendLetter(pieces=("EV001",), lever="OWN_PAPERS"))
    story.until("2026-03-10").do(ReceivePiece(piece="EV002", description="Une amie"))
    reasons, witness = made(story).steps
    assert (reasons.lever, reasons.answers[0].status, reasons.answers[0].silent) == (
        "REASONS_PRIVATE",
        "REQUESTED",
        False,
    )
    assert [(a.piece, a.status) for a in witness.answers] == [("EV002", PieceStatus.RECEIVED)]


def test_silence_is_told_once_its_day_has_passed_and_as_a_refusal_once_it_is_recorded() -> None:
    story = Story(**COMPLETE).do(consent("RESPONDENT"), REASONS).until("2026-03-25").do(AddNote(text="Rien"))
    found = made(story)
    assert (found.steps[0].answers[0].status, found.steps[0].answers[0].silent) == ("REQUESTED", True)
    assert [line.id for line in found.in_vain] == ["EV011"]
    story.do(RecordPieceRefusal(piece="EV011", silent=True, explanation="Rien n’est venu"))
    assert made(story).steps[0].answers[0].status == "REFUSED"
    story.do(RequestPiece(piece="EV011", from_whom="RESPONDENT", lever="Relance", due="2026-04-30"))
    first, again = made(story).steps
    assert (first.answers[0].status, again.answers[0].status, again.lever) == ("REFUSED", "REQUESTED", "Relance")
    assert [line.id for line in made(story).in_vain] == ["EV011"], "a refusal stays a fact"
    story.do(ReceivePiece(piece="EV011", description="Une lettre"))
    assert made(story).in_vain == ()


def test_the_time_limits_that_go_on_are_in_the_file() -> None:
    codes = {limit.code for limit in made(Story(**COMPLETE)).limits}
    assert codes == {"CIVIL_GENERAL", "LOGEMENT_BAIL", "PENAL_DELIT"}
    before = made(complete().do(PrepareFiling(channel="POST"))).limits
    assert made(complete().do(PrepareFiling(channel="POST"), File(filing="F1"))).limits == before


def test_a_file_is_dated_by_its_version_and_nothing_else() -> None:
    story = complete()
    was, day = made(story), day_of(story.at)
    story.wait(days=40).do(AddNote(text="Plus tard"))
    assert was.day == day
    assert dossier(story.case.reference, story.entries[: was.case.version], CALENDAR) == was


@pytest.mark.met("endings of copies")
def test_files_go_out_under_numbers_and_never_under_their_own_names() -> None:
    files = [
        Attached(id="a", sha256="0" * 64, size=10, media_type="application/pdf"),
        Attached(id="b", sha256="1" * 64, size=11, media_type="application/x-unknown"),
        *(Attached(id=kind, sha256="2" * 64, size=12, media_type=kind) for kind in ("image/heic", "message/rfc822")),
    ]
    found = made(complete(), EV033=files, EV001=files)
    assert [copy.name.removeprefix("piece-01-") for copy in found.copies] == ["1.pdf", "2.bin", "3.heic", "4.eml"]
    assert found.exhibits[0].copies == found.copies


def test_what_is_the_houses_own_is_not_in_the_file() -> None:
    story = complete().do(AddNote(text="NOTE"), RecordContact(medium="PHONE", summary="CONTACT"), by=SUPERVISOR)
    story.do(Assess(treatment="STANDS", ground="MISSING", link="MISSING", reasoning="REASONING"))
    found = made(story)
    held = repr((found.steps, found.exhibits, found.in_vain, found.consents, found.gaps))
    assert not any(word in held for word in ("NOTE", "CONTACT", "REASONING", "Sans objet"))


def test_copies_that_no_scan_called_clean_and_those_that_are_the_same_are_named() -> None:
    story = Story()
    for number, sha256 in enumerate(("0" * 64, "1" * 64, "0" * 64)):
        file = A_FILE | {"stored": str(number) * 32, "sha256": sha256, "description": "The lease"}
        story.do(AttachFile.model_validate(file))
    story.do(RecordScan(file="D2", result="CLEAN"), by=CLOCK)
    found = dossier(story.case.reference, story.entries, CALENDAR)
    first, _, third = (copy.name for copy in found.copies)
    assert not_scanned(found) == (first, third)
    assert alike(found) == (first, third)
