"""Taking a file in: the rules are asked before its first byte, and nothing is kept of what they refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.attaching import take_in
from desk.office import Office
from desk.views.file import FileView
from domain.actors import Actor
from domain.dossier import dossier
from domain.errors import Invalid, NotFound, Problem, Refused
from domain.parts.files import remarked
from domain.vocabulary import FileRemark
from kit.storage.database import Database
from models.book import history
from models.journal import Access
from tests.desk.cases import PDF, noted, office_with_lives, with_file
from tests.domain.examples import CALENDAR
from tests.people import OFFICE_AUDITOR, STRANGER, WORKER
from tests.support.lives import Lives
from tests.support.pdfs import pdf


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


@pytest.mark.met("a PDF with a password")
@pytest.mark.parametrize(
    ("content", "remark", "gap"),
    [
        (pdf(password="secret"), FileRemark.LOCKED, "files_locked"),  # noqa: S106
        (pdf("embedded_file"), FileRemark.HOLDS_FILES, "files_not_looked_into"),
        (b"%PDF-1.7\n%%EOF\n", FileRemark.UNREAD, "files_not_looked_into"),
    ],
    ids=["a password", "a file inside", "damaged"],
)
def test_a_pdf_that_cannot_be_looked_into_is_taken_and_told_wherever_it_is_shown(
    place: tuple[Office, Lives], content: bytes, remark: FileRemark, gap: str
) -> None:
    office, lives = place
    reference = with_file(office, lives, content)
    case = lives.case(reference)
    (file,) = case.files
    assert file.remark is remark
    assert FileView.of(file).remark is remark
    assert remark in file.line().about
    told = remarked(file.id, file.remark)
    assert told is not None and told.remedy
    with office.reading() as tx:
        entries = history(tx, office.keys, reference)
    assert [found.code for found in dossier(reference, entries, CALENDAR).gaps if found.code == gap] == [gap]


def test_of_a_plain_pdf_there_is_nothing_to_tell(place: tuple[Office, Lives]) -> None:
    office, lives = place
    (file,) = lives.case(with_file(office, lives)).files
    assert file.remark is None and remarked(file.id, file.remark) is None
