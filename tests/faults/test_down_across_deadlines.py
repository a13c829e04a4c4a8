"""Worker, engine, both, and the database are down while deadlines pass: each alert still arrives, and once.

On the real engine, with a worker for which a day lasts an eighth of a second: reminders, alerts, repetitions and the
law's notices of half a year pass in half a minute.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from domain.parts.alert import AlertRaised
from kit.storage.database import Database
from tests.faults.fast_worker import DAY
from tests.people import WORKER
from tests.support.builders import complaint
from tests.support.harness import audit, entries, is_sound
from tests.support.outages import locked
from tests.support.servers import KEYS, ROOT, Engine, RealWorker, until_async
from workflows.cases import CaseClient

PROGRAM = str(ROOT / "tests" / "faults" / "fast_worker.py")
CASES, OUTAGE = 6, 16
"""Days that each outage lasts: every clock that nobody decides on speaks at least once in fourteen."""

Workers = Callable[..., RealWorker]


async def days(number: int) -> None:
    end = time.time() + number * DAY
    await until_async(lambda: time.time() >= end, f"{number} days have passed")


@contextmanager
def counting(url: str, epoch: str) -> Iterator[Callable[[float], list[str]]]:
    """Tells the deadlines that had passed by an instant and are not noted, as such a worker counts."""
    env = os.environ | {"ABOUTIR_TEST_EPOCH": epoch, "PYTHONPATH": str(ROOT)}
    asked, told = subprocess.PIPE, subprocess.PIPE
    with subprocess.Popen([sys.executable, PROGRAM, url], env=env, stdin=asked, stdout=told, text=True) as counter:

        def missed(by: float) -> list[str]:
            assert counter.stdin is not None and counter.stdout is not None
            counter.stdin.write(f"{by}\n")
            counter.stdin.flush()
            keys: list[str] = json.loads(counter.stdout.readline())
            return keys

        yield missed


async def test_every_alert_arrives_once_whatever_was_down_when_it_fell_due(
    engine: Engine,
    worker_of: Workers,
    sqlite_database: Database,
    record_property: Callable[[str, object], None],
) -> None:
    queue, epoch = f"fast-{uuid.uuid4()}", str(int(time.time()))
    worker = worker_of(engine.address, sqlite_database, queue, program=[PROGRAM], ABOUTIR_TEST_EPOCH=epoch)
    await asyncio.to_thread(worker.start)
    desk = CaseClient(await engine.client(), queue, KEYS.mint)
    opened = await asyncio.gather(*(desk.open(complaint(received_at=datetime.now(UTC)), WORKER) for _ in range(CASES)))
    windows: dict[str, tuple[float, float]] = {}

    url = sqlite_database.url.render_as_string(hide_password=False)

    async def all_noted(by: float) -> None:
        with counting(url, epoch) as missed:
            async with asyncio.timeout(60):
                while await asyncio.to_thread(missed, by):
                    await days(1)

    async def down(what: str, *gone: Engine | RealWorker) -> None:
        began = time.time()
        for one in gone:
            one.kill()
        await days(OUTAGE)
        windows[what] = began, time.time()
        for one in reversed(gone):
            await asyncio.to_thread(one.start)
        # What fell due is noted before the next outage: on a busy machine nothing would be repeated during it.
        await all_noted(windows[what][1])

    await down("worker", worker)
    await down("engine", engine)
    await down("worker and engine", worker, engine)
    began = time.time()
    with locked(sqlite_database):
        await days(OUTAGE)
        windows["database"] = began, time.time()

    await all_noted(windows["database"][1])
    worker.kill()

    due: dict[str, set[str]] = defaultdict(set)
    kinds: Counter[str] = Counter()
    late = 0.0
    for receipt in opened:
        raised = [(e, e.event) for e in entries(sqlite_database, receipt.reference) if isinstance(e.event, AlertRaised)]
        keys = [event.key for _, event in raised]
        assert len(keys) == len(set(keys)), "told twice"
        assert all(entry.recorded_at >= event.due for entry, event in raised), "told too soon"
        stalls = [event for _, event in raised if event.kind == "STALL"]
        assert [event.level for event in stalls][:3] == ["CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"]
        # The highest is told again and again, none left out.
        assert [event.key for event in stalls[3:]] == [f"{stalls[2].key}/{n}" for n in range(2, len(stalls) - 1)]
        kinds.update(event.kind for _, event in raised)
        for what, (first, last) in windows.items():
            due[what].update(event.key for _, event in raised if first <= event.due.timestamp() < last)
        late = max(late, *((entry.recorded_at - event.due).total_seconds() for entry, event in raised))
    assert all(due[what] for what in windows), "nothing fell due while it was down: it proves nothing"
    assert is_sound(audit(sqlite_database))
    told = ", ".join(f"{what} {len(due[what])} kinds of deadlines" for what in windows)
    record_property(
        "faults: down across deadlines",
        f"{sum(kinds.values())} alerts on {CASES} cases, 0 twice, 0 missed, the latest {late:.1f} s after its hour; "
        f"fell due while away: {told}",
    )
