"""Work at set times, on the real engine: the seal, and the histories put away."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import closing as closed_after
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.service import RetryConfig, RPCError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.archive import Archive
from audit.records import Records
from audit.told import told
from domain.exchange.sealing import Kept, Sealed
from domain.parts.closure import Reopen
from domain.vocabulary import Step
from kit.crypto.witness import Contradicted, FolderWitness
from kit.storage.archive import FolderArchive, Missing
from kit.storage.database import Database
from models import histories, seals
from tests.people import WORKER
from tests.support.builders import closing, complaint, note
from tests.support.harness import Running, running_case_worker
from tests.support.servers import KEYS, SEALED, Engine, pause, starting_on, until_async
from workflows.histories import KeepHistories
from workflows.schedules import SCHEDULES, ensure
from workflows.seal import SealBook


@pytest_asyncio.fixture(loop_scope="session")
async def running(dev_server: WorkflowEnvironment, sqlite_database: Database) -> AsyncIterator[Running]:
    async with running_case_worker(dev_server.client, sqlite_database) as at_work:
        yield at_work


AT_ONCE = RetryConfig(max_retries=1, max_elapsed_time_millis=1)
"""Settings of a client that tells of a failure at once, instead of after ten seconds."""


async def run(running: Running, workflow: Any, id: str) -> object:
    return await running.client.execute_workflow(workflow.run, id=id, task_queue=running.task_queue)


async def test_the_seal_takes_what_is_new_and_tells_the_witness(running: Running) -> None:
    reference = (await running.desk.open(complaint(), WORKER)).reference
    assert await run(running, SealBook, "seal-1") == Sealed(size=3, added=2)
    await running.desk.submit(reference, note(), WORKER)
    assert await run(running, SealBook, "seal-2") == Sealed(size=4, added=1)
    assert await run(running, SealBook, "seal-3") == Sealed(size=4, added=0)
    witness = FolderWitness(running.folder / "seen")
    with running.database.read() as tx:
        assert list(witness.notes()) == [(row.size, row.note) for row in seals.all_checkpoints(tx)]
    with pytest.raises(Contradicted):
        witness.receive(3, "another note\n")


async def test_a_witness_that_contradicts_stops_neither_the_seal_nor_the_time_stamp(running: Running) -> None:
    await running.desk.open(complaint(), WORKER)
    FolderWitness(running.folder / "seen").receive(3, "told otherwise\n")
    assert await run(running, SealBook, "seal-4") == Sealed(size=3, added=2)


async def test_every_history_is_put_away_and_nothing_of_it_twice(running: Running) -> None:
    references = [(await running.desk.open(complaint(), WORKER)).reference for _ in range(2)]
    kept = await run(running, KeepHistories, "keep-1")
    assert isinstance(kept, Kept) and kept.finished and kept.runs >= 2
    before = {reference: _kept(running, reference) for reference in references}
    assert all(len(stretches) == 1 for stretches in before.values())
    await running.desk.submit(references[0], note(), WORKER)
    await until_async(lambda: len(running.entries(references[0])) == 3, "it is in the book")
    await run(running, KeepHistories, "keep-2")
    after = {reference: _kept(running, reference) for reference in references}
    assert after[references[1]] == before[references[1]], "put away twice"
    (run_id, first, last), (same, start, _end) = after[references[0]]
    assert (same, first, start) == (run_id, 1, last + 1)
    records = Records(running.database, FolderArchive(running.folder / "kept"), KEYS, None)
    for reference in references:
        (found,) = (await records.of(reference)).runs
        assert [entry.version for entry in told(found.history).entries] == [
            entry.version for entry in running.entries(reference)
        ]


def _kept(running: Running, reference: str) -> list[tuple[str, int, int]]:
    with running.database.read() as tx:
        return [(row.run_id, row.first_event, row.last_event) for row in histories.stretches(tx, reference)]


async def test_a_run_is_put_away_before_it_is_continued(
    short_runs: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(short_runs.client, sqlite_database) as running:
        reference = (await running.desk.open(complaint(), WORKER)).reference
        for _ in range(8):
            await running.desk.submit(reference, note(), WORKER)
        handle = short_runs.client.get_workflow_handle(reference)
        first = (await handle.describe()).raw_description.workflow_execution_info.first_run_id
        async with asyncio.timeout(30):
            while (await handle.describe()).run_id == first:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        kept = {run_id: last for run_id, _, last in _kept(running, reference)}
        history = await short_runs.client.get_workflow_handle(reference, run_id=first).fetch_history()
        assert history.events[-1].HasField("workflow_execution_continued_as_new_event_attributes")
        # All but its end, which it could not put away itself: the sweep takes that.
        assert 30 < kept[first] < len(history.events)
        await run(running, KeepHistories, f"keep-{reference}")
        assert max(last for run_id, _, last in _kept(running, reference) if run_id == first) == len(history.events)


async def test_a_storage_that_is_away_holds_no_case_up(
    short_runs: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with running_case_worker(short_runs.client, sqlite_database) as running:
        (running.folder / "kept").write_text("a file where the folder should be")
        reference = (await running.desk.open(complaint(), WORKER)).reference
        for number in range(8):
            receipt = await running.desk.submit(reference, note(), WORKER)
            assert receipt.version == 3 + number


async def test_a_case_is_put_away_as_soon_as_it_is_closed(running: Running) -> None:
    reference = (await running.desk.open(complaint(), WORKER)).reference
    closed = await running.desk.submit(reference, closing(), WORKER)
    await until_async(lambda: bool(_kept(running, reference)), "it is put away")
    records = Records(running.database, FolderArchive(running.folder / "kept"), KEYS, None)
    assert await _told_of(records, reference) == closed.version
    # Opened again and closed again, it is put away again; what goes on after that is left to the night.
    await running.desk.submit(reference, Reopen(reason="A witness came"), WORKER)
    again = await running.desk.submit(reference, closing(), WORKER)
    await until_async(lambda: len(_kept(running, reference)) == 2, "it is put away again")
    assert await _told_of(records, reference) == again.version
    await running.desk.submit(reference, note(), WORKER)
    assert await run(running, KeepHistories, "keep-closed")
    assert await _told_of(records, reference) == again.version + 1


async def test_a_history_that_the_engine_cannot_read_keeps_no_other_from_being_put_away(
    engine: Engine, sqlite_database: Database, tmp_path: Path
) -> None:
    async with running_case_worker(await engine.client(), sqlite_database, task_queue="here") as running:
        fine, *damaged = sorted([(await running.desk.open(complaint(), WORKER)).reference for _ in range(5)])
        for reference in damaged:
            await running.client.get_workflow_handle(reference).terminate()
        runs = [(await running.client.get_workflow_handle(reference).describe()).run_id for reference in damaged]
        await until_listed(running.client, 5)
    for run_id in runs:
        spoil(tmp_path / "engine.db", run_id)
    # As a worker's: it asks for each of them for ten seconds, and not for one after the other.
    archive = Archive(sqlite_database, await engine.client(), FolderArchive(tmp_path / "kept"), KEYS)
    async with asyncio.timeout(25):
        kept = await ActivityEnvironment().run(archive.keep_histories, Kept())
    assert (kept.runs, kept.kept, sorted(kept.missed), kept.finished) == (5, 1, damaged, True)
    with sqlite_database.read() as tx:
        assert [len(histories.stretches(tx, reference)) for reference in (*damaged, fine)] == [0] * 4 + [1]
    client = await Client.connect(engine.address, data_converter=SEALED, retry_config=AT_ONCE)
    archive = Archive(sqlite_database, client, FolderArchive(tmp_path / "kept"), KEYS)
    engine.kill()
    with pytest.raises(RPCError):  # that is no one history's trouble: it is waited for
        await ActivityEnvironment().run(archive.keep_histories, Kept())


async def until_listed(client: Client, runs: int) -> None:
    async with asyncio.timeout(30):
        while (await client.count_workflows("WorkflowType = 'ComplaintWorkflow'")).count < runs:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def spoil(engine: Path, run_id: str) -> None:
    """Overwrites the first events of a run where the engine keeps them, as a disk would."""
    with closed_after(sqlite3.connect(engine, timeout=30)) as file, file:
        of_run = "lower(hex(tree_id)) = ? and node_id = 1"
        changed = file.execute(f"update history_node set data = x'ff00ff' where {of_run}", [uuid.UUID(run_id).hex])  # noqa: S608
        assert changed.rowcount == 1


async def _told_of(records: Records, reference: str) -> int:
    """Up to which version what was put away tells a case."""
    (run,) = (await records.of(reference)).runs
    return max(entry.version for entry in told(run.history).entries)


async def test_a_case_is_closed_at_once_while_the_storage_is_away(running: Running) -> None:
    kept = running.folder / "kept"
    kept.write_text("a file where the folder should be")
    reference = (await running.desk.open(complaint(), WORKER)).reference
    closed = await running.desk.submit(reference, closing(), WORKER)
    handle = running.client.get_workflow_handle(reference)

    async def tried() -> bool:
        pending = (await handle.describe()).raw_description.pending_activities
        return [(one.activity_type.name, one.attempt > 1) for one in pending] == [("keep_history", True)]

    async with asyncio.timeout(30):
        while not await tried():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert closed.step is Step.CLOSED
    assert (await running.desk.submit(reference, note(), WORKER)).version == closed.version + 1
    assert _kept(running, reference) == []
    kept.unlink()
    await until_async(lambda: bool(_kept(running, reference)), "the storage is back")


async def test_the_schedules_are_made_once_and_brought_in_line(dev_server: WorkflowEnvironment) -> None:
    client = dev_server.client
    await asyncio.gather(ensure(client, "a-queue"), ensure(client, "a-queue"))
    for planned in SCHEDULES:
        handle = client.get_schedule_handle(planned.id)
        await pause(handle, "an operator")
        await ensure(client, "another-queue")
        found = await starting_on(handle, "another-queue")
        assert found.state.paused, "an operator's word is kept"
        assert found.policy.overlap is ScheduleOverlapPolicy.SKIP
        assert timedelta(0) < found.policy.catchup_window <= timedelta(hours=12)
        assert found.spec.time_zone_name == "Europe/Paris"
    for planned in SCHEDULES:
        await client.get_schedule_handle(planned.id).delete()
    assert {planned.id for planned in SCHEDULES} >= {"seal", "keep-histories", "store-scan", "store-sweep"}


async def test_a_schedule_that_is_triggered_seals(dev_server: WorkflowEnvironment, sqlite_database: Database) -> None:
    client: Client = dev_server.client
    async with running_case_worker(client, sqlite_database) as running:
        await running.desk.open(complaint(), WORKER)
        await ensure(client, running.task_queue)
        await client.get_schedule_handle("seal").trigger()

        def sealed() -> bool:
            with sqlite_database.read() as tx:
                return seals.last_checkpoint(tx) is not None

        await until_async(sealed, "it is sealed")
        for planned in SCHEDULES:
            await client.get_schedule_handle(planned.id).delete()


def test_a_folder_keeps_what_it_is_given_and_refuses_odd_names(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    store = FolderArchive(folder)
    store.put("a/b-1", b"one")
    store.put("a/b-1", b"two")
    assert store.get("a/b-1") == b"two"
    assert (folder / "a" / "b-1").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in (folder / "a").iterdir()] == ["b-1"]
    with pytest.raises(Missing):
        store.get("a/c")
    for odd in ("", "/etc/passwd", "../x", "a//b", "a/../b", ".hidden", "a/.b", "a b"):
        with pytest.raises(ValueError, match="not a name"):
            store.put(odd, b"")
