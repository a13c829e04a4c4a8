"""The key store away: nothing is acknowledged, no case ends, and all goes on when it is back."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.book import Book
from activities.calendar import french_calendar
from domain.errors import Away
from kit.database import Database
from kit.temporal import converter
from kit.vault import KeyFile
from models.keys import CaseKeys
from tests.builders import WORKER, complaint, note
from tests.engine.harness import audit, entries, is_sound
from tests.servers import KEYS, MASTER_KEY, VAULT_URL, until_async
from worker import build_worker, commit_threads
from workflows.desk import Desk


class Shaky(Database):
    """A store that can be made to go away and to come back; it counts who came in vain."""

    is_away, in_vain = False, 0

    def _ask(self) -> None:
        if self.is_away:
            self.in_vain += 1
            raise OperationalError("begin", None, ConnectionError("away"))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self._ask()
        with super().read() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._ask()
        with super().write() as tx:
            yield tx


async def test_a_case_waits_for_its_key_and_goes_on(dev_server: WorkflowEnvironment, sqlite_database: Database) -> None:
    queue, where = f"keys-{uuid.uuid4()}", dev_server.client.service_client.config.target_host
    with closing(Shaky(VAULT_URL)) as store, commit_threads(sqlite_database) as threads:
        keys = CaseKeys(store, KeyFile(MASTER_KEY), life=0.0)  # asks the store each time
        client = await Client.connect(where, data_converter=converter(keys), identity="aboutir")
        desk, theirs = Desk(dev_server.client, queue, KEYS.mint), Desk(client, queue, keys.mint)
        async with build_worker(client, queue, Book(sqlite_database, keys, french_calendar()), threads):
            reference = (await desk.open(complaint(), WORKER)).reference
            store.is_away = True
            with pytest.raises(Away, match="keys_away"):
                await theirs.submit(reference, note(), WORKER)
            with pytest.raises(Away, match="keys_away"):
                await theirs.open(complaint(), WORKER)
            store.in_vain = 0
            sent = asyncio.create_task(desk.submit(reference, note(), WORKER))
            await until_async(lambda: store.in_vain >= 2, "the worker has asked for the key in vain")
            assert not sent.done()
            assert len(entries(sqlite_database, reference)) == 2
            store.is_away = False
            assert (await sent).version == 3
            assert (await theirs.submit(reference, note(), WORKER)).version == 4
            described = await dev_server.client.get_workflow_handle(reference).describe()
            assert described.status is not None and described.status.name == "RUNNING"
    assert is_sound(audit(sqlite_database))
    await dev_server.client.get_workflow_handle(reference).terminate()
