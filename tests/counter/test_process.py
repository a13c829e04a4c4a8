"""The desk as a process, beside a real engine and a worker: killed, cut off, and never with a key that signs."""

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from bootstrap import desk_office_of, office_of
from domain.errors import Away
from domain.vocabulary import Door
from kit.settings import Settings
from kit.storage.database import Database, sqlite_url
from models.accounts import add_account
from tests.counter.serving import DeskProcess, desk_of
from tests.people import WORKER
from tests.support.builders import complaint, note
from tests.support.harness import Running, entries, running_case_worker
from tests.support.servers import MASTER_KEY, VAULT_URL, until_async


@pytest.fixture
async def running(dev_server: WorkflowEnvironment, sqlite_database: Database) -> AsyncIterator[Running]:
    with sqlite_database.write() as tx:
        add_account(tx, WORKER)
    queue = f"desk-{uuid.uuid4()}"
    async with running_case_worker(dev_server.client, sqlite_database, sandboxed=False, task_queue=queue) as running:
        yield running


@pytest.fixture
def desk(running: Running, dev_server: WorkflowEnvironment, tmp_path: Path) -> Iterator[DeskProcess]:
    address = dev_server.client.service_client.config.target_host
    process = DeskProcess(running.database, tmp_path, address, running.task_queue)
    yield process
    process.kill()
    print(process.output[-2_000:])


async def test_a_desk_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    desk: DeskProcess, running: Running
) -> None:
    await asyncio.to_thread(desk.start)
    sent: dict[str, bool] = {}
    async with desk_of(desk.place, WORKER.account) as client:
        opened = await client.open_case(complaint=complaint(), command_id=str(uuid.uuid4()))

        async def write(number: int) -> None:
            id = f"{opened.reference}:{number}"
            for _ in range(60):
                try:
                    await client.submit_command(reference=opened.reference, command=note(), command_id=id)
                    sent[id] = True
                    return
                except Away:
                    await asyncio.sleep(0.2)  # as somebody would who tries again, under the same id

        writing = [asyncio.create_task(write(number)) for number in range(12)]
        await until_async(lambda: len(sent) >= 3, "commands come in")
        desk.kill()
        await asyncio.to_thread(desk.start)
        await asyncio.gather(*writing)
    lines = entries(running.database, opened.reference)
    noted = [line.command_id for line in lines if line.command_id in sent]
    assert len(sent) == 12 and sorted(noted) == sorted(sent), "each once"
    assert {line.door for line in lines} == {Door.SESSION}

    desk.signal(signal.SIGTERM)
    assert await asyncio.to_thread(desk.wait) == 0
    assert not desk.place.exists()


async def test_a_second_desk_does_not_take_the_socket_of_the_first(desk: DeskProcess) -> None:
    await asyncio.to_thread(desk.start)
    second = DeskProcess.__new__(DeskProcess)
    second.__dict__.update(desk.__dict__ | {"_process": None, "_log": desk.place.parent / "second.log"})
    await asyncio.to_thread(super(DeskProcess, second).start)
    assert await asyncio.to_thread(second.wait, 60) == 4
    assert "socket" in second.output
    assert desk.is_running and desk.place.exists()


def _resident(process: DeskProcess) -> int:
    """Megabytes that the process has had in memory at most."""
    assert process._process is not None
    status = Path(f"/proc/{process._process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells it")
async def test_a_file_of_fifty_megabytes_takes_no_memory_to_speak_of(desk: DeskProcess, running: Running) -> None:
    await asyncio.to_thread(desk.start)
    piece = b"une ligne d'un long journal de chantier\n" * 1_600

    async def content(pieces: int) -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield piece

    async with desk_of(desk.place, WORKER.account) as client:
        opened = await client.open_case(complaint=complaint(), command_id=str(uuid.uuid4()))
        case = await client.show_case(reference=opened.reference)

        async def attach(pieces: int) -> int:
            attached = await client.attach_file(
                content(pieces),
                reference=opened.reference,
                piece=case.pieces[0].id,
                filename="journal.txt",
                command_id=str(uuid.uuid4()),
                description="Journal",
            )
            return attached.file.size

        await attach(1)
        before = _resident(desk)
        size = await attach(50 * 1024 * 1024 // len(piece))
        grown = _resident(desk) - before
    print(f"\ncounter: {size / 1024 / 1024:.0f} MB attached, memory grew by {grown} MB at most")
    assert grown < 16


# --- The key that signs ----------------------------------------------------------------------------------


def test_the_desk_never_loads_the_key_that_signs_even_where_it_could(tmp_path: Path) -> None:
    settings = Settings(
        database_url=sqlite_url(tmp_path / "book.db"),
        vault_url=VAULT_URL,
        master_key_file=MASTER_KEY,
        data=tmp_path,
        files=str(tmp_path / "files"),
        seal_key=SecretStr("0" * 64),
    )
    plain, desk = office_of(settings, None), desk_office_of(settings)
    with closing(plain.database), closing(desk.database):
        assert plain.signing_key is not None
        assert desk.signing_key is None
        assert desk.through(Door.SESSION).signing_key is None
