"""The real servers that tests of every kind run against: started when first asked for, and kept for the whole run."""

import gc
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import settings
from temporalio.testing import WorkflowEnvironment
from xdist.scheduler import LoadFileScheduling

from kit.engine.temporal import add_search_attributes
from kit.process.imports import collect_less
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.support import zygote
from tests.support.accounts import open_accounts
from tests.support.fresh import Fresh
from tests.support.servers import PRAGMAS, SEALED, TEMPORAL, TEST_SERVER, Engine, Postgres, Process, RealWorker
from tests.support.sink import Server, Sink, serving
from workflows import attributes

# Helpers that assert, besides the plugins below: a failure says what was compared.
pytest.register_assert_rewrite(*(f"tests.{room}" for room in ("audit", "domain", "importer", "kit", "workflows")))
pytest_plugins = tuple(f"tests.support.{name}" for name in ("clerk", "key_stores", "mailrooms", "seals", "stores"))

# What a property says is not how fast it is: on a busy machine an example may take its time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A shell lets what it starts in the background ignore Ctrl-C, and `nohup` the end of the terminal: so would everything
# that is started here. A handler is not inherited.
for told in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(told) is signal.SIG_IGN:
        signal.signal(told, lambda *_: None)


class _StackTogether(LoadFileScheduling):
    """File by file, and those of the command line as one: each process would start a stack of its own for them."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "tests/cli" if file.startswith("tests/cli/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Chooses that scheduler for `--dist loadfile`; None leaves any other as it is."""
    return _StackTogether(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Spares the garbage collector what is there to stay: modules and tests. It took an eighth of the processor."""
    gc.collect()
    gc.freeze()
    collect_less()


def pytest_sessionfinish() -> None:
    """Ends what was started without a fixture."""
    zygote.end()


# --- The engine ------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    """The engine whose clock can be moved: `await time_skipping.sleep(timedelta(days=90))`.

    One for each test, so that each starts today: it takes a tenth of a second. Never await a workflow's result here:
    the clock would run away by years. It can neither list nor schedule.
    """
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER),
        test_server_startup_timeout=timedelta(minutes=1),
        data_converter=SEALED,
        identity="aboutir",
    ) as env:
        await add_search_attributes(env.client, attributes.ALL)
        yield env


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def dev_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WorkflowEnvironment]:
    """The engine of the embedded stack, with its state in a file."""
    async with await _dev_server(tmp_path_factory.mktemp("engine")) as env:
        yield env


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def short_runs(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WorkflowEnvironment]:
    """The same, which asks a workflow to continue as new after thirty events instead of four thousand."""
    folder = tmp_path_factory.mktemp("short-runs")
    async with await _dev_server(folder, "limit.historyCount.suggestContinueAsNew=30") as env:
        yield env


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    """A list of processes to kill when the test ends, the last one first."""
    started: list[Process] = []
    yield started
    for process in reversed(started):
        process.kill()


@pytest.fixture
def engine(tmp_path: Path, processes: list[Process]) -> Engine:
    """An engine of the test's own, which has never had a case: to kill, and to start again on the same port."""
    server = Engine(tmp_path)
    processes.append(server)
    server.start()
    return server


@pytest.fixture
def worker_of(tmp_path: Path, processes: list[Process]) -> Callable[..., RealWorker]:
    """Makes workers, as processes, that end with the test: `worker_of(address, database, queue)`. Not started yet."""

    def make(address: str, database: Database, task_queue: str, **more: Any) -> RealWorker:
        worker = RealWorker(tmp_path, address, database.url.render_as_string(False), task_queue, **more)
        processes.append(worker)
        return worker

    return make


async def _dev_server(folder: Path, *settings: str) -> WorkflowEnvironment:
    settings = ("history.maxInFlightUpdates=100", *settings)  # as in the embedded stack
    configured = [part for setting in settings for part in ("--dynamic-config-value", setting)]
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL),
        dev_server_database_filename=str(folder / "engine.db"),
        dev_server_extra_args=[*PRAGMAS, *configured],
        dev_server_log_level="never",
        dev_server_startup_timeout=timedelta(minutes=1),
        search_attributes=attributes.ALL,
        data_converter=SEALED,
        identity="aboutir",
    )


# --- The database ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server with a migrated database named "template_of_tests"."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    server.run("create database template_of_tests")
    with closing(Database(server.url("template_of_tests"))) as template:
        migrate(template)
        open_accounts(template)
    yield server
    server.remove()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    with closing(Database(sqlite_url(path))) as template:
        migrate(template)
        open_accounts(template)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    return path


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database of this version."""
    path = tmp_path / "book.db"
    shutil.copy(_sqlite_template, path)
    with closing(Database(sqlite_url(path))) as database:
        yield database


@pytest.fixture(scope="session")
def _fresh(postgres: Postgres) -> Fresh:
    return Fresh(postgres, "template_of_tests")


@pytest.fixture
def postgresql_database(_fresh: Fresh) -> Iterator[Database]:
    """A fresh PostgreSQL database of this version."""
    with _fresh.one() as url, closing(Database(url)) as database:
        yield database


@pytest.fixture
def fragile_postgres(postgres: Postgres, postgresql_database: Database) -> Iterator[Postgres]:
    """The server of `postgresql_database`, which may be killed or frozen: it runs again when the test ends."""
    yield postgres
    if postgres.is_running:
        postgres.thaw()
    else:
        postgres.start()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh database of this version: a test that asks for it runs on both kinds."""
    fresh: Database = request.getfixturevalue(f"{request.param}_database")
    return fresh


# --- The mail server -------------------------------------------------------------------------------------


@pytest.fixture
def sink() -> Sink:
    """A mailbox of everything that was mailed; it is told, too, what is to go wrong."""
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[Server]:
    """A real SMTP server in front of it."""
    with serving(sink) as server:
        yield server


# --- Numbers ---------------------------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Shows the numbers that tests recorded: under "domain: ..." and "faults: ..."."""
    reports = [r for r in terminalreporter.stats.get("passed", ()) if hasattr(r, "user_properties")]
    numbers = [(name, value) for report in reports for name, value in report.user_properties]
    for prefix, title in (("domain:", "the domain, in numbers"), ("faults:", "faults, in numbers")):
        if lines := [f"{name}: {value}" for name, value in numbers if name.startswith(prefix)]:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.line(line)
