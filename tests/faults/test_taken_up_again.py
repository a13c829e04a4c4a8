"""An operator stopped a case's workflow. Nothing is lost: opened again under its own name, it takes up the book."""

import asyncio
import uuid
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

import activities.book
from domain.actors import Actor
from domain.complaint import Complaint
from domain.errors import Away, Refused
from domain.exchange.cases import Opening, Receipt
from domain.parts.contact import AddNote
from domain.values import day_of, new_reference
from domain.vocabulary import Step
from kit.storage.database import Database
from tests.people import WORKER
from tests.support.builders import complaint, journey, note
from tests.support.clerk import Clerk
from tests.support.harness import Running, audit, entries, is_sound, running_case_worker
from tests.support.outages import locked, until_so
from tests.support.servers import until_async


@dataclass
class Known:
    """The notes of whoever opened a case: enough to open it again."""

    reference: str
    command_id: str
    told: Complaint
    who: Actor

    async def open(self, running: Running) -> Receipt:
        return await running.desk.open(self.told, self.who, reference=self.reference, command_id=self.command_id)


def somebody_s_case() -> Known:
    return Known(new_reference(), str(uuid.uuid4()), complaint(), WORKER)


def working(dev_server: WorkflowEnvironment, database: Database) -> AbstractAsyncContextManager[Running]:
    return running_case_worker(dev_server.client, database, sandboxed=False)


async def terminate(client: Client, reference: str) -> None:
    await client.get_workflow_handle(reference).terminate("an operator's mistake")


@pytest.mark.parametrize("steps", [0, 6, 15], ids=["just opened", "in the middle", "closed"])
async def test_a_terminated_case_resumes_with_everything_the_book_has(
    dev_server: WorkflowEnvironment, sqlite_database: Database, steps: int
) -> None:
    await resumes(dev_server, sqlite_database, steps)


async def test_so_it_does_on_postgresql(dev_server: WorkflowEnvironment, postgresql_database: Database) -> None:
    await resumes(dev_server, postgresql_database, 6)


async def resumes(dev_server: WorkflowEnvironment, database: Database, steps: int) -> None:
    async with working(dev_server, database) as running:
        kept = somebody_s_case()
        opened, receipts = await kept.open(running), {}
        for number, (command, who, _) in enumerate(journey(day_of(kept.told.received_at))[:steps]):
            id = f"{kept.command_id}:{number}"
            receipts[id] = await running.desk.submit(kept.reference, command, who, command_id=id)
        before = await running.view(kept.reference)
        await terminate(dev_server.client, kept.reference)
        assert not await running.is_open(kept.reference)

        assert await kept.open(running) == opened
        assert await running.is_open(kept.reference)
        assert await running.view(kept.reference) == before == running.case(kept.reference)

        # What was sent before counts no second time, and the case goes on.
        for number, (command, who, _) in enumerate(journey(day_of(kept.told.received_at))[:steps]):
            id = f"{kept.command_id}:{number}"
            assert await running.desk.submit(kept.reference, command, who, command_id=id) == receipts[id]
        receipt = await running.desk.submit(kept.reference, note(), WORKER, expected_version=before.version)
        assert receipt.version == before.version + 1
        assert is_sound(audit(database))
        assert (before.step is Step.CLOSED) == (steps == 15)


async def test_a_case_can_be_stopped_and_taken_up_again_and_again(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with working(dev_server, sqlite_database) as running:
        known = somebody_s_case()
        await known.open(running)
        for version in range(3, 6):
            await terminate(dev_server.client, known.reference)
            await known.open(running)
            assert (await running.desk.submit(known.reference, note(), WORKER)).version == version
        assert is_sound(audit(sqlite_database))


async def test_the_deadlines_of_a_case_taken_up_again_are_armed(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with working(dev_server, sqlite_database) as running:
        known = somebody_s_case()
        await known.open(running)
        [before] = await timers(running, known.reference)
        await terminate(dev_server.client, known.reference)
        await known.open(running)
        [after] = await timers(running, known.reference)
        assert before > 0
        assert before - after in range(60)


async def timers(running: Running, reference: str) -> list[int]:
    """For how many seconds each timer of a case's current run was set."""
    events = [event.timer_started_event_attributes for event in await running.events(reference)]
    return [event.start_to_fire_timeout.seconds for event in events if event.timer_id]


async def test_a_command_to_a_stopped_case_is_told_so_and_counts_once_when_it_is_taken_up(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with working(dev_server, sqlite_database) as running:
        known = somebody_s_case()
        await known.open(running)
        await terminate(dev_server.client, known.reference)
        with pytest.raises(Away) as told:
            await running.desk.submit(known.reference, note(), WORKER, command_id="sent-to-a-stopped-case")
        assert told.value.code == "case_stopped"
        assert told.value.params == {"command_id": "sent-to-a-stopped-case"}

        await known.open(running)
        for _ in range(2):
            receipt = await running.desk.submit(known.reference, note(), WORKER, command_id="sent-to-a-stopped-case")
            assert receipt.version == 3
        assert is_sound(audit(sqlite_database))


async def test_a_command_under_way_when_its_case_is_stopped_is_not_said_to_be_unrecorded(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with working(dev_server, sqlite_database) as running:
        known = somebody_s_case()
        await known.open(running)
        with locked(sqlite_database):
            sent = asyncio.create_task(
                running.desk.submit(known.reference, note(), WORKER, command_id="under-way-meanwhile")
            )
            await until_so(lambda: is_at_work(running, known.reference), "the command is under way")
            await terminate(dev_server.client, known.reference)
            with pytest.raises(Away) as told:
                await sent
        assert told.value.code == "case_stopped"

        # Indeed it is recorded: what had begun goes on.
        await until_async(lambda: len(running.entries(known.reference)) == 3, "the command is in the book")
        await known.open(running)
        assert (await running.view(known.reference)).notes == 1
        receipt = await running.desk.submit(known.reference, note(), WORKER, command_id="under-way-meanwhile")
        assert receipt.version == 3
        assert is_sound(audit(sqlite_database))


async def is_at_work(running: Running, reference: str) -> bool:
    """True if a worker has taken a task of this case and not answered yet."""
    described = await running.client.get_workflow_handle(reference).describe()
    task = described.raw_description.pending_workflow_task
    return task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED


async def test_nobody_takes_up_a_case_under_another_opening(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    async with working(dev_server, sqlite_database) as running:
        known = somebody_s_case()
        await known.open(running)
        before = running.entries(known.reference)
        await terminate(dev_server.client, known.reference)
        with pytest.raises(Refused) as refused:
            await running.desk.open(complaint(), WORKER, reference=known.reference)
        assert refused.value.code == "already_open"
        assert running.entries(known.reference) == before

        await known.open(running)  # and that attempt does not stand in the way of the right one
        assert await running.is_open(known.reference)


# --- What one answer cannot carry -------------------------------------------------------------------------


def a_long_history(database: Database, lines: int) -> tuple[Clerk, str]:
    """A case with so many long notes, told straight to the book: its workflow knows of none."""
    clerk = Clerk(database, datetime.now(UTC) - timedelta(days=1))
    reference = clerk.open()
    for version in range(2, 2 + lines):
        clerk.ask(reference, AddNote(text="é" * 3_900), known=version)
    return clerk, reference


async def ordinary(running: Running, reference: str) -> int:
    """The number of times that its workflow asked the book by an ordinary activity."""
    return sum(e.HasField("activity_task_scheduled_event_attributes") for e in await running.events(reference))


async def test_a_case_with_more_history_than_the_engine_carries_at_once_is_taken_up(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    queue = f"test-{uuid.uuid4()}"
    clerk, reference = await asyncio.to_thread(a_long_history, sqlite_database, 400)  # 3.2 MB
    first = entries(sqlite_database, reference)[0]
    async with running_case_worker(dev_server.client, sqlite_database, sandboxed=False, task_queue=queue) as running:
        receipt = await asyncio.wait_for(running.desk.take_up(reference, Opening.recorded(first)), 60)
        assert (receipt.version, receipt.events[0]) == (2, "complaint_opened.1")
        assert await running.view(reference) == clerk.case(reference)
        asked = await ordinary(running, reference)
        assert asked == 3
    # Another worker reads all of that again, and an ordinary step is as it always is.
    async with running_case_worker(dev_server.client, sqlite_database, sandboxed=False, task_queue=queue) as running:
        assert (await running.desk.submit(reference, note(), WORKER)).version == 403
        assert await running.view(reference) == clerk.case(reference)
        assert await ordinary(running, reference) == asked
        await terminate(dev_server.client, reference)
    assert is_sound(audit(sqlite_database))


async def test_a_command_whose_own_lines_are_too_many_is_answered_once_and_as_a_whole(
    dev_server: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activities.book, "CARRIED", 1)  # a line at a time
    async with working(dev_server, sqlite_database) as running:
        opened = await running.desk.open(complaint(), WORKER)
        assert opened.version == len(opened.events) == 2
        receipt = await running.desk.submit(opened.reference, note(), WORKER)
        assert (receipt.version, receipt.events) == (3, ("note_added.1",))
        assert await running.view(opened.reference) == running.case(opened.reference)
        assert await ordinary(running, opened.reference) == 1
    assert is_sound(audit(sqlite_database))
