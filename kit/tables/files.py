"""Checks a file before it is read, and turns what the system may answer into errors of ours."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.tables.errors import TableError


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Turns the operating system's refusals into ours."""
    try:
        yield
    except FileNotFoundError:
        raise TableError("table-not-found", file=file.name) from None
    except OSError as refused:
        raise TableError("table-not-readable", file=file.name, reason=refused.strerror or "") from None
    except UnicodeError:
        raise TableError("table-not-readable", file=file.name, reason="it changes while it is read") from None


def check_file(file: Path, max_bytes: int) -> bytes:
    """The first bytes of a regular file of a bearable size; a pipe, which would wait for ever, is refused."""
    if "\0" in str(file):
        raise TableError("table-not-found", file=file.name.replace("\0", ""))
    with readable(file):
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise TableError("table-not-a-file", file=file.name)
        if status.st_size > max_bytes:
            raise TableError("table-too-large", file=file.name, bytes=status.st_size, limit=max_bytes)
        with file.open("rb") as opened:
            start = opened.read(4096)
    if not start:
        raise TableError("table-empty", file=file.name)
    return start
