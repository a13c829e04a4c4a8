"""Calls of services in threads: what waits for a database or an engine never holds up the loop of the server."""

import asyncio
import inspect
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from counter.problems import busy, slow

THREADS = 24
"""Services that run at once."""
WAITING = 48
"""Requests that may wait for one of them."""
WITHIN = 60.0
"""Seconds within which a service answers, or the request is told to come back."""


class Calling:
    """A pool of threads, each with an event loop of its own in which it runs what is asynchronous."""

    def __init__(self, threads: int = THREADS, waiting: int = WAITING, within: float = WITHIN) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="desk")
        self._most, self._within = threads + waiting, within
        self._under_way = 0
        self._own = threading.local()
        self._runners: list[asyncio.Runner] = []

    async def call(self, function: Callable[[], Any], within: float | None = None) -> Any:
        """Calls a service, or awaits what it gives. Raises Away when too many are under way, or it takes too long.

        One that takes too long goes on, as it cannot be stopped, and takes its place until it ends.
        """
        if self._under_way >= self._most:
            raise busy()
        self._under_way += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._run, function)
        future.add_done_callback(self._ended)
        done, _ = await asyncio.wait({future}, timeout=self._within if within is None else within)
        if not done:
            raise slow()
        return future.result()

    def _ended(self, future: "asyncio.Future[Any]") -> None:
        self._under_way -= 1
        if not future.cancelled():
            future.exception()  # looked at, so that one nobody waits for any more is not reported as never retrieved

    def _run(self, function: Callable[[], Any]) -> Any:
        answer = function()
        if not inspect.isawaitable(answer):
            return answer
        runner: asyncio.Runner | None = getattr(self._own, "runner", None)
        if runner is None:
            runner = self._own.runner = asyncio.Runner()
            self._runners.append(runner)

        async def wait() -> Any:
            return await answer

        return runner.run(wait())

    def close(self) -> None:
        """Takes no more calls, and waits for none."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        if not self._under_way:
            closing = threading.Thread(target=self._close_loops)  # no loop can be closed where another runs
            closing.start()
            closing.join()

    def _close_loops(self) -> None:
        for runner in self._runners:
            runner.close()
