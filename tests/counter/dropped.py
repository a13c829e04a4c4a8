"""A process that loads what it needs, becomes another user, and only then begins: python -m tests.counter.dropped.

The interpreter may lie where that user cannot read: whatever could be imported later is imported before.
"""

import asyncio
import contextlib
import importlib
import json
import os
import pkgutil
import sqlite3
import sys
from collections.abc import Iterable
from pathlib import Path

from serve import main
from tests.counter.serving import BY_NAME, desk_of

ROOMS = ("counter", "desk", "models", "kit", "domain", "words", "workers", "activities", "workflows", "audit")
LATER = ("anyio._backends._asyncio", "encodings.idna", "httpcore2._backends.anyio", "sqlalchemy.dialects.sqlite")


def become(user: int, group: int, rooms: Iterable[str] = ()) -> None:
    """Loads all modules of these rooms, then is that user in that group alone, for good."""
    for room in rooms:
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    for name in LATER:
        importlib.import_module(name)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    os.umask(0o077)


async def tries(place: Path, secrets: list[Path]) -> dict[str, object]:
    """Everything that the pages' user may try: each secret read and written, and a case asked for at the socket."""
    told: dict[str, object] = {}
    for secret in secrets:
        told[secret.name] = _reach(secret)
    try:
        async with desk_of(place, "case-worker-nord") as desk:
            told["listed"] = (await desk.list_cases()).total
    except Exception as error:  # noqa: BLE001 - told to whoever started this
        told["listed"] = getattr(error, "code", type(error).__name__)
    return told


def _reach(secret: Path) -> str:
    with contextlib.suppress(PermissionError):
        secret.read_bytes()
        return "read"
    with contextlib.suppress(PermissionError), secret.open("ab"):
        return "written"
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(secret)) as database:
        database.execute("select * from sqlite_master").fetchall()
        return "opened"
    with contextlib.suppress(PermissionError):
        next(secret.parent.iterdir())
        return "listed"
    return "refused"


if __name__ == "__main__":
    role, user, group, *rest = sys.argv[1:]
    become(int(user), int(group), ROOMS if role == "desk" else ())
    if role == "desk":
        asyncio.run(main(BY_NAME))
    print(json.dumps(asyncio.run(tries(Path(rest[0]), [Path(name) for name in rest[1:]]))))
