"""A herd: thousands of cases due in the same second. How long until the last alert is in the book?

The cases are written straight into the book, as opened some weeks ago, when nobody was there to be told. Each gets
its workflow from that state, on the embedded stack, with its timer armed for one and the same instant: real timers,
the real worker, the real book. Beside it, what a scan by cron would cost over the same cases (`bench.scan`).
"""

import asyncio
import statistics
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from activities.book import Book
from activities.calendar import french_calendar
from bench import scan
from bench.lives import OPENED, OPENER
from bench.say import progress
from cli.stack.embedded import Running, embedded
from domain.exchange.cases import Ask, CaseStart, CaseState, CommitRequest, Committed, Opening, Shown
from domain.lifecycle import fold
from domain.parts.intake import Open
from domain.values import new_reference
from kit.engine.temporal import connect
from kit.storage.database import Database
from models.tables import book as lines
from workflows.complaint import ComplaintWorkflow

AGO = timedelta(days=24)
"""When the cases were opened: two levels of the ladder are due by now."""
CALLERS = 40
PATIENCE = 15 * 60
"""Seconds after which what has not come is no longer waited for."""


@dataclass(frozen=True)
class Size:
    """Cases that are due at once, and cases over which a scan is measured."""

    cases: int
    scanned: tuple[int, ...]


NORMAL, QUICK = Size(2_000, (2_000, 20_000)), Size(100, (100, 1_000))


async def measure(folder: Path, size: Size) -> dict[str, Any]:
    """The herd on the embedded stack, then the scans on a database of their own."""
    with tempfile.TemporaryDirectory(prefix="aboutir-bench-", dir=folder) as place:
        async with embedded(Path(place) / "data", 0, 0, lambda *_: None, asyncio.Event()) as running:
            herd = await _herd(running, size.cases)
        scans = [scan.measure(Path(place) / f"scan-{cases}.db", cases) for cases in size.scanned]
    return {"cases": size.cases, **herd, "scans": scans}


def open_in_book(kept: Book, at: datetime) -> tuple[Opening, Committed]:
    """Opens a case in the book alone."""
    command = Open(complaint=OPENED.model_copy(update={"received_at": at}))
    reference = new_reference()
    kept.keys.mint(reference)
    opening = Opening(command=command, command_id=str(uuid.uuid4()), actor=OPENER)
    ask = Ask(command=command, command_id=opening.command_id, actor=OPENER)
    return opening, kept.commit(CommitRequest(reference=reference, known_version=0, ask=ask, at=at))


async def _herd(running: Running, cases: int) -> dict[str, Any]:
    client = await connect(running.settings, running.keys)
    kept = Book(running.database, running.keys, french_calendar())
    progress(f"herd: {cases} cases into the book")
    opened = datetime.now(UTC) - AGO
    opened_cases = [open_in_book(kept, opened) for _ in range(cases)]
    due = datetime.now(UTC) + timedelta(seconds=20 + cases * 0.08)
    progress(f"herd: {cases} workflows, all armed for {due:%H:%M:%S}")

    async def start(opened_case: tuple[Opening, Committed]) -> None:
        opening, committed = opened_case
        reference = committed.receipt.reference
        case = fold(reference, committed.entries)
        state = CaseState(case=case, recent=(), next_due=due, shown=Shown.of(case), opened=committed.receipt)
        await client.start_workflow(
            ComplaintWorkflow.run,
            CaseStart(reference=reference, opening=opening, state=state),
            id=reference,
            task_queue=running.settings.task_queue,
        )

    async def is_armed(opened_case: tuple[Opening, Committed]) -> None:
        handle = client.get_workflow_handle(opened_case[1].receipt.reference)
        # Started, its first task done, its timer set.
        while (await handle.describe()).history_length < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.2)

    began = time.perf_counter()
    await _each(opened_cases, start)
    await _each(opened_cases, is_armed)
    armed = time.perf_counter() - began
    left = (due - datetime.now(UTC)).total_seconds()
    if left < 1:
        raise RuntimeError(f"the machine was too slow: arming took {armed:.0f} s; nothing was measured")
    progress(f"herd: all armed after {armed:.0f} s; {left:.0f} s to wait")
    expected = cases * len(scan.due_now(running.database, running.keys, opened_cases[0][1].receipt.reference, due))
    await asyncio.sleep(left)
    seen: dict[str, float] = {}
    while True:
        raised = _raised(running.database)
        late = (datetime.now(UTC) - due).total_seconds()
        seen |= {reference: late for reference in raised if reference not in seen}
        if sum(raised.values()) >= expected or late > PATIENCE:
            break
        await asyncio.sleep(0.1)
    return {"armed_s": armed, "wanted": expected, **_told(running.database, list(seen.values()))}


async def _each(things: Sequence[tuple[Opening, Committed]], act: Any) -> None:
    left = iter(things)

    async def caller() -> None:
        for thing in left:
            await act(thing)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


def _raised(database: Database) -> dict[str, int]:
    """Counts the alerts of each case in the book."""
    query = select(lines.c.reference, func.count()).where(lines.c.tag == "alert_raised.1").group_by(lines.c.reference)
    with database.read() as tx:
        return {row[0]: row[1] for row in tx.execute(query)}


def _told(database: Database, late: Sequence[float]) -> dict[str, Any]:
    """When each case's alerts were first seen in the book after they fell due (looked at ten times a second), and how
    many were written twice."""
    query = select(lines.c.reference, lines.c.event).where(lines.c.tag == "alert_raised.1")
    with database.read() as tx:
        rows = tx.execute(query).all()
    cuts = statistics.quantiles(late, n=100, method="inclusive")
    return {
        "alerts": len(rows),
        "twice": len(rows) - len({(row.reference, row.event) for row in rows}),
        "first_s": min(late),
        "p50_s": cuts[49],
        "p95_s": cuts[94],
        "last_s": max(late),
    }
