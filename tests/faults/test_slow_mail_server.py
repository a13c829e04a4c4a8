"""A mail server that takes its time holds up no command, though both may have to wait for a slot of a worker."""

import asyncio
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from kit.mail.mailbox import SmtpMailbox
from tests.people import WORKER
from tests.support.builders import complaint, note
from tests.support.correspondents import settle_in
from tests.support.harness import Running, running_case_worker
from tests.support.mailroom import Mailroom
from tests.support.outages import locked, until_so
from tests.support.servers import until_async
from workflows.queues import MAIL


@workflow.defn
class Flood:
    """Asks for many notices at once, as many cases do."""

    @workflow.run
    async def run(self, queue: str, ids: list[str]) -> None:
        await asyncio.gather(
            *(
                workflow.execute_activity(
                    "deliver_notice", id, task_queue=queue, start_to_close_timeout=timedelta(minutes=2)
                )
                for id in ids
            )
        )


async def test_a_command_does_not_wait_for_a_slow_mail_server(
    dev_server: WorkflowEnvironment, small_room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.build.WAITING", 2)
    room, queue, answers = small_room, f"slow-{uuid.uuid4()}", threading.Event()
    settle_in(room.database)
    for _ in range(4):
        room.perishing(at=_a_morning())
    room.sink.to_data = lambda: None if answers.wait(60) else "451 4.3.0 Too slow"
    mailbox = SmtpMailbox(room.server.settings(mail_seconds=60))
    async with running_case_worker(
        dev_server.client, room.database, sandboxed=False, task_queue=queue, mailbox=mailbox
    ) as running:
        try:
            reference = (await running.desk.open(complaint(), WORKER)).reference
            await _flood(running, [row.id for row in room.rows(kind="NOTICE")])
            await until_async(lambda: sum(row.held_until is not None for row in room.rows()) >= 2, "mails under way")
            with locked(room.database):
                asked = asyncio.create_task(running.desk.submit(reference, note(), WORKER))
                await until_so(lambda: _waits_outside(running, reference), "the book is waited for")
            assert (await asyncio.wait_for(asked, 20)).version
            assert room.sink.arrived == []
        finally:
            answers.set()
        await until_async(lambda: {row.state for row in room.rows(kind="NOTICE")} == {"SENT"}, "all are sent")
        await running.client.get_workflow_handle(reference).terminate()


def _a_morning() -> datetime:
    """Ten o'clock of a working day about a week ago: at night and on Sundays nobody is told of anything."""
    morning = datetime.now(UTC).replace(hour=10, minute=0) - timedelta(days=6)
    return morning - timedelta(days=max(0, morning.weekday() - 4))


async def _flood(running: Running, ids: list[str]) -> None:
    """Started by a worker that is gone at once: what it asked for is done all the same."""
    client, mine = running.client, f"flood-{uuid.uuid4()}"
    async with Worker(client, task_queue=mine, workflows=[Flood], workflow_runner=UnsandboxedWorkflowRunner()):
        flood = await client.start_workflow(Flood.run, args=[running.task_queue + MAIL, ids], id=mine, task_queue=mine)

        async def _has_asked() -> bool:
            return len((await flood.describe()).raw_description.pending_activities) == len(ids)

        await until_so(_has_asked, "all are asked for")


async def _waits_outside(running: Running, reference: str) -> bool:
    described = await running.client.get_workflow_handle(reference).describe()
    return any(a.activity_type.name == "commit" for a in described.raw_description.pending_activities)
