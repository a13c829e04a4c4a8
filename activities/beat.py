"""A sign of life for the engine, from activities that may take long."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from temporalio import activity

EVERY = 2.0
"""Seconds between two signs of life: several within every heartbeat timeout."""


@asynccontextmanager
async def beating(how_far: Callable[[], Sequence[Any]] = tuple) -> AsyncIterator[None]:
    """Tells the engine that this attempt lives: when it dies, another begins without waiting for its limit.

    Each time with how far it is, for the attempt that goes on from there.
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
