"""The desk as a process: waits for its databases, answers until it is told to stop, then lets what is under way end."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

import uvicorn
from starlette.applications import Starlette

from counter.app import Counter
from counter.bearer import Resolvers
from counter.guard import GuardedProtocol
from counter.place import held_socket
from counter.serving import serve_until
from desk.office import Office, engine_client
from kit.process.health import HealthServer
from kit.process.logs import get_logger
from workers.pulse import is_right
from workers.schemas import book_is_migrated, keys_are_migrated
from workers.starting import Starting

log = get_logger("desk")

GRACE = 10
"""Seconds that what is under way has to end in."""
CONNECTIONS = 128
_HEADERS = 16 * 1024  # bytes
_KEEP_ALIVE = 15  # seconds


async def serve(office: Office, resolvers: Resolvers, stop: asyncio.Event) -> None:
    """Answers at the socket of the settings until `stop` is set.

    Raises Unready when the databases do not appear in time, WrongKeys when that of the keys is not the one of this
    book, and another StackError when the socket cannot be had.
    """
    settings = office.settings
    starting = Starting(stop, settings.starting_seconds)
    await starting.databases(office)
    counter, reaches = Counter(office, resolvers), _reaches(office)
    health = HealthServer(settings.http_host, settings.http_port, live=_turns(), ready=reaches, metrics_url=None)
    with held_socket(settings.desk_socket) as listening, _running(health):
        log.info("desk_started", port=health.port)
        await answer(counter.application(reaches), listening, stop)
    counter.close()
    log.info("desk_stopped")


async def answer(application: Starlette, listening: socket.socket, stop: asyncio.Event) -> None:
    """Answers at a socket until `stop` is set, and then to what is under way."""
    config = uvicorn.Config(
        application,
        http=GuardedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=_HEADERS,
    )
    await serve_until(config, listening, stop)


@contextlib.contextmanager
def _running(health: HealthServer) -> Iterator[None]:
    health.start()
    try:
        yield
    finally:
        health.stop()


def _reaches(office: Office) -> Callable[[], dict[str, bool | str]]:
    """Tells what the desk reaches, and if the keys are those of the book, or why they are not.

    Not to be called from its loop, which it waits for.
    """
    loop = asyncio.get_running_loop()

    async def engine() -> bool:
        client = await engine_client(office)
        return await client.service_client.check_health(timeout=timedelta(seconds=2))

    def engine_answers() -> bool:
        return asyncio.run_coroutine_threadsafe(engine(), loop).result(timeout=5)

    checks: Mapping[str, Callable[[], bool | str]] = {
        "database": lambda: book_is_migrated(office.database),
        "keys": lambda: keys_are_migrated(office.keys),
        "key_store": lambda: is_right(office.own_store),
        "engine": engine_answers,
    }
    return lambda: {name: _holds(check) for name, check in checks.items()}


def _holds(check: Callable[[], bool | str]) -> bool | str:
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever the reason, it does not answer
        return False


def _turns() -> Callable[[], bool]:
    """Tells whether the event loop turns. Asked from another thread, it waits for it a while."""
    loop = asyncio.get_running_loop()

    def turns() -> bool:
        turned = threading.Event()
        loop.call_soon_threadsafe(turned.set)
        return turned.wait(10)

    return turns
