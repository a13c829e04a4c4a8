"""Runs a server until it is told to stop: the desk's process and the pages both do."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to whoever runs the process."""
        yield


async def serve_until(config: uvicorn.Config, listening: socket.socket, stop: asyncio.Event) -> None:
    """Answers at a socket until `stop` is set, and then to what is under way."""
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
