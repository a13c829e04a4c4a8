"""The key store away: nothing is acknowledged, no case ends, and all goes on when it is back."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.book import Book
from activities.calendar import french_calendar
from activities.seal import Seal
from domain.errors import Away
from domain.exchange.cases import Ask, CommitRequest
from domain.parts.intake import AmendComplaint, Open
from domain.values import new_reference
from kit.crypto.signing import SigningKey
from kit.crypto.vault import KeyFile
from kit.engine.temporal import converter
from kit.storage.database import Database
from models import seals
from models.keys import CaseKeys
from tests.people import WORKER
from tests.support.builders import complaint, note
from tests.support.clerk import Clerk
from tests.support.harness import audit, entries, is_sound
from tests.support.servers import KEYS, MASTER_KEY, VAULT_URL, until_async
from workers.build import build_worker, commit_threads
from workflows.cases import CaseClient


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


class Held(Database):
    """A book that knows whether somebody is writing to it."""

    is_held = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as tx:
            self.is_held = True
            try:
                yield tx
            finally:
                self.is_held = False


class Slow(Database):
    """A store in which nobody may look while the book is held: who writes next would wait for it."""

    asked = 0

    def __init__(self, url: str, held: Held) -> None:
        super().__init__(url)
        self._held = held

    @contextmanager
    def read(self) -> Iterator[Connection]:
        assert not self._held.is_held, "the book is held while its keys are asked for"
        self.asked += 1
        with super().read() as tx:
            yield tx


@pytest.fixture
def book_held(sqlite_database: Database) -> Iterator[Held]:
    with closing(Held(sqlite_database.url)) as database:
        yield database


@pytest.fixture
def asked_each_time(book_held: Held) -> Iterator[CaseKeys]:
    """Keys that nothing remembers."""
    with closing(Slow(VAULT_URL, book_held)) as store:
        yield CaseKeys(store, KeyFile(MASTER_KEY), life=0.0)


def test_the_book_is_not_held_while_keys_are_asked_for(book_held: Held, asked_each_time: CaseKeys) -> None:
    book, reference, known = Book(book_held, asked_each_time, french_calendar()), new_reference(), 0
    KEYS.mint(reference)
    told = complaint(source={"system": "register", "id": reference})
    somebody_else = {"complainant": {"given_name": "Noé", "family_name": "Exemple"}}
    amended = AmendComplaint(complaint=complaint(**told.model_dump() | somebody_else), reason="misheard")
    for id, command in enumerate((Open(complaint=told), note(), amended, amended)):
        ask = Ask(command=command, command_id=f"{reference}:{min(id, 2)}", actor=WORKER)
        request = CommitRequest(reference=reference, known_version=known, ask=ask, at=datetime.now(UTC))
        known = book.commit(request).receipt.version
    anew = Book(book_held, asked_each_time, french_calendar())  # remembers no case
    assert anew.commit(request).receipt.version == known
    assert len(entries(book_held, reference)) == known


def test_the_book_is_not_held_while_keys_are_asked_for_to_seal(book_held: Held, asked_each_time: CaseKeys) -> None:
    clerk = Clerk(book_held)
    references = [clerk.open() for _ in range(3)]
    seal = Seal(book_held, asked_each_time, "test.example", lambda: [SigningKey(bytes(32))])
    assert seal.seal().added == sum(len(entries(book_held, reference)) for reference in references)
    assert seal.seal().added == 0
    with book_held.read() as tx:
        assert all(leaf.commitment for reference in references for leaf in seals.leaves_of(tx, reference))


async def test_a_case_waits_for_its_key_and_goes_on(dev_server: WorkflowEnvironment, sqlite_database: Database) -> None:
    queue, where = f"keys-{uuid.uuid4()}", dev_server.client.service_client.config.target_host
    with closing(Shaky(VAULT_URL)) as store, commit_threads(sqlite_database) as threads:
        keys = CaseKeys(store, KeyFile(MASTER_KEY), life=0.0)  # asks the store each time
        client = await Client.connect(where, data_converter=converter(keys), identity="aboutir")
        desk, theirs = CaseClient(dev_server.client, queue, KEYS.mint), CaseClient(client, queue, keys.mint)
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
