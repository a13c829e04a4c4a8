"""Files that were taken in for the cases of the tests, by way of the record that `attach_file` names."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import TypeVar

from domain.parts.base import Command
from domain.parts.files import AttachFile
from kit.storage.database import Database
from models.evidence import TakenIn
from models.intakes import note_intake
from models.keys import Keys
from tests.people import WORKER
from tests.support.servers import KEYS


class Streamed:
    """Chunks that are awaited, as often as they are asked for; an error among them is raised in its turn."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            await asyncio.sleep(0)
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk


C = TypeVar("C", bound=Command)


def attaching(
    database: Database,
    reference: str,
    taken: TakenIn,
    *,
    piece: str = "EV001",
    description: str | None = "-",
    to_scan: bool = False,
    keys: Keys = KEYS,
) -> AttachFile:
    """The command that attaches a file which was taken in: its record is written."""
    with database.write() as tx:
        id = note_intake(tx, keys, reference, taken, to_scan=to_scan, by=WORKER.account, at=datetime.now(UTC))
    return AttachFile(piece=piece, description=description, intake=id)


def by_intake(database: Database, reference: str, command: C) -> C:
    """The command as it is asked of a book: an attachment that says what its file is has a record made of that."""
    if not isinstance(command, AttachFile) or command.intake is not None:
        return command
    taken = TakenIn(**{field.name: getattr(command, field.name) for field in fields(TakenIn)})
    made = attaching(database, reference, taken, piece=command.piece, to_scan=bool(command.to_scan))
    return made.model_copy(update={"description": command.description})
