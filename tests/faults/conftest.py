"""Servers that a test may kill and freeze, brought back afterwards; and the numbers of the proofs, at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.storage.database import Database
from tests.servers import Engine, Postgres, Process, RealWorker


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    """What is put here is killed when the test ends, the last one first."""
    started: list[Process] = []
    yield started
    for process in reversed(started):
        process.kill()


@pytest.fixture
def engine(tmp_path: Path, processes: list[Process]) -> Engine:
    """An engine of the test's own, with its state in a file: to kill, and to start again on the same port."""
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


@pytest.fixture
def fragile_postgres(postgres: Postgres, postgresql_database: Database) -> Iterator[Postgres]:
    """The server of `postgresql_database`, which may be killed or frozen: it runs again when the test ends."""
    yield postgres
    restore(postgres)


def restore(server: Postgres) -> None:
    """Running and answering, whatever was done to it."""
    if server.is_running:
        server.thaw()
    else:
        server.start()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [r for r in terminalreporter.stats.get("passed", ()) if hasattr(r, "user_properties")]
    said = [f"{name}: {value}" for r in reports for name, value in r.user_properties if name.startswith("faults:")]
    if said:
        terminalreporter.section("faults, in numbers")
        for line in said:
            terminalreporter.line(line)
