"""Files that come as a stream: as they come by path, and nothing is kept when whoever sends one stops."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.attaching import take_in_stream
from desk.office import Office
from domain.errors import Invalid
from kit.storage.database import Database
from tests.desk.cases import PDF, office_with_lives
from tests.people import WORKER
from tests.support.intakes import Streamed
from tests.support.lives import Lives

MB = 1024 * 1024


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives]:
    return office_with_lives(sqlite_database, tmp_path)


def kept(office: Office) -> list[Path]:
    return [path for path in Path(office.settings.files).rglob("*") if path.is_file()]


def pieces(content: bytes) -> list[bytes]:
    return [content[at : at + 1000] for at in range(0, len(content), 1000)]


async def test_a_stream_is_taken_in_as_a_file_is(place: tuple[Office, Lives]) -> None:
    office, lives = place
    chunks = Streamed(*pieces(PDF))
    upload = await take_in_stream(
        office, WORKER, lives.open(), "EV001", chunks, filename="bail.pdf", description="Le bail."
    )
    assert (upload.taken.size, upload.taken.media_type) == (len(PDF), "application/pdf")
    (sealed,) = kept(office)
    assert b"%PDF" not in sealed.read_bytes()


async def test_of_a_stream_that_breaks_nothing_is_kept(place: tuple[Office, Lives]) -> None:
    office, lives = place
    chunks = Streamed(*pieces(PDF)[:-1], ConnectionResetError("gone"))
    with pytest.raises(ConnectionResetError):
        await take_in_stream(office, WORKER, lives.open(), "EV001", chunks, filename="bail.pdf", description="-")
    assert kept(office) == []


async def test_of_a_stream_that_is_given_up_nothing_is_kept(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference, waits = lives.open(), asyncio.Event()

    async def hangs() -> AsyncIterator[bytes]:
        yield PDF[:1000]
        waits.set()
        await asyncio.Event().wait()

    taking = asyncio.create_task(
        take_in_stream(office, WORKER, reference, "EV001", hangs(), filename="bail.pdf", description="-")
    )
    await waits.wait()
    assert len(kept(office)) == 1, "a part of it is on the disk, sealed"
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert kept(office) == []


async def test_a_stream_beyond_the_limit_is_stopped_there(place: tuple[Office, Lives]) -> None:
    office, lives = place
    office.evidence.limit = 3 * MB
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"-" * MB

    with pytest.raises(Invalid) as refused:
        await take_in_stream(office, WORKER, lives.open(), "EV001", endless(), filename="a.txt", description="-")
    assert (refused.value.code, asked) == ("file_too_large", 4)
    assert kept(office) == []
