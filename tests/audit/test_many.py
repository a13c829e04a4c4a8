"""Every case of a long book on an empty engine: started again as they stood, then held against it. A proof."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.values import day_of
from kit.storage.database import Database
from models.accounts import add_account
from models.tables import cases
from tests.audit.rebuilt import SHOWN, armed, lines, next_due, rows
from tests.people import OFFICE_AUDITOR
from tests.support.builders import complaint, journey
from tests.support.clerk import Clerk
from tests.support.harness import audit, is_sound
from tests.support.servers import MASTER_KEY, VAULT_URL, Engine, RealWorker
from tests.support.starter import STARTER

CASES = int(os.environ.get("ABOUTIR_PROOF_CASES", "2000"))
QUEUE = "many"


@pytest.fixture
def worker(engine: Engine, sqlite_database: Database, tmp_path: Path) -> Iterator[RealWorker]:
    """A worker as a process of its own. Not started yet."""
    process = RealWorker(tmp_path, engine.address, sqlite_database.url.render_as_string(False), QUEUE)
    yield process
    process.kill()


def fill(database: Database) -> None:
    """Cases at every step, each as far on its way as its number says, told straight to the book."""
    clerk = Clerk(database, datetime.now(UTC))
    for number in range(CASES):
        content = complaint()
        reference = clerk.open(told=content)
        for command, who, _ in journey(day_of(content.received_at))[: number % 16]:
            clerk.ask(reference, command, who)


def run(engine: Engine, database: Database, folder: Path, *words: str) -> tuple[int, dict[str, Any], float]:
    """A command to its end: its exit code, what it says, and how many seconds it took."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    settings = {
        "ABOUTIR_DATABASE_URL": database.url.render_as_string(False),
        "ABOUTIR_VAULT_URL": VAULT_URL,
        "ABOUTIR_MASTER_KEY_FILE": str(MASTER_KEY),
        "ABOUTIR_TEMPORAL_ADDRESS": engine.address,
        "ABOUTIR_TASK_QUEUE": QUEUE,
        "LANG": "C.UTF-8",
    }
    began = time.monotonic()
    ended = subprocess.run(
        [*STARTER, *words, "--json"], env=kept | settings, cwd=folder, check=False, capture_output=True, text=True
    )
    assert ended.stderr == ""
    return ended.returncode, json.loads(ended.stdout), time.monotonic() - began


@pytest.mark.proof
async def test_every_case_of_a_long_book_starts_again_on_an_empty_engine_and_is_verified(
    engine: Engine, worker: RealWorker, sqlite_database: Database, tmp_path: Path
) -> None:
    database = sqlite_database
    with database.write() as tx:
        add_account(tx, OFFICE_AUDITOR)
    await asyncio.to_thread(fill, database)
    before, shown = lines(database), rows(database, *SHOWN)
    with database.read() as tx:
        references = list(tx.execute(select(cases.c.reference).order_by(cases.c.reference)).scalars())
    due = {reference: next_due(database, reference) for reference in references}
    await asyncio.to_thread(worker.start)

    rebuild = ("rebuild", "--from", "book", "--per-second", "1000")
    code, said, starting = await asyncio.to_thread(run, engine, database, tmp_path, *rebuild)
    assert (code, said["cases"], said["started"], said["failed"], said["keyless"]) == (0, CASES, CASES, [], [])
    code, said, _ = await asyncio.to_thread(run, engine, database, tmp_path, *rebuild)
    assert (code, said["started"], said["already"]) == (0, 0, CASES), "run twice, it starts nothing twice"
    assert lines(database) == before, "something was written"
    assert rows(database, *SHOWN) == shown
    assert is_sound(audit(database))
    client = await engine.client()
    for reference in references:
        timer = armed((await client.get_workflow_handle(reference).fetch_history()).events)
        at = due[reference]
        assert at is None or abs(at - timer) < 2, "a deadline has moved"

    words = ("verify", "--all", "--as", OFFICE_AUDITOR.account)
    code, said, looking = await asyncio.to_thread(run, engine, database, tmp_path, *words)
    assert (code, said["cases"], said["entries"], said["findings"]) == (0, CASES, len(before), [])
    print(
        f"\nrebuild: {CASES} of {CASES} cases ({len(before)} lines) resumed on an empty engine, deadlines as they "
        f"were, none doubled: {CASES / starting:.1f} cases/s; verified with the engine: {CASES / looking:.1f} cases/s"
    )
