"""Has the entries of the access journal that wait chained, about once a second, for as long as the worker runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kit.process.logs import get_logger
from models.chaining import BATCH, chain
from models.keys import JOURNAL

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.keys import CaseKeys

log = get_logger("workers.chaining")

PAUSE, AFTER_A_FAULT = 1.0, 10.0
"""Seconds between two looks at the queue."""


async def keep_chained(database: Database, keys: CaseKeys) -> None:
    """Chains until it is cancelled. Of several workers one does so at a time, and the others find nothing to do."""
    while not database.is_sqlite:  # there, entries are chained as they are written
        try:
            chained = await asyncio.to_thread(_chained, database, keys)
        except Exception:
            # Whatever the reason: the entries are safe where they wait, and are tried again.
            log.exception("journal_not_chained")
            await asyncio.sleep(AFTER_A_FAULT)
        else:
            await asyncio.sleep(0 if chained == BATCH else PAUSE)


def _chained(database: Database, keys: CaseKeys) -> int:
    key = keys.of(JOURNAL)
    with database.write() as tx:
        return chain(tx, key)
