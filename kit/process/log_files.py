"""Keeps log files that other processes write to for months from filling the disk."""

import contextlib
import os
import shutil
from pathlib import Path

SIZE = 10_000_000
"""Bytes after which a log is put aside."""
KEPT = 4
"""Files that are kept of those that were put aside."""


def put_aside(log: Path, *, size: int = SIZE, kept: int = KEPT) -> bool:
    """Once a log has `size` bytes, moves its lines to `<log>.1`, what was there to `<log>.2` and so on.

    Gives True if it did. Whoever writes goes on as before, as long as they append (O_APPEND): the next line stands at
    the beginning. Only a line written in the very instant between the last look and the emptying is lost. Of a
    log that has grown much further the end is kept, in whole lines: no file put aside has more than `size` bytes of it
    and what came meanwhile.

    Killed half-way, it leaves some lines in two files. Raises OSError: then no line of the log is lost.
    """
    if not log.exists() or log.stat().st_size < size:
        return False
    first = _aside(log, 1)
    if first.exists():
        for number in range(kept, 1, -1):  # before the copy: on a full disk the oldest makes the room for it
            with contextlib.suppress(FileNotFoundError):
                _aside(log, number - 1).replace(_aside(log, number))
    try:
        _move(log, first, size)
    except OSError:
        first.unlink(missing_ok=True)  # half of it would count as one, and push out another at the next try
        raise
    return True


def _move(log: Path, aside: Path, size: int) -> None:
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as copy, log.open("r+b") as grown:
        beginning = max(0, grown.seek(0, os.SEEK_END) - size)
        grown.seek(beginning)
        if beginning:
            grown.readline()
        shutil.copyfileobj(grown, copy)
        copy.flush()
        shutil.copyfileobj(grown, copy)  # what came meanwhile: it is little, and the log is emptied at once
        copy.flush()
        os.ftruncate(grown.fileno(), 0)


def _aside(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
