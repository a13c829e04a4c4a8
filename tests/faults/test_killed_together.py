"""PostgreSQL and the worker are killed at work: nothing acknowledged is lost, nothing doubled.

The engine, the database and `worker.py` are the real ones, each a process of its own. What happens when the engine is
killed, or when something is only away, is in tests/faults.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from domain.case import Case
from domain.errors import Away
from domain.exchange.cases import Receipt
from kit.storage.database import Database
from models.migrate import migrate
from tests.people import WORKER
from tests.support.accounts import open_accounts
from tests.support.builders import complaint, note
from tests.support.harness import audit, entries, is_sound
from tests.support.servers import KEYS, Engine, Postgres, Process, RealWorker, until_async
from workflows.cases import CaseClient

QUEUE = "killed-with-its-database"


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A PostgreSQL server of the test's own: the others' must live."""
    server = Postgres(tmp_path)
    server.start()
    server.run("create database killed")
    yield server
    server.remove()


@dataclass
class Crowd:
    """People who write notes without end. Who is not answered sends the same again, with the same id."""

    desk: CaseClient
    references: list[str]
    acknowledged: dict[str, Receipt] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    told: Counter[str] = field(default_factory=Counter)
    is_over: bool = False

    async def person(self, number: int) -> None:
        reference = self.references[number % len(self.references)]
        while not self.is_over:
            id = str(uuid.uuid4())
            self.sent.add(id)
            while id not in self.acknowledged:
                try:
                    self.acknowledged[id] = await self.desk.submit(reference, note(), WORKER, command_id=id)
                except Away as away:
                    self.told[away.code] += 1

    async def has_answers(self, more: int) -> None:
        """Waits until so many more were acknowledged."""
        goal = len(self.acknowledged) + more
        await until_async(lambda: len(self.acknowledged) >= goal, f"{more} more answers", 45)


@asynccontextmanager
async def at_work(crowd: Crowd, people: int) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(crowd.person(number))
        await crowd.has_answers(people)
        yield
        crowd.is_over = True  # each waits for the answer to what it has sent, then goes


async def test_killing_the_database_and_the_worker_loses_and_doubles_nothing(
    engine: Engine, own_postgres: Postgres, tmp_path: Path
) -> None:
    with closing(Database(own_postgres.url("killed"))) as database:
        migrate(database)
        open_accounts(database)
        worker = RealWorker(tmp_path, engine.address, own_postgres.url("killed"), QUEUE)
        await asyncio.to_thread(worker.start)
        try:
            client = await engine.client()
            desk = CaseClient(client, QUEUE, KEYS.mint)
            crowd = Crowd(
                CaseClient(client, QUEUE, KEYS.mint, timedelta(seconds=4)),
                [(await desk.open(complaint(), WORKER)).reference for _ in range(4)],
            )
            turns: list[list[Process]] = [[own_postgres], [own_postgres], [own_postgres, worker], [own_postgres]]
            async with at_work(crowd, people=8):
                for victims in turns:
                    await crowd.has_answers(10)
                    for victim in victims:
                        victim.kill()
                    for victim in victims:  # the database first: a worker is ready when it reaches it
                        await asyncio.to_thread(victim.start)
                await crowd.has_answers(20)

            found = audit(database)
            ours = {id: count for id, count in found.commands.items() if id in crowd.sent}
            lost = [id for id in crowd.acknowledged if id not in ours]
            doubled = [id for id, count in found.commands.items() if count > 1]
            print(
                f"\nengine: killed {sum(map(len, turns))} times (PostgreSQL, worker): "
                f"acknowledged {len(crowd.acknowledged)}, in the book {len(ours)}, lost {len(lost)}, "
                f"doubled {len(doubled)}, told to send again {crowd.told.total()} times"
            )
            assert (lost, doubled) == ([], [])
            assert set(ours) == crowd.sent == set(crowd.acknowledged)
            assert is_sound(found)
            for id, receipt in crowd.acknowledged.items():
                (line,) = (e for e in entries(database, receipt.reference) if e.command_id == id)
                assert line.version == receipt.version
            for reference in crowd.references:
                receipt = await desk.submit(reference, note(), WORKER)
                assert receipt.version == len(entries(database, reference))
                case: Case = await client.get_workflow_handle(reference).query("view", result_type=Case)
                assert case.version == receipt.version
        finally:
            worker.kill()
