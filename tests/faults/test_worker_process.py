"""The worker as a process: how it begins, how it says how it is, how it ends."""

import asyncio
import http.client
import itertools
import json
import signal
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.errors import Away
from domain.exchange.cases import Receipt
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.people import WORKER
from tests.support.accounts import open_accounts
from tests.support.builders import complaint, note
from tests.support.harness import audit, is_sound
from tests.support.servers import KEYS, Engine, Postgres, Process, RealWorker, until, until_async
from workers.build import GRACE
from workflows.cases import CaseClient

Workers = Callable[..., RealWorker]


@pytest.fixture
def address(dev_server: WorkflowEnvironment) -> str:
    return dev_server.client.service_client.config.target_host


# --- How it ends -----------------------------------------------------------------------------------------


async def test_a_worker_told_to_stop_under_load_ends_well_and_loses_nothing(
    dev_server: WorkflowEnvironment, address: str, worker_of: Workers, sqlite_database: Database
) -> None:
    queue = f"stopped-{uuid.uuid4()}"
    worker = worker_of(address, sqlite_database, queue)
    await asyncio.to_thread(worker.start)
    desk = CaseClient(dev_server.client, queue, KEYS.mint, timedelta(seconds=4))
    references = [(await desk.open(complaint(), WORKER)).reference for _ in range(12)]
    receipts: dict[str, Receipt] = {}
    stopping = False

    async def client(number: int) -> None:
        for turn in itertools.count(number):
            if stopping:
                return
            id = f"{queue}:{uuid.uuid4()}"
            for _ in range(10):
                try:
                    receipts[id] = await desk.submit(references[turn % 12], note(), WORKER, command_id=id)
                    break
                except Away as away:
                    assert away.code == "not_confirmed"
            assert id in receipts, "never answered"

    async with asyncio.TaskGroup() as group:
        for number in range(0, 12, 2):
            group.create_task(client(number))
        await until_async(lambda: len(receipts) >= 30, "commands come in")
        worker.signal(signal.SIGTERM)
        told = time.monotonic()
        assert await asyncio.to_thread(worker.wait) == 0
        assert time.monotonic() - told < GRACE.total_seconds() + 5
        acknowledged = set(receipts)
        assert acknowledged <= set(audit(sqlite_database).commands)

        await asyncio.to_thread(worker.start)
        await until_async(lambda: len(receipts) >= len(acknowledged) + 20, "commands come in again")
        stopping = True
    found = audit(sqlite_database)
    assert is_sound(found)
    assert set(receipts) == {id for id in found.commands if id.startswith(queue)}
    assert '"event": "worker_stopping"' in worker.output
    assert '"event": "worker_stopped"' in worker.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_told_to_stop_while_it_still_waits_ends_at_once(
    worker_of: Workers, sqlite_database: Database, number: signal.Signals
) -> None:
    worker = worker_of("127.0.0.1:1", sqlite_database, "nobody", ABOUTIR_LOG_LEVEL="DEBUG")
    Process.start(worker)
    until(lambda: "not_there_yet" in worker.output, "the worker waits for the engine")
    worker.signal(number)
    assert worker.wait(10) == 0
    assert "Traceback" not in worker.output


# --- How it says how it is -------------------------------------------------------------------------------


def test_a_worker_is_alive_but_not_ready_while_postgresql_is_away(
    address: str, worker_of: Workers, postgresql_database: Database, fragile_postgres: Postgres
) -> None:
    worker = worker_of(address, postgresql_database, f"ready-{uuid.uuid4()}")
    worker.start()
    assert health(worker) == (200, {"worker": True, "engine": True, "database": True, "keys": True, "key_store": True})

    fragile_postgres.kill()
    until(lambda: worker.get("/readyz")[0] == 503, "it says that it is not ready")
    away = {"worker": True, "engine": True, "database": False, "keys": True, "key_store": False}
    assert health(worker) == (503, away)
    assert worker.get("/livez") == (200, "ok\n")
    fragile_postgres.start()
    until(lambda: worker.get("/readyz")[0] == 200, "it is ready again")

    fragile_postgres.freeze()
    assert not answers_yes(worker)
    assert worker.get("/livez") == (200, "ok\n")
    fragile_postgres.thaw()
    until(lambda: worker.get("/readyz")[0] == 200, "it is ready again")
    assert worker.is_running


def answers_yes(worker: RealWorker) -> bool:
    """Asked as an orchestrator asks, which takes no answer within two seconds for a no."""
    with closing(http.client.HTTPConnection("127.0.0.1", worker.http_port, timeout=2)) as connection:
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except TimeoutError:
            return False


def health(worker: RealWorker) -> tuple[int, dict[str, bool]]:
    status, body = worker.get("/readyz")
    return status, json.loads(body)


def test_a_worker_without_an_engine_is_not_ready(engine: Engine, worker_of: Workers, sqlite_database: Database) -> None:
    worker = worker_of(engine.address, sqlite_database, "no-engine")
    worker.start()
    engine.kill()
    until(lambda: worker.get("/readyz")[0] == 503, "it says that it is not ready")
    assert health(worker)[1] == {"worker": True, "engine": False, "database": True, "keys": True, "key_store": True}
    assert worker.get("/livez") == (200, "ok\n")
    engine.start()
    until(lambda: worker.get("/readyz")[0] == 200, "it is ready again")


async def test_the_metrics_are_those_of_the_library(
    dev_server: WorkflowEnvironment, address: str, worker_of: Workers, sqlite_database: Database
) -> None:
    worker = worker_of(address, sqlite_database, f"metrics-{uuid.uuid4()}")
    await asyncio.to_thread(worker.start)
    await CaseClient(dev_server.client, worker._env["ABOUTIR_TASK_QUEUE"], KEYS.mint).open(complaint(), WORKER)
    status, text = await asyncio.to_thread(worker.get, "/metrics")
    assert status == 200
    series = {line.split("{")[0] for line in text.splitlines() if line.startswith("temporal_")}
    assert {"temporal_worker_task_slots_used", "temporal_local_activity_execution_latency_seconds_count"} < series


# --- How it begins ---------------------------------------------------------------------------------------


async def test_a_worker_started_before_everything_else_waits_and_begins_when_it_is_there(
    tmp_path: Path, worker_of: Workers, processes: list[Process]
) -> None:
    engine = Engine(tmp_path)
    processes.append(engine)
    with closing(Database(sqlite_url(tmp_path / "late.db"))) as database:
        worker = worker_of(engine.address, database, "early", ABOUTIR_LOG_LEVEL="DEBUG")
        Process.start(worker)
        await until_async(lambda: worker.is_running and (tmp_path / "late.db").exists(), "it looks for the database")
        migrate(database)
        open_accounts(database)
        await until_async(lambda: "not_there_yet" in worker.output, "it looks for the engine")
        assert worker.is_running
        assert worker.get("/readyz") == (0, "")

        await asyncio.to_thread(engine.start)
        await until_async(lambda: worker.get("/readyz")[0] == 200, "it is ready", 60)
        desk = CaseClient(await engine.client(), "early", KEYS.mint)
        assert (await desk.open(complaint(), WORKER)).version == 2


def test_a_worker_whose_database_is_not_migrated_says_so_in_one_line(
    address: str, tmp_path: Path, worker_of: Workers
) -> None:
    with closing(Database(sqlite_url(tmp_path / "empty.db"))) as database:
        worker = worker_of(address, database, "unmigrated", ABOUTIR_STARTING_SECONDS="1")
        Process.start(worker)
        assert worker.wait() == 4
        assert worker.output == (
            "The database is not ready. Check ABOUTIR_DATABASE_URL, and run: starter.py migrate.\n"
        )


def test_a_worker_without_an_engine_says_so_in_one_line(worker_of: Workers, sqlite_database: Database) -> None:
    worker = worker_of("127.0.0.1:1", sqlite_database, "nobody", ABOUTIR_STARTING_SECONDS="1")
    Process.start(worker)
    assert worker.wait() == 4
    adopted, said = worker.output.splitlines()
    assert '"event": "key_store_adopted"' in adopted, "a new book takes the store beside it for its own, once"
    assert said == "The engine is not ready. Check ABOUTIR_TEMPORAL_ADDRESS."
