"""A sign of life for the engine, from activities that may take long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Tells the engine that this attempt lives: when it dies, another begins without waiting for its limit."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(2)

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()
