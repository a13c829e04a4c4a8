"""Listing the files of a case. Giving one is in `desk.giving`."""

from desk.histories import case_history, look_at
from desk.office import Office
from desk.views.file import FileView
from desk.views.files import FilesView, FilesWithCustodyView
from domain.access import Access
from domain.actors import Actor
from domain.lifecycle import fold
from models.custody import custody_of


def list_files(office: Office, actor: Actor, reference: str, why: str | None = None) -> FilesView:
    """The files of a case that this account may see; the journal notes it. Raises NotFound for any other case."""
    return FilesView(files=tuple(map(FileView.of, look_at(office, actor, reference, Access.FILES, why).case.files)))


def list_files_with_custody(
    office: Office, actor: Actor, reference: str, why: str | None = None
) -> FilesWithCustodyView:
    """The same, with who attached, read, exported and removed each file, and when: for the team of the case.

    It reads the whole journal.
    """
    entries = case_history(office, actor, reference, Access.FILES, why)
    with office.reading() as tx:
        custody = custody_of(tx, office.keys, reference, entries)
    files = tuple(map(FileView.of, fold(reference, entries).files))
    return FilesWithCustodyView(files=files, custody=tuple(custody))
