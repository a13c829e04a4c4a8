"""The real engine (time-skipping), a worker and SQLite for the imports; an office's account; mappings made short."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.book import Book
from activities.calendar import french_calendar
from importer.known import case_in, known_in
from importer.run import CaseOf, Lookup
from kit.engine.temporal import add_search_attributes
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.people import OFFICE
from tests.support.accounts import open_accounts
from tests.support.desks import Looking
from tests.support.servers import KEYS, SEALED, TEST_SERVER
from workers.build import build_worker
from workflows import attributes
from workflows.cases import CaseClient


@dataclass(frozen=True)
class Place:
    """The database and the engine that an import goes into."""

    desk: CaseClient
    database: Database

    @property
    def lookup(self) -> Lookup:
        return known_in(self.database, OFFICE)

    @property
    def case_of(self) -> CaseOf:
        return case_in(self.database, KEYS)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def import_engine() -> AsyncIterator[WorkflowEnvironment]:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER),
        test_server_startup_timeout=timedelta(minutes=1),
        data_converter=SEALED,
        identity="aboutir",
    ) as env:
        await add_search_attributes(env.client, attributes.ALL)
        yield env


@pytest_asyncio.fixture(loop_scope="session")
async def place(import_engine: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Place]:
    """A fresh database, and a worker on a queue of its own."""
    database = Database(sqlite_url(tmp_path / "book.db"))
    migrate(database)
    open_accounts(database)
    queue = f"import-{tmp_path.name}"
    with ThreadPoolExecutor(max_workers=1) as threads:
        book = Book(database, KEYS, french_calendar())
        async with build_worker(import_engine.client, queue, book, threads, SandboxedWorkflowRunner()):
            yield Place(Looking(database, import_engine.client, queue, KEYS.mint), database)
    database.close()
