"""Evidence files against their digests: every kind of damage to the bytes in the store is found, and named by file."""

import asyncio
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from activities.calendar import french_calendar
from audit.records import Records
from audit.verify import Looked, Verifier
from domain.parts.files import EvidenceFile, RemoveFile
from kit.crypto.sealed_stream import PIECE, seal_stream
from kit.storage.archive import FolderArchive
from kit.storage.database import Database
from kit.storage.store import FolderStore
from models.evidence import MB, Evidence
from tests.people import SUPERVISOR
from tests.support.clerk import Clerk
from tests.support.good_files import SAMPLES
from tests.support.intakes import attaching
from tests.support.servers import KEYS

LETTER, PICTURE = SAMPLES[".pdf"], SAMPLES[".png"]
FILM = SAMPLES[".mp4"] + bytes(3 * PIECE)
"""A file that is stored in several pieces."""


@pytest.fixture(autouse=True)
def nothing_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks once: what is done to the store stays."""
    monkeypatch.setattr("audit.verify.TRIES", 1)


class Desk:
    """Cases with files in a store of their own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.clerk, self.store = Clerk(database), FolderStore(folder)
        self.evidence = Evidence(self.store, KEYS, 200 * MB)

    def attach(self, reference: str, filename: str, pieces: Iterable[bytes]) -> EvidenceFile:
        taken = self.evidence.take_in(reference, filename, pieces)
        self.clerk.ask(reference, attaching(self.clerk.database, reference, taken))
        return self.clerk.case(reference).files[-1]

    def path(self, file: EvidenceFile) -> Path:
        return self.store.folder / file.stored[:2] / file.stored

    def looked(self, *, bytes_too: bool = True) -> Looked:
        async def all_of_it() -> Looked:
            database = self.clerk.database
            records = Records(database, FolderArchive(Path("/nowhere")), KEYS, None)
            evidence = self.evidence if bytes_too else None
            looking = Verifier(database, KEYS, records, french_calendar(), None, evidence)
            last = Looked()
            async for _, page in looking.every():
                last.add(page)
            return last

        return asyncio.run(all_of_it())

    def wrong(self) -> list[tuple[str, str, str]]:
        return [(f.case, f.where, f.kind) for f in self.looked().findings]


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path) -> Desk:
    return Desk(sqlite_database, tmp_path / "files")


def test_every_kind_of_damage_to_a_file_is_found(desk: Desk) -> None:
    mine, other = desk.clerk.open(), desk.clerk.open()
    letter, film = desk.attach(mine, "lettre.pdf", [LETTER]), desk.attach(mine, "film.mp4", [FILM])
    theirs = desk.attach(other, "lettre.pdf", [LETTER])
    found = desk.looked()
    assert (found.files, found.findings) == (3, [])
    whole = {file.stored: desk.path(file).read_bytes() for file in (letter, film, theirs)}
    sealed = PIECE + 16
    head = len(whole[film.stored]) - len(FILM) - 4 * 16

    def flipped(data: bytes, at: int) -> bytes:
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    def moved(data: bytes) -> bytes:
        pieces = [data[head + n * sealed : head + (n + 1) * sealed] for n in range(4)]
        return data[:head] + b"".join([pieces[1], pieces[0], *pieces[2:]])

    def sealed_anew(file: EvidenceFile, content: bytes) -> bytes:
        """By somebody who has the key of the case, and puts another document in the place of this one."""
        return b"".join(seal_stream([content], KEYS.of(mine), f"file|{mine}|{file.stored}"))

    damage: dict[str, Callable[[EvidenceFile, bytes], bytes | None]] = {
        "gone": lambda _file, _data: None,
        "emptied": lambda _file, _data: b"",
        "cut by a byte": lambda _file, data: data[:-1],
        "cut in half": lambda _file, data: data[: len(data) // 2],
        "longer by a byte": lambda _file, data: data + b"\0",
        "its first bit": lambda _file, data: flipped(data, 0),
        "its salt": lambda _file, data: flipped(data, 5),
        "a bit in the middle": lambda _file, data: flipped(data, len(data) // 2),
        "its last bit": lambda _file, data: flipped(data, len(data) - 1),
        "in clear": lambda _file, _data: LETTER,
        "the other file of the case": lambda file, _data: whole[(film if file is letter else letter).stored],
        "the same document of another case": lambda _file, _data: whole[theirs.stored],
        "another document, sealed by the case's key": lambda file, _data: sealed_anew(file, PICTURE),
        "nothing, sealed by the case's key": lambda file, _data: sealed_anew(file, b""),
    }
    of_pieces: dict[str, Callable[[EvidenceFile, bytes], bytes | None]] = {
        "its last piece left out": lambda _file, data: data[: head + 3 * sealed],
        "a piece left out": lambda _file, data: data[:head] + data[head + sealed :],
        "a piece told twice": lambda _file, data: data[: head + sealed] + data[head:],
        "two pieces swapped": lambda _file, data: moved(data),
    }
    tried, missed = 0, []
    for file, ways in ((letter, damage), (film, damage | of_pieces)):
        for what, do in ways.items():
            path, data = desk.path(file), do(file, whole[file.stored])
            path.unlink() if data is None else path.write_bytes(data)
            tried += 1
            if desk.wrong() != [(mine, file.id, "file_missing" if data is None else "file_damaged")]:
                missed.append((file.id, what))
            path.write_bytes(whole[file.stored])
    print(f"\nfiles: {tried} ways of damaging what is kept of a file, {tried - len(missed)} found and named")
    assert missed == []
    desk.path(film).unlink()
    left_out = desk.looked(bytes_too=False)
    assert (left_out.files, left_out.findings) == (0, []), "they were left out, on purpose"
    assert desk.looked().findings != []


def test_a_file_that_was_removed_is_not_asked_for(desk: Desk) -> None:
    reference = desk.clerk.open()
    first, second = desk.attach(reference, "a.pdf", [LETTER]), desk.attach(reference, "b.png", [PICTURE])
    desk.clerk.ask(reference, RemoveFile(file=first.id, reason="Of somebody else"), SUPERVISOR)
    desk.evidence.discard(first.stored)
    found = desk.looked()
    assert (found.files, found.findings) == (1, [])
    assert second.is_held


def test_a_large_file_is_read_in_little_memory(desk: Desk) -> None:
    reference = desk.clerk.open()
    desk.attach(reference, "film.mp4", [SAMPLES[".mp4"], *(bytes(PIECE) for _ in range(120))])
    tracemalloc.start()
    found = desk.looked()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.files, found.findings) == (1, [])
    assert peak < 6 * MB, "thirty megabytes"
