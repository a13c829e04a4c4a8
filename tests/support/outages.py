"""Takes something away from a case, and waits until that shows."""

import subprocess
import sys
import time
from asyncio import sleep
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from kit.storage.database import Database

_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin exclusive")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another process holds the write lock of a SQLite database."""
    assert database.url.database is not None
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, database.url.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            yield
        finally:
            holder.kill()


async def until_so(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = 30) -> None:
    """Waits for something that is asked over the network, and fails saying what when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        await sleep(0.05)
