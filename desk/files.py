"""Listing the files of a case. Giving one is in `desk.giving`."""

from desk.histories import case_history
from desk.office import Office
from desk.views.file import FileView
from desk.views.files import FilesView, FilesWithCustodyView
from domain.access import Access
from domain.actors import Actor
from domain.events import Entry
from domain.lifecycle import fold
from models.custody import custody_of


def list_files(office: Office, actor: Actor, reference: str, why: str | None = None) -> FilesView:
    """The files of a case that this account may see; the journal notes it. Raises NotFound for any other case."""
    return FilesView(files=_files(reference, case_history(office, actor, reference, Access.FILES, why)))


def list_files_with_custody(
    office: Office, actor: Actor, reference: str, why: str | None = None
) -> FilesWithCustodyView:
    """The same, with who attached, read, exported and removed each file, and when. It reads the whole journal."""
    entries = case_history(office, actor, reference, Access.FILES, why)
    with office.reading() as tx:
        custody = custody_of(tx, office.keys, reference, entries)
    return FilesWithCustodyView(files=_files(reference, entries), custody=tuple(custody))


def _files(reference: str, entries: list[Entry]) -> tuple[FileView, ...]:
    return tuple(map(FileView.of, fold(reference, entries).files))
