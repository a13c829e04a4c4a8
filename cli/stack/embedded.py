"""The embedded stack: engine, worker and desk as supervised children, two SQLite files, in one folder."""

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from temporalio.service import RPCError

from cli.say import Usage
from cli.stack.contents import ENGINE_FILE, OUTBOX, Contents, book_missing, check_folder, contents, keys_missing
from cli.stack.place import in_folder
from counter.place import LONGEST, is_ready
from desk.office import asking_the_book
from domain.actors import Actor
from domain.messages.people import Preferences
from kit.crypto.signing import make_signing_key
from kit.crypto.vault import KeyFile
from kit.engine.temporal import add_search_attributes, connect, keep_histories
from kit.errors import StackError
from kit.process.children import Child, Supervisor
from kit.process.ports import held_port, is_listening
from kit.settings import Settings
from kit.storage.database import Database
from kit.storage.folder import DataFolder
from models.accounts import add_account, all_accounts
from models.key_stores import OwnStore
from models.keys import CaseKeys, asking, keys_of, vault_of
from models.migrate import VAULT, current_revision, migrate
from models.preferences import set_preferences
from workflows import attributes, schedules

T = TypeVar("T")
Lacks = Literal["book", "engine"] | None

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = "127.0.0.1"

STARTER_ACCOUNTS = tuple(
    Actor.model_validate({"account": account, "role": role, "organisation": organisation, "metropolis": metropolis})
    for account, role, organisation, metropolis in (
        ("accueil", "CASE_WORKER", "acces-droit-mel", "MEL"),
        ("juriste", "CASE_WORKER", "acces-droit-mel", "MEL"),
        ("superviseur", "SUPERVISOR", "metropole-mel", "MEL"),
        ("superviseur-bis", "SUPERVISOR", "metropole-mel", "MEL"),
        ("pilote", "PLAN_LEAD", "metropole-mel", "MEL"),
        ("logement-pour-tous", "PARTNER", "logement-pour-tous", "MEL"),
        ("accueil-amp", "CASE_WORKER", "acces-droit-amp", "AMP"),
        ("superviseur-amp", "SUPERVISOR", "metropole-amp", "AMP"),
        ("auditeur", "AUDITOR", "audit", None),
    )
)
"""The accounts of a new folder, to begin with: for each role but the complainant's. Nobody has their addresses
(RFC 2606)."""


ENGINE_SETTINGS = (
    # A case under discussion may get many commands at once; ten, the default, turns people away.
    "history.maxInFlightUpdates=100",
    # The engine answers HTTP too, on a port of its own choosing, to whatever page a browser of this machine has open.
    # It cannot be told not to; with no host that it may be called by, it refuses every request.
    "frontend.httpAllowedHosts=[]",
)
"""Settings of the engine that differ from its own."""


class Stopped(Exception):
    """Somebody asked the stack to stop before it was done with something."""


class NoEngine(StackError):
    """The engine's program is not installed."""

    code = "no_engine"
    message = "The program of the engine (temporal) is not installed."
    remedy = "Set the project up again: make setup."


class Running:
    """A stack that is up."""

    def __init__(
        self, settings: Settings, database: Database, keys: CaseKeys, folder: Path, lacks: Lacks = None
    ) -> None:
        self.settings, self.database, self.keys, self.folder = settings, database, keys, folder
        self.lacks = lacks
        """The store that was recreated empty although the other has cases."""

    @property
    def http(self) -> str:
        """Where the worker answers /livez, /readyz and /metrics."""
        return f"http://{LOOPBACK}:{self.settings.http_port}"


@asynccontextmanager
async def embedded(
    data: Path,
    port: int,
    temporal_port: int,
    tell: Callable[[str, str], None],
    stop: asyncio.Event,
    *,
    skips_time: bool = False,
    new_book: bool = False,
    web_port: int | None = None,
) -> AsyncIterator[Running]:
    """Starts the stack in `data` and keeps it up until the block ends; `stop` is set when it must end.

    A port of 0 stands for any free one; with no `web_port` there are no pages. With `skips_time`, the clock of a single
    case can be put forward: that is for demonstrations. With `new_book`, a book that is missing is started anew. Raises
    StackError when a port is taken, the folder is in use by another stack, or a child does not become ready, and Away
    when a part of the folder is missing or damaged; everything that was started is stopped then.
    """
    check_folder(data)
    os.umask(0o077)  # what is made from here on, by the children too, is its owner's alone, whatever folder it lies in
    folder = DataFolder(data)
    folder.check_free()  # before the ports: they are taken by the same stack, and another port would not help
    # Held for as long as the stack is up: between two lives of a child, its port is soon somebody else's.
    with (
        held_port(port, "--port") as port,
        held_port(temporal_port, "--temporal-port") as temporal_port,
        _held_unless_none(web_port) as web_port,
        folder.lock(),
    ):
        settings = Settings(
            **in_folder(folder.path),
            temporal_address=f"{LOOPBACK}:{temporal_port}",
            temporal_namespace="default",
            http_port=port,
            desk_socket=_socket_in(folder.path),
            **_address_of_pages(web_port),
        )
        database = Database(settings.database_url)
        there = contents(folder.path)
        keys, lacks = await asyncio.to_thread(_prepare, database, settings, there, new_book)
        (folder.path / "logs").mkdir(mode=0o700, exist_ok=True)
        children = [
            _engine(settings, keys, folder.path, skips_time),
            _worker(settings, folder.path),
            _desk(settings, folder.path),
        ]
        if web_port is not None:
            children.append(_pages(settings, folder.path, web_port))
        supervisor = Supervisor(children, tell)
        await or_stopped(supervisor.start(), stop)
        folder.write_stack(
            {
                "temporal": settings.temporal_address,
                "http": settings.http_port,
                "desk": str(settings.desk_socket),
                "web": settings.public_url,
                "pid": os.getpid(),
            }
        )
        watching = asyncio.create_task(supervisor.run_until(stop))
        try:
            yield Running(settings, database, keys, folder.path, lacks)
        finally:
            stop.set()
            await watching
            keys.close()
            database.close()


def _prepare(database: Database, settings: Settings, there: Contents, new_book: bool) -> tuple[CaseKeys, Lacks]:
    """The keys of the folder, with its databases as this version needs them; and which record is to be refilled."""
    keys = _keys(settings, there)
    with asking_the_book():
        has_book = there.book and current_revision(database) is not None
        knows_cases = there.engine or bool(keys.living())
        _require_no_loss(settings.data, has_book=has_book, knows_cases=knows_cases, new_book=new_book)
        migrate(database)
        OwnStore(database, keys).adopt()
        make_signing_key(settings.seal_key_file)
        _add_starter_accounts(database)
    if not knows_cases:
        return keys, None
    return keys, "book" if not has_book else None if there.engine else "engine"


def _require_no_loss(folder: Path, *, has_book: bool, knows_cases: bool, new_book: bool) -> None:
    """Refuses to start a new book where there is one, or in silence where there was one."""
    if has_book and new_book:
        raise Usage(
            "book_there",
            "There is a book in the folder {folder}.",
            "Leave --new-book out: it is for a folder whose book is lost for good.",
            field="new_book",
            folder=str(folder),
        )
    if not has_book and knows_cases and not new_book:
        raise book_missing(folder, at_start=True)


def _add_starter_accounts(database: Database) -> None:
    with database.write() as tx:
        if not all_accounts(tx):
            for actor in STARTER_ACCOUNTS:
                add_account(tx, actor)
                set_preferences(tx, actor.account, Preferences(address=f"{actor.account}@aboutir.test"))


def _keys(settings: Settings, there: Contents) -> CaseKeys:
    """The keys of the folder. They and the master key are made with the first stack, and never a second time."""
    store = vault_of(settings)
    with contextlib.closing(store), asking():
        if not there.keys or VAULT.current(store) is None:
            if there.book or there.engine:
                raise keys_missing(settings.data)
            if settings.master_key_file is not None:
                KeyFile.made_if_missing(settings.master_key_file)
        VAULT.migrate(store)
        Path(store.url.database or "").chmod(0o600)
    keys = keys_of(settings)
    keys.check()
    return keys


def _engine(settings: Settings, keys: CaseKeys, folder: Path, skips_time: bool) -> Child:
    program = shutil.which("temporal", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        raise NoEngine
    _, port = settings.temporal_address.rsplit(":", 1)
    options = {
        "--ip": LOOPBACK,
        "--port": port,
        # Named from within the folder. The engine's driver reads a path as a URI (?, #, %), the engine itself does not:
        # neither a whole path nor an escaped one is right for both.
        "--db-filename": ENGINE_FILE,
        "--log-format": "json",
        "--log-level": "warn",
    }
    argv = [
        str(Path(program).absolute()),
        "server",
        "start-dev",
        "--headless",
        *(word for option in options.items() for word in option),
    ]
    # An acknowledged step survives a power cut; measured two to three times as fast as without the write-ahead log.
    for pragma in ("journal_mode=WAL", "synchronous=2"):
        argv += ["--sqlite-pragma", pragma]
    for setting in ENGINE_SETTINGS:
        argv += ["--dynamic-config-value", setting]
    if skips_time:
        argv += ["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"]

    async def ready() -> bool:
        with contextlib.suppress(RuntimeError, RPCError):
            client = await connect(settings, keys)
            await keep_histories(client, settings.retention_days)
            await add_search_attributes(client, attributes.ALL)
            await schedules.ensure(client, settings.task_queue)
            return True
        return False

    return Child("engine", argv, dict(os.environ), folder / "logs" / "engine.log", ready, cwd=folder)


@contextlib.contextmanager
def _held_unless_none(port: int | None) -> Iterator[int | None]:
    """The port of the pages, held as the others are; None where there are none."""
    if port is None:
        yield None
        return
    with held_port(port, "--web-port") as held:
        yield held


def _address_of_pages(port: int | None) -> dict[str, Any]:
    """The settings that say where the pages are. On localhost, and not by its number: a passkey needs a name."""
    return {} if port is None else {"public_url": f"http://localhost:{port}", "sign_in_links": True}


def _pages(settings: Settings, folder: Path, port: int) -> Child:
    # Nothing but what they need: no key, no database, no engine.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ABOUTIR_")}
    environment = kept | {
        "ABOUTIR_DESK_SOCKET": str(settings.desk_socket),
        "ABOUTIR_PUBLIC_URL": settings.public_url,
        "ABOUTIR_WEB_HOST": LOOPBACK,
        "ABOUTIR_WEB_PORT": str(port),
    }

    async def ready() -> bool:
        return await asyncio.to_thread(is_listening, LOOPBACK, port)

    argv = [sys.executable, str(ROOT / "pages.py")]
    return Child("web pages", argv, environment, folder / "logs" / "pages.log", ready, stop_timeout=20)


def _socket_in(folder: Path) -> Path:
    """The socket of the desk: in the folder or, where that makes its path too long for one, among temporary files."""
    inside = folder / "run" / "desk.sock"
    if len(os.fsencode(inside)) <= LONGEST:
        return inside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"aboutir-{name}" / "desk.sock"


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    """What the worker and the desk have in common."""
    return os.environ | {
        "ABOUTIR_DATABASE_URL": settings.database_url,
        "ABOUTIR_VAULT_URL": settings.vault_url,
        "ABOUTIR_MASTER_KEY_FILE": str(settings.master_key_file),
        "ABOUTIR_TEMPORAL_ADDRESS": settings.temporal_address,
        "ABOUTIR_TEMPORAL_NAMESPACE": settings.temporal_namespace,
        "ABOUTIR_TASK_QUEUE": settings.task_queue,
        "ABOUTIR_DATA": str(folder),
        "ABOUTIR_HTTP_HOST": LOOPBACK,
    }


def _desk(settings: Settings, folder: Path) -> Child:
    environment = _environment(settings, folder) | {
        "ABOUTIR_DESK_SOCKET": str(settings.desk_socket),
        "ABOUTIR_HTTP_PORT": "0",  # nobody asks it there: the socket itself tells how it is
        "ABOUTIR_PUBLIC_URL": settings.public_url,
        "ABOUTIR_SIGN_IN_LINKS": str(settings.sign_in_links),
    }

    async def ready() -> bool:
        return await asyncio.to_thread(is_ready, settings.desk_socket)

    argv = [sys.executable, str(ROOT / "serve.py")]
    return Child("desk", argv, environment, folder / "logs" / "desk.log", ready, stop_timeout=20)


def _worker(settings: Settings, folder: Path) -> Child:
    environment = _environment(settings, folder) | {
        "ABOUTIR_HTTP_PORT": str(settings.http_port),
        "ABOUTIR_MAIL_OUTBOX": str(folder / OUTBOX),
    }
    ask = f"http://{LOOPBACK}:{settings.http_port}/readyz"

    async def ready() -> bool:
        return await asyncio.to_thread(_answers, ask)

    argv = [sys.executable, str(ROOT / "worker.py")]
    # The stop signal gives what is under way its time; see workers.build.GRACE.
    return Child("worker", argv, environment, folder / "logs" / "worker.log", ready, stop_timeout=20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own worker, on the loopback
            return bool(answer.status == 200 and all(check is True for check in json.load(answer).values()))
    except (urllib.error.URLError, OSError, ValueError):
        return False


async def or_stopped(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T:
    """Waits for some work and gives its result. When `stop` is set before it ends, cancels it and raises Stopped."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait({working})
        raise Stopped
    return working.result()


def stop_on_signals() -> asyncio.Event:
    """An event that Ctrl-C, SIGTERM or the end of the terminal sets; the last not under nohup, which asks for that."""
    stop = asyncio.Event()
    names = {signal.SIGINT, signal.SIGTERM}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        names.add(signal.SIGHUP)
    for name in names:
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop
