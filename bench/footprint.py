"""Measures how long the stack takes to start, how much memory it holds, and by how much its files grow."""

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.lives import STEPS
from bench.process import child, memory
from bench.say import progress
from bench.speed import Cases, by_callers
from cli.stack.contents import DATABASE_FILE, ENGINE_FILE
from cli.stack.embedded import Running, embedded
from kit.engine.temporal import connect
from workflows.cases import CaseClient

NORMAL, QUICK = 300, 60


async def measure(folder: Path, cases: int) -> dict[str, Any]:
    """Starts a stack in an empty folder, fills it, and starts it again."""
    with tempfile.TemporaryDirectory(prefix="aboutir-bench-", dir=folder) as place:
        data = Path(place) / "data"
        progress("footprint: first start")
        began = time.perf_counter()
        async with embedded(data, 0, 0, lambda *_: None, asyncio.Event()) as running:
            cold = time.perf_counter() - began
            figures = await _fill(running, cases)
        progress("footprint: second start")
        began = time.perf_counter()
        async with embedded(data, 0, 0, lambda *_: None, asyncio.Event()):
            again = time.perf_counter() - began
    return {"cases": cases, "start_cold_s": cold, "start_again_s": again, **figures}


async def _fill(running: Running, cases: int) -> dict[str, Any]:
    system = Cases(
        CaseClient(await connect(running.settings, running.keys), running.settings.task_queue, running.keys.mint)
    )
    opened: dict[int, str] = {}
    figures = _look(running, "idle")

    async def open(number: int) -> None:
        opened[number] = await system.open(number)

    async def live(number: int) -> None:
        for step in range(STEPS):
            await system.step(opened[number], number, step)

    progress(f"footprint: {cases} cases")
    await by_callers(range(cases), open)
    figures |= _look(running, "open")
    await by_callers(range(cases), live)
    figures |= _look(running, "stepped")
    for file in ("engine", "book"):
        idle, full, stepped = (figures.pop(f"{file}_file_in_use_{when}") for when in ("idle", "open", "stepped"))
        figures[f"{file}_file_open"] = (full - idle) / cases
        figures[f"{file}_file_step"] = (stepped - full) / (cases * STEPS)
    return figures


def _look(running: Running, when: str) -> dict[str, Any]:
    return {
        f"engine_{when}": memory(child("start-dev")),
        f"worker_{when}": memory(child("worker.py")),
        f"engine_file_in_use_{when}": _in_use(running.folder / ENGINE_FILE),
        f"book_file_in_use_{when}": _in_use(running.folder / DATABASE_FILE),
    }


def _in_use(file: Path) -> int:
    """The bytes of a SQLite file's pages that hold something, once its write-ahead log is in it."""
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size, pages, free = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
        )
    return int(size * (pages - free))
