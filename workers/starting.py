"""Waits for the databases and the engine, which may start after the worker."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from temporalio.client import Client
from temporalio.runtime import Runtime

from kit.engine.temporal import connect
from kit.errors import StackError
from kit.process.logs import get_logger
from models.destroyed_keys import erase_again
from models.key_stores import KeyStoreRefused
from workers.schemas import book_is_migrated, keys_are_migrated

if TYPE_CHECKING:
    from desk.office import Office

log = get_logger("worker")

T = TypeVar("T")


class Stopped(Exception):
    """The worker was told to stop before it had begun."""


class Unready(StackError):
    """The worker cannot begin: something it needs is not there."""

    code = "unready"
    message = "{what} is not ready."
    remedy = "{how}"


class WrongKeys(StackError):
    """The database of the keys is not the one of this book. Waiting does not help: somebody has to put it right."""

    def __init__(self, refused: KeyStoreRefused) -> None:
        super().__init__()
        self.code, self.message, self.remedy, self.action = (
            refused.code,
            refused.message,
            refused.remedy,
            refused.action,
        )


class Starting:
    """The start of a worker: it waits until it is told to stop, or for `seconds` for each thing."""

    def __init__(self, stop: asyncio.Event, seconds: float) -> None:
        self._stop, self._seconds = stop, seconds

    async def databases(self, office: Office) -> None:
        """Waits for both databases, and destroys again the keys of erased cases that a restored copy brought back.

        Raises WrongKeys when the database of the keys is not the one of this book: under other keys than its own, what
        is sealed for a workflow would be refused as forged, and its run would end.
        """
        await self.wait_for(
            lambda: asyncio.to_thread(book_is_migrated, office.database),
            what="The database",
            how="Check ABOUTIR_DATABASE_URL, and run: starter.py migrate.",
        )
        await self.wait_for(
            lambda: asyncio.to_thread(keys_are_migrated, office.keys),
            what="The database of the keys",
            how="Check ABOUTIR_VAULT_URL, and run: starter.py migrate.",
        )
        try:
            await asyncio.to_thread(office.own_store.adopt)
        except KeyStoreRefused as refused:
            log.error("key_store_refused", why=refused.code)  # noqa: TRY400 - no bug
            raise WrongKeys(refused) from None
        await asyncio.to_thread(office.keys.check)
        await asyncio.to_thread(erase_again, office.database, office.keys)

    async def engine(self, office: Office, runtime: Runtime) -> Client:
        """Waits for the engine; gives a strict client, whose metrics go to `runtime`."""
        return await self.wait_for(
            lambda: connect(office.settings, office.keys, runtime, strict=True),
            what="The engine",
            how="Check ABOUTIR_TEMPORAL_ADDRESS.",
        )

    async def wait_for(self, attempt: Callable[[], Awaitable[T]], *, what: str, how: str) -> T:
        """Tries until the attempt gives something true. Raises Unready when time is up, Stopped when told to stop.

        An attempt that raises is made again. `what` and `how` say to whoever runs the worker what is missing, and how
        to mend it.
        """
        deadline = time.monotonic() + self._seconds
        while not self._stop.is_set():
            try:
                if result := await attempt():
                    return result
            except Exception:
                log.debug("not_there_yet", exc_info=True)
            if time.monotonic() > deadline:
                raise Unready(what=what, how=how)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), timeout=0.5)
        raise Stopped
