"""Measures the cost of encryption: the same cases, sealed and in clear, in turn, on the same engine."""

import asyncio
import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.process import child
from bench.references import in_clear
from bench.say import progress
from bench.speed import CALLERS, OURS, Cases, Size, System, one_round, summary
from cli.stack.embedded import ROOT, Running, embedded
from kit.engine.temporal import connect
from kit.process.children import Child, Supervisor
from kit.process.ports import free_port
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from workflows.cases import CaseClient

PLAIN = "plain"


async def measure(folder: Path, size: Size) -> dict[str, Any]:
    """All rounds, and the medians of their figures."""
    with tempfile.TemporaryDirectory(prefix="aboutir-bench-", dir=folder) as place:
        async with embedded(Path(place) / "data", 0, 0, lambda *_: None, asyncio.Event()) as running:
            supervisor = Supervisor([_plain_worker(running)], lambda *_: None)
            await supervisor.start()
            try:
                return await _rounds(running, size)
            finally:
                await supervisor.stop()


async def _rounds(running: Running, size: Size) -> dict[str, Any]:
    sealed = await connect(running.settings, running.keys)
    plain = await in_clear(running.settings.temporal_address)
    systems: dict[str, System] = {
        OURS: Cases(CaseClient(sealed, running.settings.task_queue, running.keys.mint)),
        PLAIN: Cases(CaseClient(plain, PLAIN, lambda _: None)),
    }
    workers = {OURS: child("worker.py"), PLAIN: child("bench.plain")}
    pids = {"engine": child("start-dev"), "caller": os.getpid()}
    numbers = iter(range(10**9))
    rounds: dict[str, list[dict[str, float | None]]] = {name: [] for name in systems}
    for turn in range(size.rounds + 1):
        progress(f"encryption: round {turn} of {size.rounds}" if turn else "encryption: warming up")
        sizes = size if turn else Size(rounds=0, cases=CALLERS, alone=2)
        for name, system in systems.items():
            figures = await one_round(system, sizes, numbers, pids | {"worker": workers[name]})
            if turn:
                rounds[name].append(figures)
    return summary(rounds, (PLAIN,))


def _plain_worker(running: Running) -> Child:
    book = sqlite_url(running.folder / "plain.db")
    with closing(Database(book)) as database:
        migrate(database)
    environment = os.environ | {
        "ABOUTIR_DATABASE_URL": book,
        "ABOUTIR_VAULT_URL": running.keys.store.url.render_as_string(False),
        "ABOUTIR_MASTER_KEY_FILE": str(running.settings.master_key_file),
        "ABOUTIR_TEMPORAL_ADDRESS": running.settings.temporal_address,
        "ABOUTIR_TASK_QUEUE": PLAIN,
        "ABOUTIR_HTTP_PORT": str(free_port()),
        "PYTHONPATH": str(ROOT),
    }

    async def ready() -> bool:
        return True  # the first round, which does not count, waits for it

    return Child(
        PLAIN, [sys.executable, "-m", "bench.plain"], environment, running.folder / "logs" / "plain.log", ready
    )
