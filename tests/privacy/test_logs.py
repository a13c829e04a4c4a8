"""Whatever happens, no log shows what a person told: canaries in every text, a whole journey, and then misfortunes."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.errors import Problem, Refused
from domain.values import day_of
from kit.storage.database import Database
from models.book import event_of
from models.tables import book
from tests.people import WORKER
from tests.support.builders import contact, journey, note
from tests.support.canaries import PERSONAL, Canaries, a_full_complaint
from tests.support.desks import Looking
from tests.support.servers import KEYS, Engine, Postgres, RealWorker, until_async

BROKEN = Path(__file__).with_name("broken_worker.py")


async def test_no_word_of_a_person_is_in_the_logs_and_every_line_is_json(
    engine: Engine,
    worker_of: Callable[..., RealWorker],
    postgresql_database: Database,
    fragile_postgres: Postgres,
    record_property: Callable[[str, object], None],
) -> None:
    worker = worker_of(engine.address, postgresql_database, "logs", program=[str(BROKEN)])
    await asyncio.to_thread(worker.start)
    desk = Looking(postgresql_database, await engine.client(), "logs", KEYS.mint)
    canaries = Canaries()

    told, planted = canaries.in_all(a_full_complaint())
    assert planted == PERSONAL
    reference = (await desk.open(told, WORKER)).reference
    for command, who, _ in journey(day_of(told.received_at)):
        said, _ = canaries.in_all(command)
        await desk.submit(reference, said, who)
    assert everything_in(postgresql_database, canaries), "the canaries travelled all the way"

    # Refused at the door, by the book, and by the rules before anything is sent.
    with pytest.raises(Refused, match="stale"):
        await desk.submit(reference, note(canaries.one()), WORKER, expected_version=1)
    with pytest.raises(Refused, match="already_imported"):
        await desk.open(told, WORKER)
    # Bugs: in the workflow, and in the commit.
    for command in (contact(canaries.one()), note(canaries.one() + "!")):
        with pytest.raises(Problem, match="internal"):
            await desk.submit(reference, command, WORKER)
    # The database away, then the engine.
    fragile_postgres.kill()
    sent = asyncio.create_task(desk.submit(reference, note(canaries.one()), WORKER))
    await until_async(lambda: '"book_away"' in worker.output, "the book is away")
    await asyncio.to_thread(fragile_postgres.start)
    await sent
    engine.kill()
    await until_async(lambda: '"temporalio.core' in worker.output, "the library complains")
    worker.kill()

    lines = worker.output.splitlines()
    events = {json.loads(line)["event"] for line in lines}
    assert {"worker_started", "commit_failed", "book_away", "an update validator failed"} < events
    escaped = [canary for canary in canaries.let_out if canary.lower() in worker.output.lower()]
    record_property("faults: canaries let out, and found in the logs", f"{len(canaries.let_out)}, {len(escaped)}")
    assert escaped == []
    assert "kanari" not in worker.output.lower()
    assert "98765" not in worker.output


def everything_in(database: Database, canaries: Canaries) -> bool:
    with database.read() as tx:
        rows = tx.execute(select(book)).all()
    texts = b"".join(event_of(row, KEYS.of(row.reference)) for row in rows).decode()
    return all(canary in texts for canary in canaries.let_out)
