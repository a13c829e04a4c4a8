"""Schedules: put in force once, at the hours of Paris whatever the clocks do, and one mail a day."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import text, update
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import Client, ScheduleOverlapPolicy, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.calendar import french_calendar
from domain.exchange.digest import DigestRoundDone
from domain.messages.notices import Notice
from domain.vocabulary import MailState
from kit.mail.mailbox import SmtpMailbox
from kit.storage.database import Database
from models.mails import post
from models.tables import mails
from tests.people import WORKER
from tests.support.correspondents import all_are, perishing_case, settle_in
from tests.support.harness import Running, running_case_worker
from tests.support.lives import Lives
from tests.support.outages import until_so
from tests.support.servers import pause, starting_on, until_async
from tests.support.sink import Server, Sink
from workflows.digest import DigestRound
from workflows.schedules import SCHEDULES, ensure

PARIS = ZoneInfo("Europe/Paris")
(DIGEST,) = (schedule for schedule in SCHEDULES if schedule.id == "digest")


async def hours(client: Client, id: str, first: datetime, last: datetime) -> list[datetime]:
    """When the engine says that a schedule would act, in Paris."""

    def stamp(moment: datetime) -> Timestamp:
        stamped = Timestamp()
        stamped.FromDatetime(moment.astimezone(UTC).replace(tzinfo=None))
        return stamped

    request = ListScheduleMatchingTimesRequest(
        namespace=client.namespace, schedule_id=id, start_time=stamp(first), end_time=stamp(last)
    )
    answer = await client.workflow_service.list_schedule_matching_times(request)
    return [moment.ToDatetime(tzinfo=UTC).astimezone(PARIS) for moment in answer.start_time]


async def test_a_schedule_is_put_in_force_once_and_brought_up_to_date(dev_server: WorkflowEnvironment) -> None:
    client, mine = dev_server.client, replace(DIGEST, id=f"digest-{uuid.uuid4()}")
    for _ in range(3):
        await ensure(client, "nowhere", [mine])
    handle = client.get_schedule_handle(mine.id)
    await pause(handle, "an operator")
    await ensure(client, "elsewhere", [replace(mine, catch_up=timedelta(minutes=20))])
    found = await starting_on(handle, "elsewhere")
    assert found.policy.catchup_window == timedelta(minutes=20)
    assert found.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert found.state.paused, "what an operator stopped stays stopped"
    await handle.delete()


async def test_every_schedule_says_when_where_and_how_far_back(dev_server: WorkflowEnvironment) -> None:
    assert len({schedule.id for schedule in SCHEDULES}) == len(SCHEDULES)
    for schedule in SCHEDULES:
        assert timedelta(minutes=10) <= schedule.catch_up <= timedelta(hours=12), "the engine's default is a year"
        assert schedule.time_zone == "Europe/Paris"


async def test_rounds_keep_the_hours_of_paris_when_clocks_change(dev_server: WorkflowEnvironment) -> None:
    client, mine = dev_server.client, replace(DIGEST, id=f"digest-{uuid.uuid4()}")
    await ensure(client, "nowhere", [mine])
    for friday, offsets in (("2027-03-26", (1, 2)), ("2027-10-29", (2, 1))):
        first = datetime.fromisoformat(friday).replace(tzinfo=PARIS)
        found = await hours(client, mine.id, first, first + timedelta(days=4))
        days = sorted({moment.date() for moment in found})
        assert days == [first.date(), first.date() + timedelta(days=3)], "Friday and Monday"
        for day, offset in zip(days, offsets, strict=True):
            of_day = [moment for moment in found if moment.date() == day]
            assert [moment.hour for moment in of_day] == list(range(6, 20))
            assert {moment.utcoffset() for moment in of_day} == {timedelta(hours=offset)}
    await client.get_schedule_handle(mine.id).delete()


async def test_the_engine_starts_a_round_and_our_worker_does_it(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    mine = replace(DIGEST, id=f"digest-{uuid.uuid4()}")
    async with running_case_worker(dev_server.client, sqlite_database) as running:
        await ensure(running.client, running.task_queue, [mine])
        handle = running.client.get_schedule_handle(mine.id)
        await handle.trigger()
        async with asyncio.timeout(30):
            while not (found := (await handle.describe()).info.recent_actions):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        started: Any = found[0].action
        round = running.client.get_workflow_handle_for(DigestRound.run, started.workflow_id)
        assert await round.result() == DigestRoundDone(), "there is nobody to write to"
        await handle.delete()


async def test_a_round_at_any_time(
    time_skipping: WorkflowEnvironment, database: Database, server: Server, sink: Sink
) -> None:
    """The workflow itself, on a clock that is moved from morning to morning: each gets one mail a day."""
    lives = Lives(database)
    lives.chance.choice = lambda _: "59350"  # type: ignore[method-assign, assignment]
    settle_in(database)
    now = await time_skipping.get_current_time()
    reference = lives.open(now - timedelta(days=60), WORKER)
    lives.times[reference] = now - timedelta(days=1)
    lives.ring(reference)
    async with running_case_worker(time_skipping.client, database, mailbox=SmtpMailbox(server.settings())) as running:
        sent = 0
        for _ in range(9):  # a week and more: there is a weekend in it
            at = await time_skipping.get_current_time()
            morning = at.astimezone(PARIS).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
            await time_skipping.sleep(morning - at)
            with time_skipping.auto_time_skipping_disabled():
                done = [
                    await running.client.execute_workflow(
                        DigestRound.run, id=f"round-{uuid.uuid4()}", task_queue=running.task_queue
                    )
                    for _ in range(2)
                ]
            assert done[1].sent == 0, "the second round of a morning finds nothing to do"
            assert done[0].sent == (3 if french_calendar().is_working(morning.date()) else 0), morning
            sent += done[0].sent
        assert sent == len(sink.arrived) >= 3 * 3
        assert set(sink.by_id.values()) == {1}
        with database.read() as tx:
            assert {row.state for row in tx.execute(mails.select().where(mails.c.reference.is_(None)))} <= {
                MailState.SENT,
                MailState.DROPPED,
            }


async def test_a_round_that_was_held_up_until_its_time_was_over_ends_and_the_next_one_writes(
    time_skipping: WorkflowEnvironment,
    sqlite_database: Database,
    server: Server,
    sink: Sink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As when the book is away, or no worker is there, for most of an hour."""
    monkeypatch.setattr("workflows.digest.ROUND", timedelta(seconds=4))  # less than until it asks the book again
    lives = Lives(sqlite_database)
    lives.chance.choice = lambda _: "59350"  # type: ignore[method-assign, assignment]
    settle_in(sqlite_database)
    now = await time_skipping.get_current_time()
    reference = lives.open(now - timedelta(days=60), WORKER)
    lives.times[reference] = now - timedelta(days=1)
    lives.ring(reference)
    morning = now.astimezone(PARIS).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while not french_calendar().is_working(morning.date()):
        morning += timedelta(days=1)
    await time_skipping.sleep(morning - now)
    async with running_case_worker(
        time_skipping.client, sqlite_database, sandboxed=False, mailbox=SmtpMailbox(server.settings())
    ) as running:
        _rename(sqlite_database, "mails", "elsewhere")
        held_up = await _start_round(running)
        await until_so(lambda: _asks_again(held_up), "it has asked in vain")
        _rename(sqlite_database, "elsewhere", "mails")
        await time_skipping.sleep(timedelta(seconds=10))
        with time_skipping.auto_time_skipping_disabled():
            async with asyncio.timeout(20):
                done = await held_up.result()
            assert done == DigestRoundDone()
            assert sink.asked == []
            monkeypatch.undo()
            done = await (await _start_round(running)).result()
        assert (done.sent, done.failed) == (3, 0)


async def test_forgotten_notices_are_taken_up_some_cases_at_a_time(
    dev_server: WorkflowEnvironment, sqlite_database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an engine was lost with all its workflows: however many cases are asked, no activity asks them all."""
    monkeypatch.setattr("activities.post.BATCH", 2)
    settle_in(sqlite_database)
    room, references = Lives(sqlite_database), []
    for _ in range(5):
        references.append(room.open(datetime.now(UTC) - timedelta(days=2), WORKER))
        notice = Notice(
            id=references[-1], account=WORKER.account, instead_of=None, alerts=(), not_before=room.times[references[-1]]
        )
        with sqlite_database.write() as tx:
            post(tx, references[-1], [notice])
    async with running_case_worker(
        dev_server.client, sqlite_database, sandboxed=False, mailbox=SmtpMailbox(server.settings())
    ) as running:
        round = await _start_round(running)
        assert (await round.result()).taken_up == 0, "no workflow is there to look"
        history = await round.fetch_history()
    asked = [event.activity_task_scheduled_event_attributes for event in history.events]
    assert [one.activity_type.name for one in asked].count("review_cases") == 3


async def _start_round(running: Running) -> WorkflowHandle[DigestRound, DigestRoundDone]:
    return await running.client.start_workflow(
        DigestRound.run, id=f"round-{uuid.uuid4()}", task_queue=running.task_queue
    )


def _rename(database: Database, before: str, after: str) -> None:
    with database.write() as tx:
        tx.execute(text(f"alter table {before} rename to {after}"))


async def _asks_again(round: WorkflowHandle[DigestRound, DigestRoundDone]) -> bool:
    pending = (await round.describe()).raw_description.pending_activities
    return any(activity.attempt > 1 for activity in pending)


async def test_a_round_has_a_case_send_the_notice_that_its_workflow_does_not_know_of(
    time_skipping: WorkflowEnvironment, sqlite_database: Database, server: Server, sink: Sink
) -> None:
    """As after an engine was restored from yesterday's back-up: the book has a mail that nobody is at."""
    settle_in(sqlite_database)
    async with running_case_worker(
        time_skipping.client, sqlite_database, mailbox=SmtpMailbox(server.settings())
    ) as running:
        reference = await perishing_case(running)
        await time_skipping.sleep(timedelta(days=1))
        await all_are(MailState.SENT, sqlite_database, reference)
        notices = set(sink.by_id)
        with sqlite_database.write() as tx:
            lost = mails.c.reference == reference
            tx.execute(update(mails).where(lost).values(state=MailState.WAITING, tried_at=None, settled_at=None))
        await time_skipping.sleep(timedelta(hours=3))
        assert set(sink.by_id.values()) == {1}
        with time_skipping.auto_time_skipping_disabled():
            done = await running.client.execute_workflow(
                DigestRound.run, id=f"round-{uuid.uuid4()}", task_queue=running.task_queue
            )
        assert done.taken_up == 1
        # Of these alone: the round may have written a digest as well, if it is time for one.
        await until_async(lambda: {sink.by_id[id] for id in notices} == {2}, "it is sent after all")
