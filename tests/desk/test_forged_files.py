"""The attack of a caller who says what suits them of a file: its bytes, its digest, its kind, no need of a scan."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from desk.attaching import take_in
from desk.giving import give_file
from desk.office import Office
from domain.actors import SCANNER
from domain.errors import Refused
from domain.exchange.cases import Ask, CommitRequest
from domain.parts.files import AttachFile, RecordScan, RemoveFile
from kit.storage.database import Database
from tests.desk.cases import PDF, office_with_lives, with_file
from tests.people import SUPERVISOR, WORKER
from tests.support.lives import Lives


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives]:
    return office_with_lives(sqlite_database, tmp_path)


def refusal(lives: Lives, reference: str, **said: Any) -> str | None:
    """The code by which the book refuses an attachment, word for word as it is asked; None if it takes it."""
    command = AttachFile.model_validate({"piece": "EV001", "description": "-"} | said)
    ask = Ask(command=command, command_id=str(uuid.uuid4()), actor=WORKER)
    try:
        lives.book.commit(CommitRequest(reference=reference, known_version=0, ask=ask, at=lives.times[reference]))
    except ApplicationError as error:
        return str(error.details[0]["code"])
    return None


def as_text(lives: Lives, reference: str) -> dict[str, object]:
    """The bytes of D1, said to be a text that nobody has to scan."""
    file = lives.case(reference).file("D1")
    said = {"filename": "note.txt", "stored": file.stored, "sha256": file.sha256, "size": file.size}
    return said | {"media_type": "text/plain", "to_scan": False}


def test_what_is_in_quarantine_is_not_had_under_another_kind(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = with_file(office, lives)
    lives.ask(reference, RecordScan(file="D1", result="INFECTED", finding="Eicar"), SCANNER)
    assert refusal(lives, reference, **as_text(lives, reference)) == "not_taken_in"
    with pytest.raises(Refused) as refused:
        give_file(office, WORKER, reference, "D1")
    assert refused.value.code == "file_quarantined"


def test_what_was_removed_is_not_had_by_its_stored_name(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = with_file(office, lives)
    forged = as_text(lives, reference)
    lives.ask(reference, RemoveFile(file="D1", reason="-"), SUPERVISOR)
    assert refusal(lives, reference, **forged) == "not_taken_in"
    assert [file.id for file in lives.case(reference).files] == ["D1"]


def test_what_a_file_is_comes_from_its_intake_and_never_from_whoever_attaches_it(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    upload = take_in(office, WORKER, reference, "EV001", [PDF], filename="bail.pdf", description="Le bail.")
    for forged in (
        {"sha256": "0" * 64},
        {"media_type": "text/plain"},
        {"to_scan": False},
        {"size": 1},
        {"filename": "note.txt"},
        {"stored": "0" * 32},
    ):
        assert refusal(lives, reference, intake=upload.intake, **forged) == "not_taken_in", forged
    assert refusal(lives, reference, intake=upload.intake) is None
    file = lives.case(reference).file("D1")
    assert (file.filename, file.stored, file.sha256) == ("bail.pdf", upload.taken.stored, upload.taken.sha256)
    assert (file.media_type, file.size) == ("application/pdf", len(PDF))


def test_an_intake_serves_one_case_once(place: tuple[Office, Lives]) -> None:
    office, lives = place
    mine, other = lives.open(), lives.open()
    upload = take_in(office, WORKER, mine, "EV001", [PDF], filename="bail.pdf", description="Le bail.")
    assert refusal(lives, mine, intake="0" * 32) == "no_such_intake"
    assert refusal(lives, other, intake=upload.intake) == "no_such_intake", "that of another case"
    assert refusal(lives, mine, intake=upload.intake) is None
    assert refusal(lives, mine, intake=upload.intake) == "intake_used"
    lives.ask(mine, RemoveFile(file="D1", reason="-"), SUPERVISOR)
    assert refusal(lives, mine, intake=upload.intake) == "intake_used", "what was removed does not come back"
    again = take_in(office, WORKER, mine, "EV001", [PDF], filename="bail.pdf", description="Le bail.")
    assert refusal(lives, mine, intake=again.intake) is None
    first, second = lives.case(mine).files
    assert first.stored != second.stored


def test_what_was_found_to_be_malware_is_taken_in_and_attached_nowhere(place: tuple[Office, Lives]) -> None:
    office, lives = place
    mine, other = with_file(office, lives), lives.open()
    theirs = with_file(office, lives)
    upload = take_in(office, WORKER, other, "EV001", [PDF], filename="bail.pdf", description="Le bail.")
    before = {path for path in Path(office.settings.files).rglob("*") if path.is_file()}
    lives.ask(mine, RecordScan(file="D1", result="INFECTED", finding="Eicar"), SCANNER)
    assert refusal(lives, other, intake=upload.intake) == "file_infected", "found since it was taken in"
    with pytest.raises(Refused) as refused:
        take_in(office, WORKER, other, "EV001", [PDF], filename="autre.pdf", description="Le bail.")
    assert refused.value.code == "file_infected"
    assert {path for path in Path(office.settings.files).rglob("*") if path.is_file()} == before
    with pytest.raises(Refused) as refused:
        give_file(office, WORKER, theirs, "D1")  # its own case has noted nothing yet
    assert refused.value.code == "file_quarantined"
    lives.ask(mine, RemoveFile(file="D1", reason="-"), SUPERVISOR)
    with pytest.raises(Refused):
        take_in(office, WORKER, mine, "EV001", [PDF], filename="bail.pdf", description="Le bail.")
