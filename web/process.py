"""The pages as a process: answers until it is told to stop, then lets what is under way end."""

import asyncio
import socket

import uvicorn

from counter.serving import serve_until
from kit.process.logs import get_logger
from web.app import application
from web.settings import PageSettings

log = get_logger("pages")
GRACE = 10
"""Seconds that what is under way has to end in."""


async def serve(settings: PageSettings, stop: asyncio.Event) -> None:
    """Answers at the port of the settings until `stop` is set. Raises OSError when it cannot be had."""
    listening = socket.create_server((settings.web_host, settings.web_port), backlog=128)
    config = uvicorn.Config(
        application(settings),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.forwarded_by,
        timeout_graceful_shutdown=GRACE,
    )
    log.info("pages_started", port=listening.getsockname()[1])
    await serve_until(config, listening, stop)
    log.info("pages_stopped")
