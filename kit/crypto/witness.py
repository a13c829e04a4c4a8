"""Witnesses keep every checkpoint of a log, so that it cannot be rewritten. Each gets the same notes.

A witness takes a checkpoint only with the proof that its log grew from the one that it was told of last. What comes
without is put aside as evidence.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kit.storage.archive import FolderArchive, Missing

_CHECKPOINT = re.compile(r"checkpoint-([0-9]{12})(?:-r([0-9]{1,6}))?\.txt")


class Contradicted(Exception):
    """The witness was told otherwise before: somebody rewrote what it attests to."""


class Remembers(Protocol):
    """Somebody who gives back the notes that they kept."""

    def notes(self) -> Iterator[tuple[int, str]]:
        """Gives each note that was accepted with the size of its log, the first that was made first."""


class Witness(Remembers, Protocol):
    """Somebody who keeps notes. `era` counts how often the log was restored before a note was made."""

    def latest(self) -> tuple[int, str] | None:
        """The note that it was told last, with the size of its log; None before the first."""

    def receive(self, size: int, note: str, era: int = 0) -> None:
        """Keeps the note of a log that has `size` leaves; keeps it once when it comes twice.

        Raises Contradicted when it holds another note of that size and era.
        """

    def put_aside(self, size: int, note: str) -> None:
        """Keeps, as evidence, a note that does not go on from what it was told before."""

    def declare(self, number: int, note: str) -> None:
        """Keeps a declaration about the log. Raises Contradicted when it holds another one of that number."""


def file_name(size: int, era: int = 0) -> str:
    """Name of a note as a file, the same in a folder and in a mail, so that they can be put together."""
    return f"checkpoint-{size:012}-r{era}.txt" if era else f"checkpoint-{size:012}.txt"


class FolderWitness:
    """A folder, best on a machine that the operator of the database cannot write to. A file for each note."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._store = folder, FolderArchive(folder)

    def latest(self) -> tuple[int, str] | None:
        """The last note of the last era."""
        *_, last = (None, *self.notes())
        return last

    def receive(self, size: int, note: str, era: int = 0) -> None:
        """Writes the note down."""
        self._keep(file_name(size, era), note)

    def put_aside(self, size: int, note: str) -> None:
        """Writes the note down where it is not taken for one that was accepted."""
        digest = hashlib.sha256(note.encode()).hexdigest()
        self._keep(f"refused-{size:012}-{digest[:16]}.txt", note)

    def declare(self, number: int, note: str) -> None:
        """Writes the declaration down."""
        self._keep(f"declaration-{number:06}.txt", note)

    def _keep(self, name: str, note: str) -> None:
        try:
            kept = self._store.get(name)
        except Missing:
            self._store.put(name, note.encode())
            return
        if kept != note.encode():
            raise Contradicted(name)

    def notes(self) -> Iterator[tuple[int, str]]:
        """Gives every note that it accepted: era after era, the smallest log first."""
        if not self._folder.is_dir():
            return
        accepted = ((_CHECKPOINT.fullmatch(file.name), file) for file in self._folder.iterdir())
        for _era, size, file in sorted((int(m[2] or 0), int(m[1]), file) for m, file in accepted if m):
            yield size, file.read_text("utf-8", errors="replace")
