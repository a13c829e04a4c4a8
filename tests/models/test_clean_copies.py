"""Copies of PDFs without scripts: made once, kept sealed, given at every reading, gone with their originals."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.care import sweep
from desk.giving import CLEANED, ORIGINAL, give_file
from desk.office import Office
from desk.store import check_files
from domain.actors import OPERATOR
from domain.errors import Refused
from domain.parts.files import RemoveFile
from kit.formats.pdf import clean
from kit.storage.database import Database
from tests.desk.cases import PDF, office_with_lives, with_file
from tests.people import SUPERVISOR, WORKER
from tests.support.lives import Lives
from tests.support.pdfs import pdf, tiny_dictionaries


class Cleaner:
    """The cleaning of PDFs, which counts."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        self.times += 1
        return clean(pieces)


@pytest.fixture
def cleaner(monkeypatch: pytest.MonkeyPatch) -> Cleaner:
    made = Cleaner()
    monkeypatch.setattr("models.clean_copies.clean", made)
    return made


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives]:
    return office_with_lives(sqlite_database, tmp_path)


def kept(office: Office) -> list[Path]:
    return [path for path in Path(office.settings.files).rglob("*") if path.is_file()]


def read(office: Office, reference: str) -> bytes:
    given = give_file(office, WORKER, reference, "D1")
    assert given.form == CLEANED
    return b"".join(given.content)


def test_a_pdf_is_cleaned_once_and_its_copy_is_kept_sealed(place: tuple[Office, Lives], cleaner: Cleaner) -> None:
    office, lives = place
    reference = with_file(office, lives, pdf("open_action"))
    first = read(office, reference)
    assert first.startswith(b"%PDF-") and b"canari" not in first
    assert (read(office, reference), read(office, reference)) == (first, first)
    assert cleaner.times == 1
    assert len(kept(office)) == 2
    assert not any(b"%PDF" in path.read_bytes() for path in kept(office))
    checked = check_files(office, OPERATOR)
    assert (checked.files, checked.copies, checked.wrong) == (1, 1, ())


def test_a_copy_that_was_changed_or_lost_is_found_and_made_again(place: tuple[Office, Lives], cleaner: Cleaner) -> None:
    office, lives = place
    reference = with_file(office, lives)
    before = set(kept(office))
    first = read(office, reference)
    (copy,) = set(kept(office)) - before
    copy.write_bytes(copy.read_bytes()[:-1] + b"!")
    assert [fault.code for fault in check_files(office, OPERATOR).wrong] == ["copy_damaged"]
    assert read(office, reference) == first
    (copy,) = set(kept(office)) - before
    copy.unlink()
    assert [fault.code for fault in check_files(office, OPERATOR).wrong] == ["copy_missing"]
    assert read(office, reference) == first
    assert cleaner.times == 3


def test_a_pdf_that_takes_too_much_is_told_so_once_and_given_as_received_to_those_who_may(
    place: tuple[Office, Lives], cleaner: Cleaner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.formats.pdf.CPU_SECONDS", 1)
    office, lives = place
    content = tiny_dictionaries(30 * 1024 * 1024)
    reference = with_file(office, lives, content)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            read(office, reference)
        assert (refused.value.code, refused.value.message[:15]) == ("pdf_not_cleaned", "{id} takes too ")
    assert cleaner.times == 1
    assert len(kept(office)) == 1
    given = give_file(office, WORKER, reference, "D1", original=True, why="Pour l'avocate")
    assert (given.form, sum(map(len, given.content))) == (ORIGINAL, len(content))


def test_a_copy_goes_with_its_original(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference, other = with_file(office, lives), with_file(office, lives, PDF)
    for each in (reference, other):
        read(office, each)
    assert len(kept(office)) == 4
    lives.ask(reference, RemoveFile(file="D1", reason="-"), SUPERVISOR)
    later = datetime.now(UTC) + timedelta(minutes=1)
    swept = sweep(office.reading, office.writing, office.evidence.store, later)
    assert (swept.seen, swept.deleted) == (4, 2)
    assert read(office, other).startswith(b"%PDF-")
