"""Files are looked after though nobody asks: scanned once the scanner is there, let go of when no case holds them."""

import asyncio
import os
import shutil
import signal
import socket
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import pytest_asyncio
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.care import KEPT, Scanning, sweep
from activities.evidence import EvidenceCare
from domain.actors import SCANNER, Actor
from domain.exchange.housekeeping import FilesScanned, StoreSwept
from domain.exchange.sweep import Finding
from domain.parts.base import Command
from domain.parts.files import EvidenceFile, FileScanned, RemoveFile
from domain.values import new_reference
from domain.vocabulary import Disagreement, ScanState
from kit.formats.clamd import Clamd
from kit.storage.database import Database
from kit.storage.store import FolderStore, new_name
from models import sweeps
from models.evidence import MB, Evidence
from tests.people import SUPERVISOR, WORKER
from tests.support.builders import complaint
from tests.support.clerk import Clerk, attach
from tests.support.harness import Running, running_case_worker
from tests.support.intakes import attaching
from tests.support.servers import KEYS, RealWorker
from tests.support.stores import EICAR, on_s3
from workers.build import GRACE
from workflows.cases import CaseClient
from workflows.evidence import ScanFiles, SweepStore
from workflows.sweep import NightlySweep

SHORT = timedelta(seconds=1.5)
"""Long enough for a second attempt, one second after the first."""


class Scanner:
    """An address at which a clamd is, or not."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clamd"
        self.clamd = Clamd(str(self.path), limit=MB)

    def comes(self, clamd: Clamd) -> None:
        self.path.symlink_to(clamd.address)

    def goes(self) -> None:
        self.path.unlink()


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    folder = Path(tempfile.mkdtemp(prefix="aboutir-scanner-"))  # a socket's path is short
    yield Scanner(folder)
    shutil.rmtree(folder)


@pytest_asyncio.fixture(loop_scope="session")
async def running(
    dev_server: WorkflowEnvironment, sqlite_database: Database, scanner: Scanner
) -> AsyncIterator[Running]:
    async with running_case_worker(dev_server.client, sqlite_database, scanner=scanner.clamd) as at_work:
        yield at_work


async def round(running: Running, workflow: Any) -> Any:
    """Result of a round."""
    id = f"round-{uuid.uuid4()}"
    return await running.client.execute_workflow(
        workflow.run, id=id, task_queue=running.task_queue, execution_timeout=timedelta(seconds=30)
    )


async def opened(running: Running) -> str:
    return (await running.desk.open(complaint(), WORKER)).reference


async def attached(running: Running, reference: str, content: bytes, name: str = "letter.txt") -> EvidenceFile:
    """A file that waits for the scanner."""
    taken = running.evidence.take_in(reference, name, [content])
    command = attaching(running.database, reference, taken, to_scan=True)
    await running.desk.submit(reference, command, WORKER)
    return running.case(reference).files[-1]


def states(running: Running, reference: str) -> list[ScanState]:
    return [file.scan for file in running.case(reference).files]


def path(running: Running, stored: str) -> Path:
    return running.folder / "files" / stored[:2] / stored


# --- Scanning --------------------------------------------------------------------------------------------


async def test_what_waited_is_scanned_once_the_scanner_is_back(
    running: Running, scanner: Scanner, clamd: Clamd
) -> None:
    reference, other = await opened(running), await opened(running)
    await attached(running, reference, b"Good morning")
    await attached(running, reference, EICAR)
    await attached(running, other, b"-" * (2 * MB))

    # Away: tried again, given up, and nothing of it stands in the way of the next.
    handle = await running.client.start_workflow(
        ScanFiles.run, SHORT, id=f"scan-{uuid.uuid4()}", task_queue=running.task_queue
    )
    assert await handle.result() is None
    started = [
        event.activity_task_started_event_attributes
        async for event in handle.fetch_history_events()
        if event.HasField("activity_task_started_event_attributes")
    ]
    assert started[-1].attempt == 2
    assert states(running, reference) == [ScanState.PENDING, ScanState.PENDING]

    scanner.comes(clamd)
    assert await round(running, ScanFiles) == FilesScanned(clean=1, infected=1, not_scanned=1)
    assert states(running, reference) == [ScanState.CLEAN, ScanState.INFECTED]
    assert states(running, other) == [ScanState.NOT_SCANNED]
    noted = [entry for entry in running.entries(reference) if isinstance(entry.event, FileScanned)]
    assert [entry.actor for entry in noted] == [SCANNER, SCANNER]
    assert "Eicar" in str(running.case(reference).file("D2").finding)

    before = len(running.entries(reference)) + len(running.entries(other))
    scanner.goes()  # with nothing to ask it, nobody does
    assert await round(running, ScanFiles) == FilesScanned()
    assert len(running.entries(reference)) + len(running.entries(other)) == before


async def test_a_file_that_cannot_be_read_or_noted_keeps_no_other_from_being_scanned(
    running: Running, scanner: Scanner, clamd: Clamd
) -> None:
    scanner.comes(clamd)
    references = sorted([await opened(running) for _ in range(4)])
    stored = [(await attached(running, reference, b"Good morning")).stored for reference in references]
    path(running, stored[0]).unlink()
    path(running, stored[1]).write_bytes(b"something else")
    await running.client.get_workflow_handle(references[2]).terminate("an operator's mistake")
    assert await round(running, ScanFiles) == FilesScanned(clean=1, failed=3)
    assert [states(running, reference)[0] for reference in references] == [ScanState.PENDING] * 3 + [ScanState.CLEAN]


@pytest.fixture
def choking() -> Iterator[Clamd]:
    """A clamd that runs out of memory over one kind of content, and finds nothing in any other."""

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                if stream.read(len(b"zVERSION\0")) == b"zVERSION\0":
                    connection.sendall(b"ClamAV\0")
                    continue
                stream.read(1)
                content = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(size)
                connection.sendall(b"stream: Can't allocate memory ERROR\0" if b"bomb" in content else b"stream: OK\0")

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = Thread(target=serve)
        thread.start()
        yield Clamd(f"127.0.0.1:{server.getsockname()[1]}", limit=MB, timeout=10)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


async def test_a_file_that_the_scanner_chokes_on_keeps_no_other_from_being_scanned(
    dev_server: WorkflowEnvironment, sqlite_database: Database, choking: Clamd
) -> None:
    async with running_case_worker(dev_server.client, sqlite_database, scanner=choking) as running:
        reference = await opened(running)
        for content in (b"a bomb", b"Good morning"):
            await attached(running, reference, content)
        assert await round(running, ScanFiles) == FilesScanned(clean=1, failed=1)
        assert states(running, reference) == [ScanState.PENDING, ScanState.CLEAN]


async def test_a_verdict_goes_by_the_same_id_however_often_it_is_sent_and_another_by_another(
    sqlite_database: Database, evidence: Evidence, clamd: Clamd
) -> None:
    clerk = Clerk(sqlite_database)
    reference, sent = clerk.open(), []
    for content in (b"Good morning", b"Good morning", EICAR):
        taken = evidence.take_in(reference, "letter.txt", [content])
        clerk.ask(reference, attaching(sqlite_database, reference, taken, to_scan=True))

    async def submit(reference: str, command: Command, actor: Actor, *, command_id: str) -> None:
        sent.append((command, command_id))

    scanning = Scanning(clamd, evidence, KEYS, sqlite_database.read, sqlite_database.write, submit)
    for _ in range(2):
        await scanning.scan_all()
    assert sent[:3] == sent[3:]
    assert len({id for _, id in sent}) == 3
    clerk.ask(reference, sent[0][0], SCANNER, id=sent[0][1])
    await scanning.scan(reference, "D1")
    assert sent[-1][0] == sent[0][0] and sent[-1][1] != sent[0][1], "found again is not sent again"


async def test_without_a_scanner_nothing_is_done_and_nothing_is_wrong(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(dev_server.client, sqlite_database) as running:
        reference = await opened(running)
        await attached(running, reference, b"Good morning")
        assert await round(running, ScanFiles) == FilesScanned()
        assert states(running, reference) == [ScanState.PENDING]


async def test_the_worker_scans_what_waits_in_the_store_and_by_the_scanner_of_its_settings(
    dev_server: WorkflowEnvironment, sqlite_database: Database, clamd: Clamd, tmp_path: Path
) -> None:
    client, queue = dev_server.client, f"test-{uuid.uuid4()}"
    url = sqlite_database.url.render_as_string(hide_password=False)
    settings = {"ABOUTIR_CLAMD": clamd.address, "ABOUTIR_DATA": str(tmp_path)}
    worker = RealWorker(tmp_path, client.service_client.config.target_host, url, queue, **settings)
    await asyncio.to_thread(worker.start)
    try:
        desk = CaseClient(client, queue, KEYS.mint)
        running = Running(client, sqlite_database, queue, None, None, desk, tmp_path)  # type: ignore[arg-type]
        reference = await opened(running)
        await attached(running, reference, b"Good morning")
        await attached(running, reference, EICAR)
        assert await round(running, ScanFiles) == FilesScanned(clean=1, infected=1)
        assert states(running, reference) == [ScanState.CLEAN, ScanState.INFECTED]
        assert '"infected": 1' in worker.output, "whoever runs it reads it in the log"
        await client.get_workflow_handle(reference).terminate()
    finally:
        worker.kill()


async def test_a_worker_told_to_stop_waits_for_no_scanner_that_says_nothing(
    dev_server: WorkflowEnvironment, sqlite_database: Database, tmp_path: Path
) -> None:
    queue, url = f"test-{uuid.uuid4()}", sqlite_database.url.render_as_string(hide_password=False)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes calls, and never answers
        settings = {"ABOUTIR_CLAMD": f"127.0.0.1:{silent.getsockname()[1]}", "ABOUTIR_DATA": str(tmp_path)}
        address = dev_server.client.service_client.config.target_host
        worker = RealWorker(tmp_path, address, url, queue, **settings)
        await asyncio.to_thread(worker.start)
        try:
            desk = CaseClient(dev_server.client, queue, KEYS.mint)
            running = Running(dev_server.client, sqlite_database, queue, None, None, desk, tmp_path)  # type: ignore[arg-type]
            reference = await opened(running)
            await attached(running, reference, b"Good morning")
            scan = await dev_server.client.start_workflow(ScanFiles.run, id=str(uuid.uuid4()), task_queue=queue)
            call, _ = await asyncio.to_thread(silent.accept)
            with call:
                worker.signal(signal.SIGTERM)
                assert await asyncio.to_thread(worker.wait, GRACE.total_seconds() + 5) == 0
            for handle in (scan, dev_server.client.get_workflow_handle(reference)):
                await handle.terminate()
        finally:
            worker.kill()


# --- Letting go ------------------------------------------------------------------------------------------


def aged(running: Running, stored: str, age: timedelta = KEPT + timedelta(hours=1)) -> str:
    then = time.time() - age.total_seconds()
    os.utime(path(running, stored), (then, then))
    return stored


def upload(running: Running, reference: str) -> str:
    """Bytes that came to nothing."""
    return running.evidence.take_in(reference, "letter.txt", [b"Good morning"]).stored


def kept(running: Running) -> set[str]:
    return {path.name for path in (running.folder / "files").rglob("*") if path.is_file()}


async def test_what_no_case_has_held_for_a_month_is_let_go_of_and_nothing_else(running: Running) -> None:
    reference = await opened(running)
    held = [aged(running, (await attached(running, reference, b"Good morning")).stored) for _ in range(3)]
    await running.desk.submit(reference, RemoveFile(file="D3", reason="Of somebody else"), SUPERVISOR)
    nothing, young = aged(running, upload(running, reference)), upload(running, reference)
    aged(running, young, KEPT - timedelta(hours=1))
    everything = {*held, nothing, young}

    # The night's sweep has not told yet whether the book lacks anything.
    assert await round(running, SweepStore) == StoreSwept(seen=4, spared=2)
    assert kept(running) == everything
    await round(running, NightlySweep)
    assert await round(running, SweepStore) == StoreSwept(seen=4, deleted=2)
    assert kept(running) == {*held[:2], young}
    assert await round(running, SweepStore) == StoreSwept(seen=2)


async def test_a_store_that_is_away_is_tried_again(sqlite_database: Database) -> None:
    store = on_s3("s3://files/away", "http://127.0.0.1:9")
    care = EvidenceCare(sqlite_database.read, sqlite_database.write, store, None)  # type: ignore[arg-type]
    with pytest.raises(ApplicationError) as told:
        await ActivityEnvironment().run(care.sweep_store)
    assert (told.value.type, told.value.non_retryable) == ("Away", False)


LATER = datetime.now(UTC) + timedelta(hours=1)


def a_night(database: Database, began: datetime, kind: Disagreement | None = None, *, ended: bool = True) -> None:
    """A sweep of the book and the engine, and the one thing that it found."""
    id = str(uuid.uuid4())
    with database.write() as tx:
        sweeps.begin(tx, id, began)
        if kind is not None:
            sweeps.note(tx, id, Finding(reference=new_reference(), kind=kind, found_at=began))
        if ended:
            sweeps.end(tx, id, began, cases=1, workflows=1)


def test_of_a_book_that_may_have_lost_cases_nothing_is_let_go_of_by_itself(
    database: Database, folder_store: FolderStore
) -> None:
    clerk, now = Clerk(database), datetime.now(UTC)
    held, nothing = attach(clerk, clerk.open()), new_name()
    folder_store.put(held, [b"-"])

    def swept(**how: bool) -> StoreSwept:
        folder_store.delete(nothing)
        folder_store.put(nothing, [b"-"])
        return sweep(database.read, database.write, folder_store, LATER, **how)

    a_night(database, now - timedelta(hours=25))
    assert swept(by_itself=True) == StoreSwept(seen=2, spared=1), "that was another night"
    for number, kind in enumerate((None, *Disagreement)):
        a_night(database, now + timedelta(seconds=number), kind)
        lacks = kind in (Disagreement.AHEAD, Disagreement.NO_CASE)
        assert swept(by_itself=True) == StoreSwept(seen=2, deleted=not lacks, spared=lacks), kind
        assert swept() == StoreSwept(seen=2, deleted=1), "somebody asked"
    a_night(database, now + timedelta(minutes=1), ended=False)
    assert swept(by_itself=True) == StoreSwept(seen=2, spared=1), "it is not over"


def test_a_book_that_holds_less_than_would_go_has_nothing_let_go_of_by_itself(
    database: Database, folder_store: FolderStore
) -> None:
    """As after the database was made anew beside the files of before."""
    for _ in range(2):
        folder_store.put(new_name(), [b"-"])
    folder_store.put(attach(clerk := Clerk(database), clerk.open()), [b"-"])
    a_night(database, datetime.now(UTC))
    assert sweep(database.read, database.write, folder_store, LATER, by_itself=True) == StoreSwept(seen=3, spared=2)
    assert sweep(database.read, database.write, folder_store, LATER) == StoreSwept(seen=3, deleted=2)
