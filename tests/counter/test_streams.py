"""Files pass the counter without being held: nothing half-written, no plaintext on disk, no memory that grows."""

import asyncio
import csv
import hashlib
import io
import uuid
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from counter.protocol import STREAM, path_of
from documents.bundle import REFERRAL
from domain.errors import Away, Invalid, NotFound
from models import journal
from models.journal import Access
from models.keys import JOURNAL
from tests.counter.serving import desk_of, served, token_of
from tests.desk.scene import PIECE, Scene
from tests.support.servers import until_async

LINE = b"une ligne d'un long journal de chantier\n"


async def _text(size: int) -> AsyncIterator[bytes]:
    piece = LINE * 1_600
    for _ in range(size // len(piece) + 1):
        yield piece


async def test_a_file_goes_in_and_comes_out_as_it_was(scene: Scene, place: Path) -> None:
    corner, digest, sent = scene.corners[0], hashlib.sha256(), bytearray()
    async for piece in _text(300_000):
        sent += piece
    async with desk_of(place, corner.holder.account) as desk, AsyncExitStack() as stack:
        attached = await desk.attach_file(
            _text(300_000),
            reference=corner.reference,
            piece=PIECE,
            filename="journal.txt",
            command_id=str(uuid.uuid4()),
            description="Journal",
        )
        assert (attached.file.size, attached.file.sha256) == (len(sent), hashlib.sha256(sent).hexdigest())
        given = await desk.give_file(stack, reference=corner.reference, file_id=attached.file.id)
        assert given.view.file.id == attached.file.id
        async for piece in given.content:
            digest.update(piece)
    assert digest.hexdigest() == attached.file.sha256
    on_disk = [path.read_bytes() for path in _stored(scene)]
    assert on_disk and not any(LINE in content for content in on_disk)


async def test_a_file_of_another_team_or_kind_is_refused_before_it_is_read(scene: Scene, place: Path) -> None:
    own, other = scene.corners
    before = _stored(scene)
    async with desk_of(place, own.holder.account) as desk, AsyncExitStack() as stack:
        with pytest.raises(NotFound):
            await desk.give_file(stack, reference=other.reference, file_id=other.file)
        given = {"piece": PIECE, "command_id": str(uuid.uuid4()), "description": None}
        with pytest.raises(NotFound):
            await desk.attach_file(_text(10), reference=other.reference, filename="a.txt", **given)  # type: ignore[arg-type]
        with pytest.raises(Invalid):
            await desk.attach_file(_text(10), reference=own.reference, filename="a/b.txt", **given)  # type: ignore[arg-type]
    assert _stored(scene) == before


async def test_a_client_that_goes_away_in_the_middle_leaves_nothing_half_written(scene: Scene, tmp_path: Path) -> None:
    corner, before, versions = scene.corners[0], _stored(scene), scene.versions()
    async with served(scene.office, tmp_path) as place:
        _, writer = await asyncio.open_unix_connection(str(place))
        head = (
            f'{{"reference": "{corner.reference}", "piece": "{PIECE}", "filename": "a.txt", '
            f'"command_id": "{uuid.uuid4()}"}}\n'
        )
        writer.write(
            f"POST {path_of('attaching.attach_file')} HTTP/1.1\r\nHost: d\r\nContent-Type: {STREAM}\r\n"
            f"Authorization: Bearer {token_of(corner.holder.account)}\r\nContent-Length: 9000000\r\n\r\n{head}".encode()
        )
        writer.write(LINE * 40_000)
        await writer.drain()
        await until_async(lambda: _stored(scene) != before, "it has begun to be written")
        writer.transport.abort()
        await until_async(lambda: _stored(scene) == before, "what was begun is gone")
    assert scene.versions() == versions


async def test_the_file_for_the_defender_comes_with_its_copies_as_one_zip(scene: Scene, place: Path) -> None:
    corner = scene.corners[0]
    async with desk_of(place, corner.holder.account) as desk, AsyncExitStack() as stack:
        given = await desk.give_bundle(stack, reference=corner.reference, why="Saisine")
        content = b"".join([piece async for piece in given.content])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert len(archive.read(REFERRAL)) == given.view.size
        copies = [name for name in archive.namelist() if name.startswith("piece-")]
        assert any(corner.words[0].encode() in archive.read(name) for name in copies)


async def test_the_list_of_cases_comes_as_a_table_and_the_journal_says_who_took_it(scene: Scene, place: Path) -> None:
    own, other = scene.corners
    async with desk_of(place, own.holder.account) as desk, AsyncExitStack() as stack:
        listed = await desk.list_cases()
        given = await desk.export_cases(stack, why="Réunion")
        content = b"".join([piece async for piece in given.content]).decode("utf-8-sig")
    heads, *rows = csv.reader(io.StringIO(content), delimiter=";")
    assert given.view.cases == listed.total == len(rows)
    assert {len(row) for row in rows} == {len(heads)}
    assert [row[0] for row in rows] == [case.reference for case in listed.cases]
    assert own.reference in content and not other.shown_in(content) and own.name not in content
    with scene.office.reading() as tx:
        entries = journal.entries(tx, scene.office.keys.of(JOURNAL), account=own.holder.account, limit=1)
    assert [(each.reading.access, each.reading.found, each.reading.why) for each in entries] == [
        (Access.EXPORT, len(rows), "Réunion")
    ]


async def test_a_file_that_does_not_hold_is_cut_short_and_the_client_says_so(scene: Scene, place: Path) -> None:
    corner = scene.corners[0]
    async with desk_of(place, corner.holder.account) as desk:
        before = _stored(scene)
        attached = await desk.attach_file(
            _text(2_000_000),
            reference=corner.reference,
            piece=PIECE,
            filename="long.txt",
            command_id=str(uuid.uuid4()),
            description="Long",
        )
        (stored,) = set(_stored(scene)) - set(before)
        content = bytearray(stored.read_bytes())
        content[-1_000] ^= 1
        stored.write_bytes(bytes(content))
        async with AsyncExitStack() as stack:
            given = await desk.give_file(stack, reference=corner.reference, file_id=attached.file.id)
            with pytest.raises(Away) as cut:
                async for _ in given.content:
                    pass
    assert cut.value.code == "cut_short"


def _stored(scene: Scene) -> list[Path]:
    folder = Path(scene.office.settings.files or scene.office.settings.data / "files")
    return sorted(path for path in folder.rglob("*") if path.is_file())
