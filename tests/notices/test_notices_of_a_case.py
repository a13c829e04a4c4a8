"""A case and its mails on the real engine: sent once, whatever happens meanwhile, and told if they are not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from activities.post import PostOptions
from kit.database import Database
from kit.mail import SmtpMailbox
from models.tables import mails
from tests.builders import WORKER, note
from tests.engine.harness import running_case_worker
from tests.notices.people import address_of, perishing_case, settle_in
from tests.notices.sink import Server, Sink, serving
from tests.servers import until_async


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[Server]:
    with serving(sink) as server:
        yield server


def posted(server: Server, **options: Any) -> dict[str, Any]:
    """What a worker needs to send mails to this server."""
    return {"mailbox": SmtpMailbox(server.settings()), "post_options": PostOptions(**options)}


def states(database: Database, reference: str) -> list[str]:
    with database.read() as tx:
        return list(tx.execute(select(mails.c.state).where(mails.c.reference == reference)).scalars())


async def test_a_notice_of_a_time_limit_is_sent_at_once_and_once(
    time_skipping: WorkflowEnvironment, database: Database, server: Server, sink: Sink
) -> None:
    settle_in(database)
    async with running_case_worker(time_skipping.client, database, **posted(server)) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(timedelta(days=1))
        await until_async(lambda: states(database, reference).count("SENT") >= 1, "it is sent")
        assert [to for to, _ in sink.arrived] == [address_of(WORKER)] * len(sink.arrived)
        print(sink.bodies(), [m["Subject"] for _, m in sink.arrived])
        assert set(sink.by_id.values()) == {1}
        await running.desk.submit(reference, note(), WORKER)


async def test_a_server_that_is_down_for_a_day_gets_each_notice_once(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, server: Server, sink: Sink
) -> None:
    settle_in(sqlite_database)
    server.stop()
    async with running_case_worker(time_skipping.client, sqlite_database, **posted(server)) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(timedelta(days=2))
        assert set(states(sqlite_database, reference)) == {"WAITING"}
        await running.desk.submit(reference, note(), WORKER)  # nothing waits for a mail
        before = len(await running.events(reference))
        server.start()
        await time_skipping.sleep(timedelta(minutes=30))
        await until_async(lambda: set(states(sqlite_database, reference)) == {"SENT"}, "it is sent")
        assert set(sink.by_id.values()) == {1}
        print(before, len(await running.events(reference)))


async def test_what_is_given_up_is_on_the_case(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, server: Server, sink: Sink
) -> None:
    settle_in(sqlite_database)
    sink.to_recipient = lambda _: "450 4.2.0 Not now"
    async with running_case_worker(
        time_skipping.client,
        sqlite_database,
        **posted(server, give_up=timedelta(hours=2)),
    ) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(timedelta(days=3))
        await until_async(lambda: "notice_undelivered.1" in running.tags(reference), "it is on the case")
        case = running.case(reference)
        assert {n.reason for n in case.undelivered} == {"ADDRESS_REFUSED"}
        assert (await running.view(reference)).undelivered == case.undelivered
        print(len(sink.asked), len(await running.events(reference)), running.tags(reference))
