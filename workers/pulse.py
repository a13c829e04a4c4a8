"""The pulse of a worker process: alive while its event loop turns, ready while it reaches what it works with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from temporalio.client import Client

from workers.schemas import book_is_migrated, keys_are_migrated

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.key_stores import OwnStore
    from models.keys import CaseKeys

T = TypeVar("T")

_STILL = 30
"""Seconds without a beat after which the process counts as dead."""


class Pulse:
    """Beats on the event loop that makes it, and answers from any thread."""

    def __init__(self, client: Client, database: Database, keys: CaseKeys, own_store: OwnStore) -> None:
        self._client, self._database, self._keys, self._own_store = client, database, keys, own_store
        self._loop = asyncio.get_running_loop()
        self._last_beat = time.monotonic()

    async def beat(self) -> None:
        """Beats once a second, for as long as the event loop turns."""
        while True:
            self._last_beat = time.monotonic()
            await asyncio.sleep(1)

    def is_beating(self) -> bool:
        """True if the event loop has turned in the last half minute."""
        return time.monotonic() - self._last_beat < _STILL

    def reaches(self) -> dict[str, bool | str]:
        """Tells if the engine and the databases answer, and if the keys are those of the book, or why they are not.

        Not to be called from the event loop: it waits for it.
        """
        database, keys = _holds(book_is_migrated, self._database), _holds(keys_are_migrated, self._keys)
        return {
            "engine": self._engine_answers(),
            "database": database,
            "keys": keys,
            "key_store": database and keys and is_right(self._own_store),
        }

    def _engine_answers(self) -> bool:
        check = self._client.service_client.check_health(timeout=timedelta(seconds=2))
        try:
            return asyncio.run_coroutine_threadsafe(check, self._loop).result(timeout=3)
        except Exception:  # noqa: BLE001 - whatever the reason, it does not answer
            return False


def is_right(own_store: OwnStore) -> bool | str:
    """True if the store of the keys is the one of the book, the code of its fault if it is not."""
    try:
        fault = own_store.fault()
    except Exception:  # noqa: BLE001 - as below
        return False
    return fault.code if fault else True


def _holds(check: Callable[[T], bool], subject: T) -> bool:
    try:
        return check(subject)
    except Exception:  # noqa: BLE001 - a database that raises does not answer either
        return False
