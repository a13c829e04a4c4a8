"""Somebody who attaches large files and reads them again, by the services of the desk, in a thread of their own."""

import asyncio
import hashlib
import struct
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TypeVar

from desk.attaching import Upload, attach_file, take_in
from desk.giving import give_file
from domain.actors import Actor
from domain.case import Case
from domain.errors import Away, Problem, Refused
from domain.lifecycle import decide, fold
from domain.parts.files import AttachFile
from kit.errors import StackError
from kit.storage.database import Database, is_away
from models import book, cases
from tests.faults.campaign.ground import Ground, now, pause
from tests.people import COLLEAGUE, SUPERVISOR, WORKER
from tests.support.servers import KEYS

T = TypeVar("T")

CHUNK = 256 * 1024
STAFF = (WORKER, COLLEAGUE, SUPERVISOR)


@dataclass(frozen=True)
class Kept:
    """A file that was acknowledged."""

    reference: str
    id: str
    command_id: str
    sha256: str
    by: Actor


@dataclass
class Filer:
    """Attaches so many files of so many bytes, each to a case that takes it, and reads them."""

    ground: Ground
    dice: Random
    size: int
    goal: int
    progress: Callable[[], float]
    """How much of the campaign is over, of 1: files are spread over the whole of it."""
    kept: list[Kept] = field(default_factory=list)
    uncertain: set[str] = field(default_factory=set)
    """Ids of commands that were sent and refused in the end: none of them may be in the book."""
    told: Counter[str] = field(default_factory=Counter)
    read: int = 0
    """Files that were read to their end."""
    differing: list[Kept] = field(default_factory=list)
    """Those that were not what had been attached."""

    def work(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        while len(self.kept) < self.goal:
            is_early = len(self.kept) > self.goal * self.progress()
            found = None if is_early else self._tried(partial(place_for_a_file, self.ground.database, self.dice))
            if found is None:
                pause(0.1)
                continue
            await self._attach(*found)
            if self.kept:
                self._read(self.dice.choice(self.kept))

    async def _attach(self, reference: str, who: Actor, piece: str) -> None:
        kind, content = self.dice.choice((("son.wav", _sound), ("notes.txt", _text)))
        data, id = content(self.dice, self.size), str(uuid.uuid4())

        def taken() -> Upload:
            chunks = _chunks(data)
            return take_in(self.ground.office, who, reference, piece, chunks, filename=kind, description="-")

        upload = self._tried(taken)
        while upload is not None:
            try:
                attached = await attach_file(self.ground.office, who, upload, command_id=id)
            except (Away, StackError) as away:
                self.told[away.code] += 1
                pause(0.1)
            except Problem as refused:
                self.told[refused.code] += 1
                self.uncertain.add(id)
                return
            else:
                digest = hashlib.sha256(data).hexdigest()
                self.kept.append(Kept(reference, attached.file.id, id, digest, who))
                return

    def _read(self, file: Kept) -> None:
        def digest() -> str:
            seen = hashlib.sha256()
            for piece in give_file(self.ground.office, file.by, file.reference, file.id).content:
                seen.update(piece)
            return seen.hexdigest()

        if (seen := self._tried(digest)) is not None:
            self.read += 1
            if seen != file.sha256:
                self.differing.append(file)

    def _tried(self, work: Callable[[], T]) -> T | None:
        """Done as soon as everything is there that it needs; None for what is refused."""
        for _ in range(200):
            try:
                return work()
            except (Away, StackError) as away:
                self.told[away.code] += 1
            except Problem as refused:
                self.told[refused.code] += 1
                return None
            except Exception as error:
                if not is_away(error):
                    raise
                self.told["database"] += 1
            pause(0.1)
        raise AssertionError(f"nothing came of it: {self.told}")


def place_for_a_file(database: Database, dice: Random) -> tuple[str, Actor, str] | None:
    """A case, somebody who may attach a file to a piece of it, and that piece; None if the dice found no such case."""
    with database.read() as tx:
        reference = dice.choice(list(cases.open_references(tx)) or [""])
        lines = book.history(tx, KEYS, reference)
    case = fold(reference, lines) if lines else None
    for piece in dice.sample(case.pieces, len(case.pieces)) if case else ():
        for who in STAFF:
            if _accepts(case, who, AttachFile(piece=piece.id, description="-")):
                return reference, who, piece.id
    return None


def _accepts(case: Case | None, who: Actor, command: AttachFile) -> bool:
    try:
        decide(case, command, who, now())
    except Refused:
        return False
    return True


def _text(dice: Random, size: int) -> bytes:
    return dice.randbytes(size // 2).hex().encode()


def _sound(dice: Random, size: int) -> bytes:
    data = dice.randbytes(size - 12)
    return b"RIFF" + struct.pack("<I", 4 + len(data)) + b"WAVE" + data


def _chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]
