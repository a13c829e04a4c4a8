"""A sweep that takes its time: it lives while it waits, and leaves the rest to the next activity."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities import beat, review
from activities import sweep as hands
from activities.calendar import french_calendar
from domain.errors import Refused
from domain.exchange.cases import Opening
from domain.exchange.rollout import Batch
from domain.exchange.sweep import Sweep
from kit.storage.database import Database
from models import sweeps
from tests.support.servers import KEYS, until_async
from tests.workflows.rollouts import NOW, Cases, begin, working

Beat = tuple[Any, ...]
"""Progress of an activity when it gave a sign of life."""


async def until_beaten(
    work: Callable[[Any], Coroutine[Any, Any, object]], asked: object, enough: Callable[[list[Beat]], bool]
) -> None:
    """Until an activity that is under way has given enough signs of life, with how far it was at each."""
    engine, beats = ActivityEnvironment(), list[Beat]()
    engine.on_heartbeat = lambda *how_far: beats.append(how_far)
    under_way = asyncio.ensure_future(engine.run(work, asked))
    try:
        await until_async(lambda: enough(beats) or under_way.done(), "it has beaten")
        assert not under_way.done()
    finally:
        engine.cancel()
        await asyncio.gather(under_way, return_exceptions=True)


async def test_what_waits_for_a_case_or_for_its_pace_lives_all_the_same(
    dev_server: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beat, "EVERY", 0.01)
    monkeypatch.setattr(review, "ANSWER", timedelta(minutes=1))
    monkeypatch.setattr(hands, "ANSWER", timedelta(minutes=1))
    client = dev_server.client
    told = Cases(client, sqlite_database, f"nobody-works-here-{uuid.uuid4()}")
    silent = told.open()
    await told.start(silent)
    sweeper = hands.Sweeper(sqlite_database, KEYS, french_calendar(), client, take_up)
    asked = Batch(version=1, references=(silent,), pause=timedelta(minutes=1))
    reviewing = review.Review(sqlite_database, client)
    with sqlite_database.write() as tx:
        sweeps.begin(tx, "slow", NOW)

    await until_beaten(reviewing.review_cases, asked, lambda beats: len(beats) >= 3)
    await until_beaten(sweeper.sweep_book, Sweep(id="slow"), lambda beats: beats.count((0, "")) >= 3)
    await client.get_workflow_handle(silent).terminate()
    await until_beaten(reviewing.review_cases, asked, lambda beats: len(beats) >= 3)
    await until_beaten(
        sweeper.sweep_book, Sweep(id="slow", per_second=0.01), lambda beats: beats.count((1, silent)) >= 3
    )


async def take_up(reference: str, opening: Opening) -> None:
    raise Refused("-", "", reference=reference)


async def test_one_activity_of_a_slow_sweep_leaves_the_rest_to_the_next(
    dev_server: WorkflowEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "LONG", timedelta(0))
    client, queue = dev_server.client, f"sweep-{uuid.uuid4()}"
    told = Cases(client, sqlite_database, queue)
    async with working(client, sqlite_database, queue):
        await told.open_all(3)
        handle = await begin(client, queue)
        assert (await handle.result()).cases == 3
        scheduled = Counter(
            event.activity_task_scheduled_event_attributes.activity_type.name
            for event in (await handle.fetch_history()).events
        )
        assert scheduled["sweep_book"] == 4  # the last finds no more
        await told.end()
