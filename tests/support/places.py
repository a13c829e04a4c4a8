"""Places where somebody without a key could find a word of a person: on disk, on the wire and in sight."""

import base64
import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Places = dict[str, bytes]
"""Places to search: the name of each, and all that stands there."""


def forms(word: str) -> list[bytes]:
    """Forms in which a word can stand: as it is, escaped, in UTF-16, in hexadecimal, in base 64 at any offset."""
    plain = word.encode()
    written = [plain, word.encode("utf-16-le"), plain.hex().encode(), word.replace(" ", "%20").encode()]
    written.append(word.replace(" ", "+").encode())
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        written.append(coded[4 if before else 0 : len(coded) - 4 * (len(coded) > 12)])
    return written


def found_in(places: Places, words: Iterable[str]) -> list[tuple[str, str]]:
    """Each word with the place where it stands, whatever its case."""
    hits = []
    for place, content in places.items():
        low = content.lower()
        hits += [(word, place) for word in words if any(form.lower() in low for form in forms(word))]
    return hits


def on_disk(*folders: Path) -> Places:
    """Every file, with its name and the names of the folders above it; SQLite files by their rows too."""
    places: Places = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                places[str(path)] = str(path).encode() + b"\n" + _content(path)
                if path.suffix == ".db":
                    places[f"{path} by rows"] = b"\n".join(_rows(path))
    return places


def _content(path: Path) -> bytes:
    """Content of a file, read by another process.

    To close a database's file here would undo this process's locks on it (sqlite.org/howtocorrupt.html, 2.2).
    """
    return subprocess.run(["cat", "--", path], stdout=subprocess.PIPE, check=True).stdout


def _rows(path: Path) -> Iterator[bytes]:
    # A long value lies in several pages of the file, and a word can lie across two of them.
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        tables = [row[0].decode() for row in connection.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for row in connection.execute(f'select * from "{table}"'):  # noqa: S608 - names of its own tables
                yield from (_bytes(value) for value in row)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def in_sight(processes: Iterable[int]) -> Places:
    """Command line of a process, which every account of the machine can see, and its environment."""
    places: Places = {}
    for process in processes:
        for what in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                places[f"/proc/{process}/{what}"] = Path(f"/proc/{process}/{what}").read_bytes()
    return places


def descendants(process: int | None = None) -> list[int]:
    """Every process that this one has started, and those that they have."""
    pids: list[int] = []
    for task in Path(f"/proc/{process or os.getpid()}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                pids += [child, *descendants(child)]
    return pids
