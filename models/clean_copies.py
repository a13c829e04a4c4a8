"""The copies of PDFs without anything that acts: made once, kept sealed beside their originals, given at every reading.

A file of which none can be made has the reason in its row, and is not tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from domain.errors import Problem
from kit.crypto.vault import Tampered
from kit.formats.pdf import NotCleaned, clean
from kit.storage.store import NotKept
from models.tables import clean_copies, files

if TYPE_CHECKING:
    from domain.parts.files import EvidenceFile
    from models.evidence import Evidence

PDF = "application/pdf"
"""The media type of the files of which copies are made."""

_Way = Callable[[], AbstractContextManager[Connection]]


class CleanCopies:
    """Makes, keeps and gives the copies of one installation. Safe to share between threads."""

    def __init__(self, evidence: Evidence, reading: _Way, writing: _Way) -> None:
        self._evidence, self._reading, self._writing = evidence, reading, writing

    def of(self, reference: str, file: EvidenceFile) -> Iterator[bytes]:
        """Gives the copy of a PDF, piece by piece; it is made now if it was not made before.

        Raises NotCleaned when there can be none, and a Problem when it cannot be read to its end.
        """
        for is_last in (False, True):
            stored = self.made(reference, file)
            given = False
            try:
                for piece in self._evidence.read_copy(reference, file, stored):
                    given = True
                    yield piece
            except (NotKept, Tampered):
                self._forget(file, stored)  # its original is whole, or says so itself: another copy is made
                if given or is_last:
                    raise _cut_short(file) from None
            else:
                return

    def made(self, reference: str, file: EvidenceFile) -> str:
        """The name under which the copy of a PDF is stored; it is made now if it was not made before.

        Raises NotCleaned when there can be none.
        """
        return self._known(file) or self._make(reference, file)

    def _known(self, file: EvidenceFile) -> str | None:
        with self._reading() as tx:
            row = tx.execute(select(clean_copies).where(clean_copies.c.original == file.stored)).first()
        if row is not None and row.why is not None:
            raise NotCleaned(row.why)
        return None if row is None else str(row.stored)

    def _make(self, reference: str, file: EvidenceFile) -> str:
        try:
            stored = self._evidence.keep_copy(reference, file, clean(self._evidence.read(reference, file)))
        except NotCleaned as error:
            if error.lasts:
                self._note(file, stored=None, why=error.why)
            raise
        if self._note(file, stored=stored, why=None):
            return stored
        self._evidence.discard(stored)  # another process was quicker
        return self._known(file) or stored

    def _note(self, file: EvidenceFile, *, stored: str | None, why: str | None) -> bool:
        row = {"original": file.stored, "stored": stored, "why": why, "made_at": datetime.now(UTC)}
        try:
            with self._writing() as tx:
                tx.execute(insert(clean_copies).values(row))
        except IntegrityError:
            return False
        return True

    def _forget(self, file: EvidenceFile, stored: str) -> None:
        this = (clean_copies.c.original == file.stored, clean_copies.c.stored == stored)
        with self._writing() as tx:
            tx.execute(delete(clean_copies).where(*this))
        self._evidence.discard(stored)


def forget_copies(tx: Connection, originals: Collection[str]) -> None:
    """Lets go of the copies of these originals, by their stored names: their bytes belong to nobody then."""
    tx.execute(delete(clean_copies).where(clean_copies.c.original.in_(originals)))


def forget_strays(tx: Connection) -> None:
    """Lets go of the copies whose originals no case holds."""
    tx.execute(delete(clean_copies).where(clean_copies.c.original.not_in(select(files.c.stored))))


def copy_of(tx: Connection, file: EvidenceFile) -> str | None:
    """The name under which the copy of a file is stored; None if none is."""
    return tx.execute(select(clean_copies.c.stored).where(clean_copies.c.original == file.stored)).scalar()


def _cut_short(file: EvidenceFile) -> Problem:
    return Problem(
        "copy_damaged",
        "The copy of {id} in the store is not what was made: it was changed or cut short. Nothing was given out.",
        "Ask again: another copy is made from what was attached.",
        field="file",
        id=file.id,
    )
