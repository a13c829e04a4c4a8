"""Lets code that blocks read a stream that is awaited: the code runs in a thread, and asks the loop for each chunk."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError
from typing import TypeVar

T = TypeVar("T")


class StreamBroken(ConnectionError):
    """Whoever sent the stream stopped before its end."""


async def in_a_thread(read: Callable[[Iterator[bytes]], T], chunks: AsyncIterable[bytes]) -> T:
    """Gives what `read` makes of the chunks, in a thread. One chunk is held at a time.

    What the stream raises is raised within `read`. If the caller is cancelled, StreamBroken is, and this waits until
    `read` has ended: nothing of it goes on behind the caller's back.
    """
    loop, source = asyncio.get_running_loop(), aiter(chunks)
    bridge = _Bridge(loop, source)
    work = asyncio.ensure_future(asyncio.to_thread(read, bridge.chunks()))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        bridge.stop()
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()  # seen: the caller is told of the cancellation alone
        raise


class _Bridge:
    def __init__(self, loop: asyncio.AbstractEventLoop, source: AsyncIterator[bytes]) -> None:
        self._loop, self._source = loop, source
        self._asked: asyncio.Task[bytes | None] | None = None
        self._is_stopped = False

    def chunks(self) -> Iterator[bytes]:
        """The chunks, for the thread."""
        while True:
            try:
                chunk = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
            except CancelledError:
                raise StreamBroken("the stream was given up") from None
            if chunk is None:
                return
            yield chunk

    def stop(self) -> None:
        """Has the thread's next question fail, and the one that waits. Called on the loop."""
        self._is_stopped = True
        if self._asked is not None:
            self._asked.cancel()

    async def _next(self) -> bytes | None:
        if self._is_stopped:
            raise StreamBroken("the stream was given up")
        self._asked = asyncio.ensure_future(self._one())
        return await self._asked

    async def _one(self) -> bytes | None:
        try:
            return await anext(self._source)
        except StopAsyncIteration:
            return None
