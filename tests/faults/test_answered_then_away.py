"""A case has answered, and the database goes away before the rest is looked at: whoever asked is told all the same."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from domain.parts.filing import PrepareFiling
from kit.storage.database import Database
from models.accounts import add_account
from models.migrate import migrate
from tests.people import WORKER
from tests.support.builders import complaint, consent
from tests.support.harness import Running, running_case_worker
from tests.support.servers import MASTER_KEY, VAULT_URL, Postgres, until_async
from tests.support.starter import STARTER, Answer


@dataclass
class Service:
    """A worker at work, the database that it writes to, and the command line beside them."""

    server: Postgres
    running: Running
    env: dict[str, str]

    async def struck(self, *words: str, stdin: str = "", json: bool = True) -> Answer:
        """The answer of a command when the database is killed as soon as its case has answered."""
        before = self._lines()
        with self._held() as is_waited_for:
            asking = await asyncio.create_subprocess_exec(
                *STARTER, *words, *(["--json"] if json else []), "--as", WORKER.account, env=self.env,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            answer = asyncio.create_task(asking.communicate(stdin.encode()))
            await until_async(is_waited_for, "the worker is about to commit")
            asking.send_signal(signal.SIGSTOP)
        try:
            await until_async(lambda: self._lines() > before, "it is in the book")
            self.server.kill()
        finally:
            asking.send_signal(signal.SIGCONT)
        out, err = await answer
        await asyncio.to_thread(self.server.start)
        assert asking.returncode is not None
        return Answer(asking.returncode, out.decode(), err.decode())

    @contextmanager
    def _held(self) -> Iterator[Callable[[], bool]]:
        with psycopg.connect(self._where) as holder, psycopg.connect(self._where, autocommit=True) as looking:
            holder.execute("lock table book in exclusive mode")
            yield lambda: bool(looking.execute("select 1 from pg_locks where not granted").fetchall())

    def _lines(self) -> int:
        with psycopg.connect(self._where) as looking:
            row = looking.execute("select count(*) from book").fetchone()
            return int(row[0]) if row else 0

    @property
    def _where(self) -> str:
        return f"host=127.0.0.1 port={self.server.port} user=aboutir dbname=postgres"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(dev_server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    folder, queue = tmp_path_factory.mktemp("answered"), "answered-then-away"
    server = Postgres(folder)
    try:
        server.start()
        url = server.url("postgres")
        with closing(Database(url)) as database:
            migrate(database)
            with database.write() as tx:
                add_account(tx, WORKER)
            async with running_case_worker(dev_server.client, database, task_queue=queue, sandboxed=False) as running:
                env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
                    "LANG": "C.UTF-8",
                    "ABOUTIR_DATABASE_URL": url,
                    "ABOUTIR_VAULT_URL": VAULT_URL,
                    "ABOUTIR_MASTER_KEY_FILE": str(MASTER_KEY),
                    "ABOUTIR_TEMPORAL_ADDRESS": dev_server.client.service_client.config.target_host,
                    "ABOUTIR_TASK_QUEUE": queue,
                    "ABOUTIR_FILES": str(folder / "files"),
                    "PYTHONWARNINGS": "error",
                }
                yield Service(server, running, env)
    finally:
        server.remove()


async def test_an_opening_tells_its_reference_though_duplicates_cannot_be_looked_for(service: Service) -> None:
    told = complaint().model_dump_json()
    answer = await service.struck("open", "-", stdin=told)
    assert (answer.code, answer.err) == (0, "")
    assert (await service.running.view(answer.json["reference"])).version == 2
    assert answer.json["possible_duplicates"] is None, "not known, which is not none"
    assert answer.json["warning"]["code"] == "duplicates_unknown"
    assert "starter.py find" in answer.json["warning"]["remedy"]

    said = await service.struck("open", "-", stdin=told, json=False)
    assert said.code == 0
    reference = said.out.split()[0]
    assert (await service.running.view(reference)).version == 2
    assert "starter.py find" in said.err


async def test_a_filing_tells_what_was_recorded_though_the_time_limits_cannot_be_looked_up(service: Service) -> None:
    desk = service.running.desk
    reference = (await desk.open(complaint(), WORKER)).reference
    await desk.submit(reference, consent("DEFENDER", date.today()), WORKER)  # noqa: DTZ011 - any zone will do
    await desk.submit(reference, PrepareFiling.model_validate({"channel": "POST"}), WORKER)
    version = str(service.running.case(reference).version)
    answer = await service.struck("submit", reference, "file", "--set", "filing=F1", "--expect", version)
    assert answer.code == 0, answer.out + answer.err
    assert answer.json["events"] == ["filing_sent.1"]
    assert answer.json["time_limits"] is None, "not known, which is not none"
    assert f"starter.py agenda {reference}" in answer.json["warning"]["remedy"]


async def test_whoever_attaches_a_file_is_told_how_to_ask_again_without_attaching_it_twice(
    service: Service, tmp_path: Path
) -> None:
    reference = (await service.running.desk.open(complaint(), WORKER)).reference
    file = tmp_path / "note.txt"
    file.write_text("Vu\n")
    words = ("attach", reference, "EV001", str(file), "--description", "-", "--id", "attached-then-away")
    answer = await service.struck(*words)
    assert (answer.code, answer.error["code"]) == (4, "not_confirmed")
    assert "attached-then-away" in answer.error["remedy"]
    again = await asyncio.create_subprocess_exec(
        *STARTER, *words, "--json", "--as", WORKER.account, env=service.env, stdout=asyncio.subprocess.PIPE
    )
    out, _err = await again.communicate()
    assert [file.id for file in (await service.running.view(reference)).files] == [json.loads(out)["id"]]
