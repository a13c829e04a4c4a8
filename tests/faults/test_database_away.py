"""Commands come while the database is away: they wait outside the history, and count once when it is back."""

import asyncio
import os
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from domain.case import Case
from domain.exchange.cases import Ask, CommitRequest, Committed, Receipt
from domain.values import new_reference
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.people import WORKER
from tests.support.accounts import open_accounts
from tests.support.builders import complaint, contact, note
from tests.support.harness import Audit, Running, audit, is_sound, running_case_worker
from tests.support.lives import Lives
from tests.support.outages import locked, until_so
from tests.support.servers import Postgres

AWAY = 13.0
"""Seconds: long enough for a commit to be tried several times, and for the quick tries to end."""

ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED

Kind = str
KINDS: tuple[Kind, ...] = ("postgresql is killed", "postgresql is frozen", "sqlite is locked")


# --- The outages -----------------------------------------------------------------------------------------


@dataclass
class Outage:
    """Figures of one outage."""

    kind: Kind
    soon: dict[str, int]
    """The length of each case's history when its command had begun to wait."""
    late: dict[str, int]
    """The same when the database was about to come back."""
    between: float
    """Seconds between the two counts."""
    seen: Case
    """The state that a case showed meanwhile."""
    answered_meanwhile: int
    back_after: float
    """Seconds from the return of the database until everybody was answered."""
    receipts: dict[str, Receipt]
    told: Case
    """The state that the case shows afterwards."""
    book: Case
    audit: Audit


async def outage(
    env: WorkflowEnvironment, kind: Kind, database: Database, away: AbstractContextManager[None]
) -> Outage:
    """Two commands to a case, one to another and an opening, all while the database is away."""
    async with running_case_worker(env.client, database, sandboxed=False, patience=timedelta(seconds=60)) as running:
        one, other = [(await running.desk.open(complaint(), WORKER)).reference for _ in range(2)]
        new = new_reference()
        with away:
            struck = time.monotonic()
            first = running.desk.submit(one, note(), WORKER, command_id=f"{one}:first")
            another = running.desk.submit(other, note(), WORKER, command_id=f"{other}:another")
            opening = running.desk.open(complaint(), WORKER, reference=new, command_id=f"{new}:opening")
            sent = {
                "first": asyncio.create_task(first),
                "another": asyncio.create_task(another),
                "opening": asyncio.create_task(opening),
            }
            for reference, accepted in ((one, 2), (other, 2), (new, 1)):
                await until_so(partial(waits, running, reference, accepted), "the command waits")
            second = running.desk.submit(one, contact(), WORKER, command_id=f"{one}:second")
            sent["second"] = asyncio.create_task(second)
            await until_so(partial(waits, running, one, 3), "the second command waits behind the first")
            soon, since = await counts(running, one, other, new), time.monotonic()
            await asyncio.sleep(struck + AWAY - time.monotonic())  # the outage lasts: nothing is waited for
            seen, late = await running.view(one), await counts(running, one, other, new)
            between, answered = time.monotonic() - since, sum(task.done() for task in sent.values())
        back = time.monotonic()
        receipts = {name: await task for name, task in sent.items()}
        return Outage(
            kind=kind,
            soon=soon,
            late=late,
            between=between,
            seen=seen,
            answered_meanwhile=answered,
            back_after=time.monotonic() - back,
            receipts=receipts,
            told=await running.view(one),
            book=running.case(one),
            audit=audit(database),
        )


async def waits(running: Running, reference: str, accepted: int) -> bool:
    """True if a case has taken in so many updates and the engine is trying to have the first of them committed."""
    described = await running.client.get_workflow_handle(reference).describe()
    taken = sum(event.event_type == ACCEPTED for event in await running.events(reference))
    return taken == accepted and len(described.raw_description.pending_activities) == 1


async def counts(running: Running, *references: str) -> dict[str, int]:
    """The number of events in each case's history."""
    return {reference: len(await running.events(reference)) for reference in references}


@contextmanager
def killed(server: Postgres) -> Iterator[None]:
    server.kill()
    yield
    server.start()


@contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    server.freeze()
    yield
    server.thaw()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outages(
    dev_server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[Kind, Outage | BaseException]]:
    """One of each kind, all at once: each has a database, a worker and cases of its own."""
    folder = tmp_path_factory.mktemp("outages")
    servers = [Postgres(folder) for _ in range(2)]
    with ExitStack() as stack:
        for server in servers:
            stack.callback(server.remove)
            server.start()
        urls = [server.url("postgres") for server in servers] + [sqlite_url(folder / "book.db")]
        databases = [stack.enter_context(closing(Database(url))) for url in urls]
        for database in databases:
            migrate(database)
            open_accounts(database)
        ways = [killed(servers[0]), frozen(servers[1]), locked(databases[2])]
        seen = await asyncio.gather(
            *(outage(dev_server, *what) for what in zip(KINDS, databases, ways, strict=True)),
            return_exceptions=True,
        )
        yield dict(zip(KINDS, seen, strict=True))


@pytest.fixture(params=KINDS)
def seen(request: pytest.FixtureRequest, outages: dict[Kind, Outage | BaseException]) -> Outage:
    """The figures of the outage of this kind."""
    figures = outages[request.param]
    if isinstance(figures, BaseException):
        raise figures
    return figures


# --- What is seen ----------------------------------------------------------------------------------------


def test_nothing_is_acknowledged_while_the_database_is_away(seen: Outage) -> None:
    assert seen.answered_meanwhile == 0


def test_the_history_does_not_grow_while_a_command_waits(seen: Outage) -> None:
    assert seen.between > 4
    assert seen.late == seen.soon


def test_a_case_can_be_looked_at_meanwhile(seen: Outage) -> None:
    assert (seen.seen.version, seen.seen.notes) == (2, 0)


def test_everybody_is_answered_soon_after_it_is_back(
    seen: Outage, record_property: Callable[[str, object], None]
) -> None:
    record_property(f"faults: answered after the return, {seen.kind}", f"{seen.back_after:.1f} s")
    assert seen.back_after < 20


def test_the_receipts_are_right_and_commands_of_a_case_keep_their_order(seen: Outage) -> None:
    said = {name: (receipt.version, receipt.events) for name, receipt in seen.receipts.items()}
    assert said == {
        "first": (3, ("note_added.1",)),
        "second": (4, ("contact_recorded.1",)),
        "another": (3, ("note_added.1",)),
        "opening": (2, ("complaint_opened.1", "checklist_drawn_up.1")),
    }


def test_every_command_is_in_the_book_once(seen: Outage) -> None:
    assert is_sound(seen.audit)
    names = Counter(id.partition(":")[2] for id in seen.audit.commands)
    del names[""]  # the openings before it
    assert names == {"first": 1, "second": 1, "another": 1, "opening": 1}


def test_the_case_remembers_what_the_book_says(seen: Outage) -> None:
    assert seen.told == seen.book
    assert seen.book.version == 4


async def test_an_opening_that_is_cancelled_while_it_waits_for_the_book_goes_on(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    """Nobody is told that nothing was recorded of a case that is in the book."""
    async with running_case_worker(dev_server.client, sqlite_database, sandboxed=False) as running:
        reference = new_reference()
        handle = dev_server.client.get_workflow_handle(reference)

        async def waits() -> bool:
            with suppress(RPCError):  # not started yet
                described = await handle.describe()
                return any(a.activity_type.name == "commit" for a in described.raw_description.pending_activities)
            return False

        with locked(sqlite_database):
            opening = asyncio.create_task(running.desk.open(complaint(), WORKER, reference=reference))
            await until_so(waits, "the opening waits for the book")
            await handle.cancel()
        receipt = await opening
        assert (receipt.reference, receipt.version) == (reference, 2)
        assert (await running.desk.submit(reference, note(), WORKER)).version == 3
        assert running.tags(reference).count("complaint_opened.1") == 1
        await handle.terminate()


# --- A server that says nothing any more -----------------------------------------------------------------


def test_a_connection_on_which_nothing_comes_back_is_given_up(postgresql_database: Database) -> None:
    """A machine that vanishes closes nothing. By default the system waits two hours for it."""
    with postgresql_database.read() as tx:
        connection = tx.connection.driver_connection
        assert connection is not None
        with socket.socket(fileno=os.dup(connection.fileno())) as tcp:
            options = {
                name: tcp.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
            }
            assert tcp.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert options["TCP_KEEPIDLE"] + options["TCP_KEEPINTVL"] * options["TCP_KEEPCNT"] <= 30
    assert 0 < options["TCP_USER_TIMEOUT"] <= 30_000


def test_a_server_that_only_reads_is_away_and_no_bug(postgresql_database: Database) -> None:
    """One that is about to take over from another, or was failed over from."""
    lives = Lives(postgresql_database)
    reference, name = lives.open(), postgresql_database.url.database

    def writes(allowed: str) -> None:
        with postgresql_database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {allowed}')
        postgresql_database.engine.dispose()

    def asked() -> Committed:
        ask = Ask(command=note(), command_id="one-command", actor=WORKER)
        request = CommitRequest(reference=reference, known_version=0, ask=ask, at=lives.times[reference])
        return lives.book.commit(request)

    writes("on")
    with pytest.raises(ApplicationError) as raised:
        asked()
    assert (raised.value.type, raised.value.non_retryable) == ("Away", False)
    writes("off")
    assert asked().receipt.version == 3
