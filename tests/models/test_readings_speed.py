"""What the access journal costs four processes that read on PostgreSQL at once: at most 15 % of their readings."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kit.storage.database import Database
from models import journal
from models.chaining import chain_all
from models.keys import JOURNAL
from tests.support.clerk import Clerk
from tests.support.servers import KEYS, MASTER_KEY, ROOT, VAULT_URL

pytestmark = pytest.mark.proof

PROCESSES, ROUNDS, SECONDS = 4, 5, 2.0

_READER = """
import json, sys, time
from pathlib import Path
from domain.access import Access
from kit.crypto.vault import KeyFile
from kit.storage.database import Database
from models import reading
from models.keys import CaseKeys
from tests.people import WORKER

url, vault, master, reference = sys.argv[1:]
database, keys = Database(url), CaseKeys(Database(vault, wipes=True), KeyFile(Path(master)))
note = reading.journal.note
with database.write() as tx:
    reading.read_case(tx, keys, WORKER, reference, Access.SHOW)
print("ready", flush=True)
for line in sys.stdin:
    is_noted, until = json.loads(line)
    reading.journal.note = note if is_noted else lambda *_, **__: None
    count = 0
    while time.time() < until:
        with database.write() as tx:
            reading.read_case(tx, keys, WORKER, reference, Access.SHOW)
        count += 1
    print(count, flush=True)
"""

_WRITER = """
import asyncio, sys
from pathlib import Path
from kit.crypto.vault import KeyFile
from kit.storage.database import Database
from models.keys import CaseKeys
from workers.chaining import keep_chained

url, vault, master, _ = sys.argv[1:]
asyncio.run(keep_chained(Database(url), CaseKeys(Database(vault, wipes=True), KeyFile(Path(master)))))
"""


@contextmanager
def running(database: Database, reference: str) -> Iterator[Callable[[bool], float]]:
    """Four readers, and the one that chains as a worker does; gives how to measure readings a second."""
    arguments = [database.url.render_as_string(hide_password=False), VAULT_URL, str(MASTER_KEY), reference]
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}

    def started(program: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
        )

    readers, writer = [started(_READER) for _ in range(PROCESSES)], started(_WRITER)

    for reader in readers:
        assert reader.stdout is not None and reader.stdout.readline() == "ready\n"

    def measure(is_noted: bool, seconds: float = SECONDS) -> float:
        until = time.time() + seconds
        for reader in readers:
            assert reader.stdin is not None
            reader.stdin.write(json.dumps([is_noted, until]) + "\n")
            reader.stdin.flush()
        return sum(int(reader.stdout.readline()) for reader in readers if reader.stdout) / seconds

    try:
        yield measure
    finally:
        for process in (*readers, writer):
            process.kill()
            process.communicate()


def test_readings_of_four_processes_with_and_without_the_journal(
    postgresql_database: Database, record_property: Callable[[str, object], None]
) -> None:
    """The server of the tests does not wait for its disk: with one that does, each entry also costs a flush."""
    reference = Clerk(postgresql_database).open()
    rates: dict[bool, list[float]] = {True: [], False: []}
    with running(postgresql_database, reference) as measure:
        for is_noted in (True, False):
            measure(is_noted)  # they warm up
        for _ in range(ROUNDS):
            for is_noted in (True, False):
                rates[is_noted].append(measure(is_noted))
    chain_all(postgresql_database, KEYS.of(JOURNAL))
    with postgresql_database.read() as tx:
        assert journal.broken_entry(tx) is None and journal.last(tx).number >= sum(rates[True]) * SECONDS
    each = [noted / bare for noted, bare in zip(rates[True], rates[False], strict=True)]
    ratio, noted, bare = statistics.median(each), statistics.median(rates[True]), statistics.median(rates[False])
    figures = f"{noted:.0f}/s with the journal, {bare:.0f}/s without: {ratio:.2f} ({min(each):.2f} to {max(each):.2f})"
    record_property("faults: readings a second of four processes", figures)
    print(f"\n{figures}")
    assert ratio >= 0.85
