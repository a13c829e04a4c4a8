"""The copies of evidence files that go out with the file for the Defender of Rights."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, cast

from desk.office import Office
from domain.actors import Actor
from domain.case import Case
from domain.dossier import Dossier
from domain.parts.files import EvidenceFile, servable
from domain.permissions import EXPORT_FILE, require_file
from models.custody import note_given

if TYPE_CHECKING:
    from documents.bundle import Opened


def copies_of(office: Office, actor: Actor, case: Case, dossier: Dossier, why: str | None) -> "list[Opened]":
    """The originals that the dossier names, each read when its turn comes; that they go out is written down first.

    Raises Refused for one that was removed since, waits for its scan, or is in quarantine, and for whoever may not
    export files.
    """
    copies = [copy for exhibit in dossier.exhibits for copy in exhibit.copies]
    if not copies:
        return []
    require_file(actor, EXPORT_FILE, case)
    files = [servable(case, copy.file.id) for copy in copies]
    with office.writing() as tx:
        for file in files:
            note_given(tx, office.keys, actor, case.reference, file, why, original=True)
    return [(copy, partial(_reading, office, case.reference, file)) for copy, file in zip(copies, files, strict=True)]


@contextmanager
def _reading(office: Office, reference: str, file: EvidenceFile) -> Iterator[IO[bytes]]:
    yield cast(IO[bytes], _Pieces(office.evidence.read(reference, file)))


class _Pieces:
    """Bytes that come piece by piece, read like a file: one piece at a time, whatever is asked for."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)

    def read(self, _size: int = -1) -> bytes:
        """The next piece; nothing after the last."""
        return next((piece for piece in self._pieces if piece), b"")
