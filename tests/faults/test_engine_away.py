"""The engine is away, or nobody works for it: whoever asks is told so, and the same id sent again counts once."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest
from temporalio.client import (
    Client,
    DescribeWorkflowInput,
    Interceptor,
    OutboundInterceptor,
    WorkflowExecutionDescription,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from domain.errors import Away
from domain.exchange.cases import Receipt
from domain.values import new_reference
from kit.engine.temporal import connect
from kit.settings import Settings
from kit.storage.database import Database
from tests.people import WORKER
from tests.support.builders import complaint, note
from tests.support.harness import audit, is_sound, running_case_worker
from tests.support.outages import locked, until_so
from tests.support.servers import KEYS, Engine, until_async
from workflows.cases import CaseClient

QUEUE = "engine-away"


async def answer_away(asked: Awaitable[Receipt]) -> Away:
    """The error that whoever asked gets, which must be that somebody is away."""
    with pytest.raises(Away) as refused:
        await asked
    return refused.value


async def is_known(client: Client, reference: str) -> bool:
    """True if the engine has ever heard of this case."""
    try:
        await client.get_workflow_handle(reference).describe()
    except RPCError as error:
        assert error.status is RPCStatusCode.NOT_FOUND
        return False
    return True


async def connected(engine: Engine) -> Client:
    """As the command line connects."""
    await engine.client()  # which waits until it answers
    return await connect(Settings(temporal_address=engine.address), KEYS)


async def test_an_engine_that_dies_leaves_nothing_half_written_and_nobody_misinformed(
    engine: Engine, sqlite_database: Database, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client, caught, never = await connected(engine), new_reference(), new_reference()
    async with running_case_worker(client, sqlite_database, sandboxed=False, task_queue=QUEUE) as running:
        desk = running.desk
        reported = complaint()
        reference = (await desk.open(reported, WORKER)).reference
        asked: dict[str, Callable[[], Awaitable[Receipt]]] = {
            "said-to-the-dying": lambda: desk.submit(reference, note(), WORKER, command_id="said-to-the-dying"),
            "open-by-the-dying": lambda: desk.open(reported, WORKER, reference=caught, command_id="open-by-the-dying"),
            "said-to-nobody": lambda: desk.submit(reference, note(), WORKER, command_id="said-to-nobody"),
            "open-by-nobody": lambda: desk.open(reported, WORKER, reference=never, command_id="open-by-nobody"),
        }
        with locked(sqlite_database):
            sent = [asyncio.create_task(answer_away(asked[id]())) for id in list(asked)[:2]]
            for one in (reference, caught):
                await until_so(partial(has_tried, client, one), "the worker has tried to commit")
            engine.kill()
            since = time.monotonic()
            told = await asyncio.gather(*sent, *(answer_away(asked[id]()) for id in list(asked)[2:]))
            assert time.monotonic() - since < 20, "patience is for the worker, not for an engine that is not there"

        # What the worker had already is recorded, though nobody was told; so nobody is told that it is not.
        await until_async(lambda: len(audit(sqlite_database).references) == 2, "the worker's work is in the book")
        for id, away in zip(asked, told, strict=True):
            assert away.code == "engine_away"
            assert "may still be recorded" in away.message
            assert away.params == {"command_id": id}
        assert {"said-to-nobody", "open-by-nobody"}.isdisjoint(audit(sqlite_database).commands)

        engine.start()
        await engine.client()
        assert [await is_known(client, one) for one in (reference, caught, never)] == [True, True, False]
        receipts = {id: await ask() for id, ask in asked.items()}
        assert {id: await ask() for id, ask in asked.items()} == receipts
        assert [receipt.version for receipt in receipts.values()] == [3, 2, 4, 2]
        found = audit(sqlite_database)
        assert is_sound(found)
        assert set(asked) < set(found.commands)
        assert len(found.commands) == 5

    # All the while the library complained to the logs, and not to where a program prints its answer.
    assert any(record.name.startswith("temporalio.core") for record in caplog.records)
    assert "retried" not in capfd.readouterr().out


async def has_tried(client: Client, reference: str) -> bool:
    """True if the worker has tried a command of this case: the quick try has ended, another is under way."""
    described = await client.get_workflow_handle(reference).describe()
    return len(described.raw_description.pending_activities) == 1


class DiesWhenLookedAt(Interceptor):
    """An engine that answers, and is killed before it can be asked how a run ended."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        engine = self.engine

        class Outbound(OutboundInterceptor):
            async def describe_workflow(self, input: DescribeWorkflowInput) -> WorkflowExecutionDescription:
                engine.kill()
                return await super().describe_workflow(input)

        return Outbound(next)


async def test_an_engine_that_dies_after_it_has_said_that_a_case_is_stopped(
    engine: Engine, sqlite_database: Database
) -> None:
    client = await connected(engine)
    async with running_case_worker(client, sqlite_database, sandboxed=False, task_queue=QUEUE) as running:
        reference = (await running.desk.open(complaint(), WORKER)).reference
    await client.get_workflow_handle(reference).terminate("an operator's mistake")
    asks = client.config() | {"interceptors": [DiesWhenLookedAt(engine)]}
    desk = CaseClient(Client(**asks), QUEUE, KEYS.mint, timedelta(seconds=2))
    away = await answer_away(desk.submit(reference, note(), WORKER, command_id="to-a-stopped-case"))
    assert not engine.is_running
    assert away.code in ("engine_away", "not_confirmed")
    assert away.params == {"command_id": "to-a-stopped-case"}


async def test_an_engine_that_is_back_within_seconds_is_not_noticed(engine: Engine, sqlite_database: Database) -> None:
    client = await connected(engine)
    async with running_case_worker(client, sqlite_database, sandboxed=False, task_queue=QUEUE) as running:
        reference = (await running.desk.open(complaint(), WORKER)).reference
        engine.kill()
        sent = asyncio.create_task(running.desk.submit(reference, note(), WORKER))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(sent), timeout=0.5)
        await asyncio.to_thread(engine.start)
        assert (await sent).version == 3


async def test_whoever_waits_for_an_answer_may_stop_waiting(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    client, queue = dev_server.client, f"nobody-{uuid.uuid4()}"
    async with running_case_worker(client, sqlite_database, sandboxed=False, task_queue=queue) as running:
        reference = (await running.desk.open(complaint(), WORKER)).reference
        desk, new = running.desk, new_reference()
    waiting = [
        asyncio.create_task(desk.submit(reference, note(), WORKER)),
        asyncio.create_task(desk.open(complaint(), WORKER, reference=new)),
    ]
    await until_so(lambda: is_known(client, new), "both are sent")
    for task in waiting:
        task.cancel()
    assert [type(e) for e in await asyncio.gather(*waiting, return_exceptions=True)] == [asyncio.CancelledError] * 2


async def test_without_a_worker_a_command_is_not_confirmed_and_the_same_id_later_gives_its_receipt_once(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    client, queue = dev_server.client, f"nobody-{uuid.uuid4()}"
    new, ids = new_reference(), [f"{queue}:{what}" for what in ("command", "opening")]
    async with running_case_worker(client, sqlite_database, sandboxed=False, task_queue=queue) as running:
        reported = complaint()
        reference = (await running.desk.open(reported, WORKER)).reference

    hasty, patient = CaseClient(client, queue, KEYS.mint, timedelta(seconds=2)), CaseClient(client, queue, KEYS.mint)
    since = time.monotonic()
    told = await asyncio.gather(
        answer_away(hasty.submit(reference, note(), WORKER, command_id=ids[0])),
        answer_away(hasty.open(reported, WORKER, reference=new, command_id=ids[1])),
    )
    assert time.monotonic() - since < 5
    assert [(away.code, away.params["command_id"]) for away in told] == [("not_confirmed", id) for id in ids]
    assert set(ids).isdisjoint(audit(sqlite_database).commands)

    async with running_case_worker(client, sqlite_database, sandboxed=False, task_queue=queue):
        for _ in range(2):
            assert (await patient.submit(reference, note(), WORKER, command_id=ids[0])).version == 3
            assert (await patient.open(reported, WORKER, reference=new, command_id=ids[1])).version == 2
        found = audit(sqlite_database)
        assert is_sound(found)
        assert set(ids) < set(found.commands)
        assert len(found.references) == 2
