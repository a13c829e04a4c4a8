"""The file for the Defender of Rights: what is missing from it, and the file itself.

That copies of evidence files go out with it stands in the journal before their first byte is read.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, cast

from desk.histories import case_history
from desk.office import Office
from desk.views.dossier import DossierView
from domain.actors import Actor
from domain.case import Case
from domain.dossier import Dossier, dossier
from domain.hindsight import until
from domain.lifecycle import fold
from domain.parts.files import EvidenceFile
from domain.parts.filing import File, hindrances
from domain.permissions import EXPORT_FILE, require, require_file
from models.custody import note_given
from models.journal import Access
from models.quarantine import servable_file
from words import Words

if TYPE_CHECKING:
    from documents.bundle import Opened, Sink


@dataclass(frozen=True)
class Prepared:
    """The file as of a version of the case, made for somebody who may file it."""

    dossier: Dossier
    case: Case
    """The case as it stands now: it says who may have the file, and which copies may still go out."""
    why: str | None


def prepare_dossier(
    office: Office, actor: Actor, reference: str, *, at: str | None = None, why: str | None = None
) -> Prepared:
    """The file of a case as it stands or, with `at`, as it stood then. That it was asked for is noted in the journal.

    Raises Refused for whoever may not file, NoMoment for a moment that is none.
    """
    from activities.calendar import french_calendar

    entries = case_history(office, actor, reference, Access.EXPORT, why)
    case = fold(reference, entries)
    require(office.current(actor), File, case)
    return Prepared(dossier(reference, until(entries, at), french_calendar()), case, why)


def dossier_view(office: Office, actor: Actor, prepared: Prepared, words: Words) -> DossierView:
    """The file with what is missing from it, in the language of the words."""
    require(office.current(actor), File, prepared.case)
    return DossierView.of(prepared.dossier, words)


def typeset_dossier(office: Office, actor: Actor, prepared: Prepared, *, to_be_sent: bool) -> bytes:
    """The file as a PDF. With `to_be_sent`, raises Refused while something keeps it from being filed."""
    from documents.dossier import as_pdf

    require(office.current(actor), File, prepared.case)
    if to_be_sent:
        for hindrance in hindrances(prepared.dossier.case):
            raise hindrance
    return as_pdf(prepared.dossier, letterheads=office.settings.letterheads)


def write_bundle(office: Office, actor: Actor, prepared: Prepared, pdf: bytes, sink: "Sink") -> None:
    """Writes the file with its numbered copies, as one ZIP, into a sink. Raises Refused as `give_bundle` does."""
    for piece in give_bundle(office, actor, prepared, pdf):
        sink.write(piece)


def give_bundle(office: Office, actor: Actor, prepared: Prepared, pdf: bytes) -> Iterator[bytes]:
    """The file with its numbered copies, as one ZIP, piece by piece: none of it is held, or lies about in clear.

    Raises Refused for a copy that was removed since, waits for its scan or is in quarantine, and for whoever may not
    export files; while it is read, for a copy that is no longer what was received: then nothing of it is to be used.
    """
    from documents.bundle import pieces
    from documents.dossier import stamp

    require(office.current(actor), File, prepared.case)
    return pieces(pdf, _copies(office, actor, prepared), stamp(prepared.dossier))


# --- Copies of evidence files ----------------------------------------------------------------------------


def _copies(office: Office, actor: Actor, prepared: Prepared) -> "list[Opened]":
    """The numbered copies, each read when its turn comes. That they go out is noted before the first is read."""
    case, copies = prepared.case, prepared.dossier.copies
    if not copies:
        return []
    with office.writing_as(actor, case.reference) as (tx, actor):
        require_file(actor, EXPORT_FILE, case)
        files = [servable_file(tx, office.keys.digest, case, copy.file.id) for copy in copies]
        for file in files:
            note_given(tx, office.keys, actor, case.reference, file, prepared.why, original=True)
    return [(copy, partial(_reading, office, case.reference, file)) for copy, file in zip(copies, files, strict=True)]


@contextmanager
def _reading(office: Office, reference: str, file: EvidenceFile) -> Iterator[IO[bytes]]:
    yield cast(IO[bytes], _Chunks(office.evidence.read(reference, file)))


class _Chunks:
    """An iterator of bytes, read like a file: each read gives one chunk, whatever size is named."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)

    def read(self, _size: int = -1) -> bytes:
        """The next chunk; nothing after the last."""
        return next((chunk for chunk in self._chunks if chunk), b"")
