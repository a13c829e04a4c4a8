"""The counter at a real socket, with tokens that name their account: in the tests' own process, or in its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from counter.app import Counter
from counter.bearer import Resolvers
from counter.calling import Calling
from counter.client.services import Desk
from counter.place import held_socket, is_ready
from counter.process import answer
from counter.rates import Rates
from desk.office import Office
from domain.errors import Refused
from domain.signin.bearer import Bearer, not_signed_in
from domain.vocabulary import Door
from kit.storage.database import Database
from tests.support.servers import MASTER_KEY, ROOT, VAULT_URL, Process, until

PREFIX = "token-of-"


def by_name(office: Office, token: str) -> Bearer:
    """Resolves a token that names its account: as the account stands in the database now."""
    if not token.startswith(PREFIX):
        raise not_signed_in()
    try:
        actor = office.actor(token.removeprefix(PREFIX))
    except Refused:
        raise not_signed_in() from None
    return Bearer(door=Door.SESSION, actor=actor, until=datetime.max.replace(tzinfo=UTC))


BY_NAME = Resolvers(by_name, by_name)


def token_of(account: str) -> str:
    return PREFIX + account


@asynccontextmanager
async def served(
    office: Office,
    folder: Path,
    rates: Rates | None = None,
    calling: Calling | None = None,
    resolvers: Resolvers = BY_NAME,
) -> AsyncIterator[Path]:
    """Serves an office at a socket in the folder; gives its path."""
    counter, stop, place = Counter(office, resolvers, rates, calling), asyncio.Event(), folder / "d" / "s"
    with held_socket(place) as listening:
        serving = asyncio.create_task(answer(counter.application(dict), listening, stop))
        try:
            yield place
        finally:
            stop.set()
            await serving
            counter.close()


def desk_of(place: Path, account: str, language: str = "fr") -> Desk:
    """A client that asks in the name of an account."""
    return Desk(place, token_of(account), language=language, pause=0.01)


class DeskProcess(Process):
    """The desk as a process of its own, as `serve.py` runs it, but for who resolves tokens."""

    def __init__(self, database: Database, folder: Path, engine: str, queue: str, **settings: str) -> None:
        self.place = folder / "run" / "desk.sock"
        env = os.environ | {
            "ABOUTIR_DATABASE_URL": database.url.render_as_string(hide_password=False),
            "ABOUTIR_VAULT_URL": VAULT_URL,
            "ABOUTIR_MASTER_KEY_FILE": str(MASTER_KEY),
            "ABOUTIR_TEMPORAL_ADDRESS": engine,
            "ABOUTIR_TASK_QUEUE": queue,
            "ABOUTIR_DESK_SOCKET": str(self.place),
            "ABOUTIR_HTTP_PORT": "0",
            "ABOUTIR_DATA": str(folder),
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        super().__init__([sys.executable, "-m", "tests.counter.serving"], folder / "desk.log", env, cwd=ROOT)

    def start(self) -> None:
        super().start()
        until(lambda: is_ready(self.place) or not self.is_running, "the desk is ready", 60)


if __name__ == "__main__":
    from serve import main

    asyncio.run(main(BY_NAME))
