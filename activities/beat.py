"""Signs of life for the engine, from activities that may take long."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from temporalio import activity

EVERY = 2.0
"""Seconds between two signs of life: several within every heartbeat timeout."""


@asynccontextmanager
async def beating(how_far: Callable[[], Sequence[Any]] = tuple) -> AsyncIterator[None]:
    """Tells the engine every two seconds that this attempt lives: when it dies, the next begins without delay.

    `how_far` says where the next attempt is to go on.
    """

    async def beat() -> None:
        while True:
            activity.heartbeat(*how_far())
            await asyncio.sleep(EVERY)

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()
