"""The pages as a process: answers until it is told to stop, then lets what is under way end."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from kit.process.logs import get_logger
from web.app import application
from web.settings import PageSettings

log = get_logger("pages")
GRACE = 10
"""Seconds that what is under way has to end in."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to whoever runs the process."""
        yield


async def serve(settings: PageSettings, stop: asyncio.Event) -> None:
    """Answers at the port of the settings until `stop` is set. Raises OSError when it cannot be had."""
    listening = socket.create_server((settings.web_host, settings.web_port), backlog=128)
    server = _Server(
        uvicorn.Config(
            application(settings),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.forwarded_by,
            timeout_graceful_shutdown=GRACE,
        )
    )
    log.info("pages_started", port=listening.getsockname()[1])
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
    log.info("pages_stopped")
