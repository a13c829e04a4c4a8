"""The references: the same shape as a case (a start, then one Update a step), with as little as possible inside.

`python -m bench.references NAME ADDRESS FOLDER` is the worker of one of them, in a process of its own like ours.
"""

import asyncio
import signal
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import uvloop
from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker

from kit.engine.temporal import DATA_CONVERTER, IDENTITY
from kit.process.leave import leave


async def in_clear(address: str) -> Client:
    """A client that seals nothing: a reference pays for nothing that it does not need."""
    return await Client.connect(address, data_converter=DATA_CONVERTER, identity=IDENTITY)


class Asked(BaseModel):
    """Something asked."""

    text: str


class Answered(BaseModel):
    """Number of questions so far."""

    count: int


@workflow.defn(name="BenchFloor")
class Floor:
    """A workflow whose Update does nothing: what the engine, the SDK and the network cost by themselves."""

    def __init__(self) -> None:
        self.count = 0

    @workflow.run
    async def run(self, asked: Asked) -> None:  # noqa: ARG002 - a start carries something
        """Waits for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def step(self, asked: Asked) -> Answered:  # noqa: ARG002 - so does a step
        """Counts."""
        self.count += 1
        return Answered(count=self.count)


@workflow.defn(name="BenchOneRow")
class OneRow:
    """The same, whose Update has one local activity insert one row in a SQLite file that is as safe as the book."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()

    @workflow.run
    async def run(self, asked: Asked) -> None:  # noqa: ARG002 - a start carries something
        """Waits for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def step(self, asked: Asked) -> Answered:
        """Inserts."""
        async with self.lock:
            answered: Answered = await workflow.execute_local_activity(
                "insert", asked, result_type=Answered, start_to_close_timeout=timedelta(seconds=4)
            )
        return answered


class Rows:
    """The file with the one table."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")

    @activity.defn
    def insert(self, asked: Asked) -> Answered:
        """One row, safe on disk when this returns."""
        row = self._connection.execute("INSERT INTO rows (text) VALUES (?)", (asked.text,)).lastrowid
        return Answered(count=row or 0)


REFERENCES: dict[str, type[Floor] | type[OneRow]] = {"floor": Floor, "one_row": OneRow}


class Reference:
    """A reference as callers see it: opened and stepped like a case."""

    def __init__(self, name: str, client: Client) -> None:
        self.name, self._client = name, client

    async def open(self, number: int) -> str:
        """Starts one with its first Update, and answers once that is done."""
        id = f"{self.name}-{number}"
        start = WithStartWorkflowOperation(
            REFERENCES[self.name].run,
            Asked(text="start"),
            id=id,
            task_queue=self.name,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
        await self._client.execute_update_with_start_workflow(
            "step", Asked(text="open"), result_type=Answered, start_workflow_operation=start
        )
        return id

    async def step(self, id: str, number: int, step: int) -> None:  # noqa: ARG002 - all are alike
        """One Update."""
        handle = self._client.get_workflow_handle(id)
        await handle.execute_update("step", Asked(text=f"step {step}"), result_type=Answered)


async def work(name: str, address: str, folder: Path) -> None:
    """Works until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await in_clear(address)
    rows = Rows(folder / "rows.db")
    with ThreadPoolExecutor(max_workers=1) as threads:
        worker = Worker(
            client,
            task_queue=name,
            workflows=[REFERENCES[name]],
            activities=[rows.insert],
            activity_executor=threads,
            max_concurrent_activities=1,
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),  # as ours: see worker.build_worker
            max_workflow_task_external_storage_concurrency=1,
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with worker:
            await stop.wait()


if __name__ == "__main__":
    uvloop.run(work(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
    leave(0)
