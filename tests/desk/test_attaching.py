"""Taking a file in: the rules are asked before its first byte, and nothing is kept of what they refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.attaching import take_in
from desk.office import Office
from domain.actors import Actor
from domain.errors import Invalid, NotFound, Problem, Refused
from kit.storage.database import Database
from models.journal import Access
from tests.desk.cases import PDF, noted, office_with_lives
from tests.people import OFFICE_AUDITOR, STRANGER, WORKER
from tests.support.lives import Lives


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives]:
    return office_with_lives(sqlite_database, tmp_path)


def not_to_be_read() -> Iterator[bytes]:
    raise AssertionError("nothing of it was to be read")
    yield b""


def kept(office: Office) -> list[Path]:
    return [path for path in Path(office.settings.files).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("actor", "piece", "name", "kind"),
    [
        (STRANGER, "EV001", "bail.pdf", NotFound),
        (OFFICE_AUDITOR, "EV001", "bail.pdf", Refused),
        (WORKER, "EV999", "bail.pdf", Refused),
        (WORKER, "EV001", "../bail.pdf", Invalid),
    ],
    ids=["a stranger", "an auditor", "no such piece", "no name"],
)
def test_what_the_rules_refuse_is_not_worth_an_upload(
    place: tuple[Office, Lives], actor: Actor, piece: str, name: str, kind: type[Problem]
) -> None:
    office, lives = place
    reference = lives.open()
    with pytest.raises(kind):
        take_in(office, actor, reference, piece, not_to_be_read(), filename=name, description="Le bail.")
    assert kept(office) == []


def test_a_file_is_taken_in_sealed_and_no_case_holds_it_yet(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    upload = take_in(office, WORKER, reference, "EV001", iter([PDF]), filename="bail.pdf", description="Le bail.")
    assert (upload.taken.media_type, upload.taken.size) == ("application/pdf", len(PDF))
    (sealed,) = kept(office)
    assert b"%PDF" not in sealed.read_bytes()
    assert lives.case(reference).files == ()
    assert noted(office, reference) == [(Access.FILES, WORKER.account, None)]


def test_of_a_file_that_is_not_taken_nothing_is_kept(place: tuple[Office, Lives]) -> None:
    office, lives = place
    with pytest.raises(Invalid):
        take_in(office, WORKER, lives.open(), "EV001", iter([b"MZ\x90\0"]), filename="bail.pdf", description="-")
    assert kept(office) == []
