"""Witnesses keep every checkpoint of a log, so that it cannot be rewritten. Each gets the same notes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kit.storage.archive import FolderArchive, Missing

_FILE = re.compile(r"checkpoint-([0-9]{12})\.txt")


class Contradicted(Exception):
    """The witness holds another note of that size: somebody rewrote what it attests to."""


class Witness(Protocol):
    """Somebody who keeps notes."""

    def receive(self, size: int, note: str) -> None:
        """Keeps the note of a log that has `size` leaves; keeps it once when it comes twice.

        Raises Contradicted when it holds another note of that size.
        """


def file_name(size: int) -> str:
    """Name of a note as a file, the same in a folder and in a mail, so that they can be put together."""
    return f"checkpoint-{size:012}.txt"


class Remembers(Protocol):
    """Somebody who gives back the notes that they kept."""

    def notes(self) -> Iterator[tuple[int, str]]:
        """Gives each note with the size of its log, the smallest first."""


class FolderWitness:
    """A folder, best on a machine that the operator of the database cannot write to. A file for each note."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._store = folder, FolderArchive(folder)

    def receive(self, size: int, note: str) -> None:
        """Writes the note down."""
        name = file_name(size)
        try:
            kept = self._store.get(name)
        except Missing:
            self._store.put(name, note.encode())
            return
        if kept != note.encode():
            raise Contradicted(name)

    def notes(self) -> Iterator[tuple[int, str]]:
        """Gives every note, the smallest log first."""
        if self._folder.is_dir():
            for file in sorted(self._folder.iterdir()):
                if match := _FILE.fullmatch(file.name):
                    yield int(match[1]), file.read_text("utf-8", errors="replace")
