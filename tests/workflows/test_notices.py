"""A case and its mails on the real engine: sent once, whatever happens meanwhile, and told if they are not."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig, WorkflowEnvironment

from activities.post import PostOptions
from domain.parts.alert import AnswerAlert
from domain.parts.assignment import Assign
from domain.vocabulary import MailState
from kit.mail.mailbox import SmtpMailbox
from kit.storage.database import Database
from models.tables import mails
from tests.people import COLLEAGUE, HOME, SUPERVISOR, WORKER, address_of
from tests.support.builders import note
from tests.support.correspondents import all_are, perishing_case, settle_in, states
from tests.support.harness import Running, audit, is_sound, running_case_worker
from tests.support.servers import KEYS, Engine, RealWorker, until_async
from tests.support.sink import Server, Sink
from workflows.cases import CaseClient

DAY = timedelta(days=1)


def posted(server: Server, **options: Any) -> dict[str, Any]:
    """Options of a worker that sends mails to this server."""
    return {"mailbox": SmtpMailbox(server.settings()), "post_options": PostOptions(**options)}


# --- With a clock that can be moved ---


async def test_a_notice_of_a_time_limit_is_sent_at_once_and_once(
    time_skipping: WorkflowEnvironment, database: Database, server: Server, sink: Sink
) -> None:
    settle_in(database)
    async with running_case_worker(time_skipping.client, database, **posted(server)) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(DAY)
        await all_are(MailState.SENT, database, reference)
        assert {to for to, _ in sink.arrived} == {address_of(WORKER)}
        before = len(await running.events(reference))
        for _ in range(3):
            await running.desk.submit(reference, note(), WORKER)
        assert set(sink.by_id.values()) == {1}
        assert len(await running.events(reference)) == before + 3 * 6, "a command costs what it cost"


async def test_a_server_that_is_down_gets_each_notice_once_and_the_history_does_not_grow(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, server: Server, sink: Sink
) -> None:
    settle_in(sqlite_database)
    server.stop()
    async with running_case_worker(time_skipping.client, sqlite_database, **posted(server)) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(DAY)
        await until_async(lambda: states(sqlite_database, reference)["WAITING"] >= 1, "it waits")
        before = len(await running.events(reference))
        await time_skipping.sleep(timedelta(hours=12))
        assert set(states(sqlite_database, reference)) == {"WAITING"}
        tried = sum(row.tries for row in rows(sqlite_database, reference))
        assert len(await running.events(reference)) == before
        assert (await running.desk.submit(reference, note(), WORKER)).version, "nothing waits for a mail"
        server.start()
        await time_skipping.sleep(timedelta(minutes=30))
        await all_are(MailState.SENT, sqlite_database, reference)
        assert set(sink.by_id.values()) == {1}
        print(f"tried {tried} times while the server was down, no event; {len(sink.arrived)} arrived, each once")
        assert tried > 30


def rows(database: Database, reference: str) -> list[Any]:
    with database.read() as tx:
        return list(tx.execute(select(mails).where(mails.c.reference == reference)))


@pytest.mark.parametrize("answer", ["550 5.1.1 Unknown", "450 4.2.0 Not now"])
async def test_what_is_given_up_is_on_the_case_and_the_case_goes_on(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, server: Server, sink: Sink, answer: str
) -> None:
    settle_in(sqlite_database)
    sink.to_recipient = lambda _: answer
    give_up = {"give_up": timedelta(hours=2)}
    async with running_case_worker(time_skipping.client, sqlite_database, **posted(server, **give_up)) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(timedelta(days=1, hours=4))
        await until_async(lambda: "notice_undelivered.1" in running.tags(reference), "it is on the case")
        (told,) = running.case(reference).undelivered
        assert (told.account, told.reason) == (WORKER.account, "ADDRESS_REFUSED")
        assert set(told.alerts) <= {alert.key for alert in running.case(reference).standing_alerts}
        assert (await running.view(reference)).undelivered == (told,)
        (row,) = (r for r in rows(sqlite_database, reference) if r.id == told.mail)
        assert row.on_case
        receipt = await running.desk.submit(reference, note(), WORKER)
        assert receipt.version == running.case(reference).version
        assert running.tags(reference).count("notice_undelivered.1") == 1
        assert is_sound(audit(sqlite_database))


async def test_answered_before_the_server_is_back_it_is_never_sent(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, server: Server, sink: Sink
) -> None:
    settle_in(sqlite_database)
    server.stop()
    async with running_case_worker(time_skipping.client, sqlite_database, **posted(server)) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(DAY)
        for alert in running.case(reference).standing_alerts:
            answer = {"alert": alert.key, "decision": "ACT", "reason": "Asked for it"}
            await running.desk.submit(reference, AnswerAlert.model_validate(answer), SUPERVISOR)
        server.start()
        await time_skipping.sleep(timedelta(hours=1))
        await all_are(MailState.DROPPED, sqlite_database, reference)
        assert sink.asked == []


async def test_a_new_holder_hears_of_the_time_limit_at_once(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, server: Server, sink: Sink
) -> None:
    settle_in(sqlite_database)
    async with running_case_worker(time_skipping.client, sqlite_database, **posted(server)) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(DAY)
        await all_are(MailState.SENT, sqlite_database, reference)
        assign = Assign(holder=COLLEAGUE.account, organisation=HOME, reason="Leave")
        await running.desk.submit(reference, assign, SUPERVISOR)
        await until_async(lambda: sink.subjects(address_of(COLLEAGUE)) != [], "the new holder is written to")
        assert set(sink.by_id.values()) == {1}


# --- On the engine of production, with its time moved ---


@dataclasses.dataclass
class Moved:
    """An engine that asks for short runs, and whose time can be moved."""

    client: Client
    skipper: TimeSkipper
    address: str

    @asynccontextmanager
    async def a_day_later(self, reference: str) -> AsyncIterator[None]:
        """The case's time goes on to tomorrow; where a mail waits to be tried again it stands still, and we do not."""
        going = asyncio.create_task(self.skipper.fast_forward(self.client.get_workflow_handle(reference), DAY))
        yield
        going.cancel()
        await asyncio.wait({going})


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(
        tmp_path_factory.mktemp("engine"),
        "frontend.WorkflowTimeSkippingEnabled=true",
        "limit.historyCount.suggestContinueAsNew=30",
    )
    engine.start()
    yield engine
    engine.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def moved(engine: Engine) -> AsyncIterator[Moved]:
    skipper = TimeSkipper(await engine.client(), config=TimeSkippingConfig(enabled=False))
    yield Moved(skipper.client, skipper, engine.address)


async def runs_of(running: Running, reference: str) -> int:
    described = await running.client.get_workflow_handle(reference).describe()
    runs = [described]
    while True:
        history = await running.events(reference, runs[-1].run_id)
        before = history[0].workflow_execution_started_event_attributes.continued_execution_run_id
        if not before:
            return len(runs)
        runs.append(await running.client.get_workflow_handle(reference, run_id=before).describe())


async def test_a_mail_that_waits_survives_runs_that_are_continued_as_new(
    moved: Moved, sqlite_database: Database, server: Server, sink: Sink
) -> None:
    settle_in(sqlite_database)
    server.stop()
    async with running_case_worker(moved.client, sqlite_database, **posted(server)) as running:
        reference = await perishing_case(running)
        async with moved.a_day_later(reference):
            await until_async(lambda: states(sqlite_database, reference)["WAITING"] >= 1, "it waits")
        for _ in range(14):
            await running.desk.submit(reference, note(), WORKER)
        runs = await runs_of(running, reference)
        assert runs >= 3
        assert set(states(sqlite_database, reference)) == {"WAITING"}
        server.start()
        await all_are(MailState.SENT, sqlite_database, reference)
        assert set(sink.by_id.values()) == {1}
        assert await running.is_open(reference)
        print(f"{runs} runs, {len(sink.arrived)} mails, each once")


async def test_a_worker_killed_between_sending_and_marking_sends_again_under_the_same_name(
    moved: Moved, postgresql_database: Database, server: Server, sink: Sink, tmp_path: Path
) -> None:
    settle_in(postgresql_database)
    program = str(Path(__file__).with_name("dying_worker.py"))
    url = postgresql_database.url.render_as_string(False)
    env = {
        "ABOUTIR_MAIL_HOST": "127.0.0.1",
        "ABOUTIR_MAIL_PORT": str(server.port),
        "ABOUTIR_MAIL_SECURITY": "none",
        "ABOUTIR_MAIL_FROM": "aboutir@aboutir.test",
        "ABOUTIR_MAIL_SECONDS": "2",
        "DIED": str(tmp_path / "died"),
    }
    worker = RealWorker(tmp_path, moved.address, url, "dying", program=[program], **env)
    await asyncio.to_thread(worker.start)
    try:
        desk = CaseClient(moved.client, "dying", KEYS.mint)
        running = Running(moved.client, postgresql_database, "dying", None, None, desk, tmp_path)  # type: ignore[arg-type]
        reference = await perishing_case(running)
        async with moved.a_day_later(reference):
            await until_async(lambda: not worker.is_running, "it died")
        assert set(sink.by_id.values()) == {1}
        assert set(states(postgresql_database, reference)) == {"WAITING"}
        await asyncio.to_thread(worker.start)
        await all_are(MailState.SENT, postgresql_database, reference)
        assert sorted(sink.by_id.values())[-1] == 2, "sent again, because nobody could know"
        assert len(sink.by_id) == len(rows(postgresql_database, reference)), "under the same name"
        said = worker.output
        assert address_of(WORKER) not in said and "personnel" not in said
    finally:
        worker.kill()
