"""Cases of the desk's tests: told straight to the book, without an engine."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from desk.office import Office
from domain.actors import Actor
from domain.complaint import Complaint
from domain.parts.intake import Open
from domain.values import new_reference
from kit.storage.database import Database
from models import journal
from models.journal import Access
from models.keys import JOURNAL
from tests.desk.offices import office_on
from tests.people import WORKER
from tests.support.intakes import attaching
from tests.support.lives import Lives
from tests.support.pdfs import pdf
from tests.support.servers import KEYS

PDF = pdf()


def office_with_lives(database: Database, folder: Path) -> tuple[Office, Lives]:
    """An office with the people of `Lives`, and a way to have cases in it."""
    return office_on(database, folder), Lives(database)


def opened_for(lives: Lives, complaint: Complaint, by: Actor = WORKER) -> str:
    """The reference of a case that was opened now for this complaint."""
    reference = new_reference()
    KEYS.mint(reference)
    lives.times[reference] = datetime.now(UTC)
    assert lives.ask(reference, Open(complaint=complaint), by) is not None
    return reference


def with_file(office: Office, lives: Lives, content: bytes = PDF, name: str = "bail.pdf") -> str:
    """The reference of a case that holds one file, D1, which was not scanned."""
    reference = lives.open()
    taken = office.evidence.take_in(reference, name, _pieces(content))
    attached = attaching(office.database, reference, taken, description="Le bail.")
    assert lives.ask(reference, attached, WORKER) is not None
    return reference


def _pieces(content: bytes) -> Iterator[bytes]:
    source = io.BytesIO(content)
    while piece := source.read(64 * 1024):
        yield piece


def noted(office: Office, reference: str) -> list[tuple[Access, str, str | None]]:
    """Entries of the journal about a case, oldest first: the access, by whom, to which file."""
    with office.reading() as tx:
        entries = journal.entries(tx, office.keys.of(JOURNAL), reference=reference, limit=100)
    return [(entry.reading.access, entry.reading.account, entry.reading.file) for entry in reversed(entries)]
