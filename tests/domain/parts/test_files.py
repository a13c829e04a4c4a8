"""Files: attached to a piece, scanned once and for all, taken out, and given to those who may have them."""

import pytest
from pydantic import ValidationError

from domain.capabilities import READ_FILE
from domain.errors import Refused
from domain.parts.files import AttachFile, RecordScan, RemoveFile, servable
from domain.parts.referral import AnswerReferral
from domain.permissions import EXPORT_FILE, require_file
from domain.vocabulary import ScanState
from tests.domain.examples import A_FILE, CLOCK, Story
from tests.people import AUDITOR, COLLEAGUE, LEAD, PARTNER, PARTNER_WORKER, PEOPLE, STRANGER, SUPERVISOR, WORKER


def attach(**changes: object) -> AttachFile:
    return AttachFile.model_validate(A_FILE | {"description": "A letter"} | changes)


def scan(result: str, file: str = "D1", **more: object) -> RecordScan:
    return RecordScan.model_validate({"file": file, "result": result} | more)


def code(story: Story, file: str = "D1") -> str | None:
    try:
        servable(story.case, file)
    except Refused as refused:
        return refused.code
    return None


def test_a_file_receives_the_piece_that_it_is() -> None:
    story = Story().do(attach())
    assert [entry.what for entry in story.entries[-2:]] == ["piece_received.1", "file_attached.1"]
    assert story.case.piece("EV001").sha256 == story.case.file("D1").sha256
    story.do(attach(stored="b" * 32, description=None))
    assert [entry.what for entry in story.entries[-1:]] == ["file_attached.1"]
    assert [file.id for file in story.case.files] == ["D1", "D2"]


def test_a_piece_is_not_received_without_a_word_on_what_it_shows() -> None:
    assert Story().refusal(attach(description=None)).code == "description_missing"
    assert Story().refusal(attach(piece="EV999")).code == "unknown_part"


def test_without_a_scanner_a_file_is_never_called_clean() -> None:
    story = Story().do(attach(to_scan=False))
    assert story.case.file("D1").scan is ScanState.NOT_SCANNED
    assert code(story) is None


def test_a_file_is_given_to_nobody_before_its_scan_and_never_once_malware_was_found() -> None:
    story = Story().do(attach())
    assert code(story) == "file_to_be_scanned"
    story.do(scan("INFECTED", finding="Eicar"), by=CLOCK)
    assert code(story) == "file_quarantined"
    before = len(story.entries)
    story.do(scan("CLEAN"), by=CLOCK)
    assert len(story.entries) == before
    assert code(story) == "file_quarantined"


@pytest.mark.parametrize("result", ["CLEAN", "NOT_SCANNED"])
def test_what_a_scan_found_is_noted_once(result: str) -> None:
    story = Story().do(attach()).do(scan(result), by=CLOCK)
    assert code(story) is None
    assert story.case.file("D1").scanned_at is not None
    before = len(story.entries)
    assert len(story.do(scan(result), by=CLOCK).entries) == before
    assert code(story.do(scan("INFECTED"), by=CLOCK)) == "file_quarantined"


def test_a_scan_that_says_pending_is_no_scan() -> None:
    with pytest.raises(ValidationError):
        scan("PENDING")


def test_a_removed_file_is_no_more_and_its_name_is_not_given_again() -> None:
    story = Story().do(attach())
    assert story.refusal(RemoveFile(file="D1", reason="-")).code == "not_permitted"
    story.do(RemoveFile(file="D1", reason="Of somebody else"), by=SUPERVISOR)
    assert code(story) == "file_removed"
    assert story.refusal(RemoveFile(file="D1", reason="-"), by=SUPERVISOR).code == "file_removed"
    assert story.refusal(scan("CLEAN"), by=CLOCK).code == "file_removed"
    assert story.do(attach(stored="b" * 32, description=None)).case.files[-1].id == "D2"


def test_files_are_given_to_those_who_work_on_the_case_and_as_they_came_to_fewer() -> None:
    story = Story().referred().do(attach(to_scan=False))
    case = story.case

    def may(what: str) -> set[str]:
        able = set()
        for who in PEOPLE:
            try:
                require_file(who, what, case)
            except Refused:
                continue
            able.add(who.account)
        return able

    team = {WORKER.account, COLLEAGUE.account}
    supervisors = {who.account for who in PEOPLE if who.role == "SUPERVISOR" and who.metropolis == "MEL"}
    assert may(READ_FILE) == team | supervisors | {AUDITOR.account}, "the partner has not answered"
    case = story.do(AnswerReferral(referral="R1", accept=True), by=PARTNER).case
    assert may(READ_FILE) == team | supervisors | {PARTNER.account, PARTNER_WORKER.account, AUDITOR.account}
    assert may(EXPORT_FILE) == team | supervisors
    assert LEAD.account not in may(READ_FILE)
    with pytest.raises(Refused) as told:
        require_file(STRANGER, READ_FILE, case)
    assert told.value.code == "no_such_case"


@pytest.mark.parametrize(
    "changes",
    [
        {"stored": "../etc"},
        {"stored": "A" * 32},
        {"sha256": "0" * 63},
        {"size": 0},
        {"media_type": "text/html; charset=x"},
        {"filename": "../x.pdf"},
        {"filename": "a\\b.pdf"},
        {"filename": ".."},
        {"filename": "x" * 201},
        {"filename": "fdp.\u202eexe.pdf"},
    ],
)
def test_what_is_malformed_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        attach(**changes)
