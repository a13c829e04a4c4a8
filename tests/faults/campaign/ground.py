"""The stack that a campaign strikes: engine, database, workers and mail server as processes, disks that can be full."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bootstrap import office_of
from cli.stack.embedded import ENGINE_SETTINGS
from desk.office import Office
from domain.messages.people import Preferences
from domain.vocabulary import MailState, MailWhen, Role
from kit.crypto.signing import make_signing_key
from kit.settings import Settings
from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from models.preferences import set_preferences
from models.tables import mails
from tests.faults.campaign.post_office import counted
from tests.people import PEOPLE, address_of
from tests.support.accounts import open_accounts
from tests.support.servers import (
    MASTER_KEY,
    ROOT,
    VAULT_URL,
    Engine,
    Postgres,
    Process,
    RealWorker,
    listens,
    own_port,
    until,
)

QUEUE = "campaign"
PROGRAM = str(ROOT / "tests" / "faults" / "fast_worker.py")
TIME_CAN_BE_SKIPPED = "frontend.WorkflowTimeSkippingEnabled=true"
MB = 1024 * 1024

AT_ONCE = Preferences(when=MailWhen.IMMEDIATE, grace=0)
"""How everybody wants to be told: of each alert, by a mail of its own."""


class SmallDisk:
    """A folder on a file system of its own, which can be filled; where none may be mounted, an ordinary folder."""

    def __init__(self, folder: Path, mb: int) -> None:
        folder.mkdir()
        self.folder, self._filler = folder, folder / "filler"
        mount = ["mount", "-t", "tmpfs", "-o", f"size={mb}m,mode=0755", "aboutir-campaign", str(folder)]
        self.can_be_filled = os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0

    @contextmanager
    def full(self) -> Iterator[None]:
        try:
            with contextlib.suppress(OSError), self._filler.open("wb", buffering=0) as filler:
                for piece in (bytes(MB), bytes(4096)):
                    with contextlib.suppress(OSError):
                        while filler.write(piece):
                            pass
            yield
        finally:
            self._filler.unlink(missing_ok=True)

    def remove(self) -> None:
        if self.can_be_filled:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)


class MailServer(Process):
    """The mail server that counts."""

    def __init__(self, folder: Path) -> None:
        self.port, self.file = own_port(), folder / "mails.jsonl"
        program = [sys.executable, "-m", "tests.faults.campaign.post_office", str(self.port), str(self.file)]
        super().__init__(program, folder / "mail-server.log", os.environ | {"PYTHONPATH": str(ROOT)}, cwd=str(ROOT))

    def start(self) -> None:
        super().start()
        until(lambda: listens(self.port), "the mail server listens")


@dataclass
class Ground:
    """The processes of one campaign, and what is to be known of what befell them."""

    folder: Path
    day: float
    """Seconds that a day lasts."""
    engine: Engine
    server: Postgres | None
    """The server of the database; None for SQLite."""
    database: Database
    workers: list[RealWorker]
    mail_server: MailServer
    settings: Settings
    office: Office
    disk: SmallDisk
    files_disk: SmallDisk
    unnoted: set[str] = field(default_factory=set)
    """Mails that had arrived, as their sender had heard, when it was killed before it noted so."""
    deaths: int = 0
    """Workers that ended by themselves."""
    killed_uploads: int = 0
    killed: set[Process] = field(default_factory=set)
    """What was killed by the stroke that is under way."""

    @property
    def kind(self) -> str:
        return "postgresql" if self.server else "sqlite"

    def kill(self, *victims: Process) -> None:
        """kill -9, and what was lost with a worker is looked up while nobody goes on with it."""
        for victim in victims:
            victim.kill()
        self.killed |= {*victims}
        if any(isinstance(victim, RealWorker) for victim in victims):
            self._note_mails()

    def mend(self) -> None:
        """Starts again what is not there: the servers first, as a worker is ready when it reaches them."""
        self.deaths += sum(not worker.is_running and worker not in self.killed for worker in self.workers)
        self.killed.clear()
        for server in (self.server, self.engine, self.mail_server):
            if server is not None and not server.is_running:
                server.start()
        if self.server is not None:
            until(self.server.answers, "PostgreSQL answers", 60)
        dead = [worker for worker in self.workers if not worker.is_running]
        if dead:
            self._note_mails()
        for worker in dead:
            worker.start()
        for worker in self.workers:
            until(lambda worker=worker: worker.get("/readyz")[0] == 200, "the worker is ready", 120)

    def _note_mails(self) -> None:
        if self.server is not None:
            until(self.server.answers, "PostgreSQL answers", 60)
        arrived = set(counted(self.mail_server.file))
        with self.database.read() as tx:
            waiting = set(tx.execute(select(mails.c.id).where(mails.c.state == MailState.WAITING)).scalars())
        self.unnoted |= arrived & waiting


@contextmanager
def ground(folder: Path, kind: str, *, epoch: int, day: float, workers: int, files_mb: int) -> Iterator[Ground]:
    """A stack with accounts and without cases, of which nothing is left afterwards but what is in `folder`."""
    with ExitStack() as stack:
        disk, files_disk = SmallDisk(folder / "disk", 640), SmallDisk(folder / "files-disk", files_mb)
        stack.callback(disk.remove)
        stack.callback(files_disk.remove)
        server = None
        if kind == "postgresql":
            server = Postgres(folder, home=disk.folder)
            stack.callback(server.remove)
            server.start()
            server.run("create database campaign")
            server.run("alter system set max_wal_size = '128MB'")  # its log alone would fill the disk
            server.run("select pg_reload_conf()")
        url = server.url("campaign") if server else sqlite_url(disk.folder / "aboutir.db")
        database = Database(url)
        stack.callback(database.close)
        migrate(database)
        open_accounts(database)
        with database.write() as tx:
            for actor in (actor for actor in PEOPLE if actor.role is not Role.SYSTEM):
                wanted = AT_ONCE.model_copy(update={"address": address_of(actor)})
                set_preferences(tx, actor.account, wanted)
        engine, mail_server = Engine(folder, *ENGINE_SETTINGS, TIME_CAN_BE_SKIPPED), MailServer(folder)
        for process in (engine, mail_server):
            stack.callback(process.kill)
            process.start()
        shared = {
            "ABOUTIR_DATA": str(folder / "data"),
            "ABOUTIR_FILES": str(files_disk.folder / "files"),
            "ABOUTIR_MAIL_HOST": "127.0.0.1",
            "ABOUTIR_MAIL_PORT": str(mail_server.port),
            "ABOUTIR_MAIL_SECURITY": "none",
            "ABOUTIR_MAIL_SECONDS": "5",
            "ABOUTIR_MAIL_FROM": "aboutir@aboutir.test",
            "ABOUTIR_TEST_EPOCH": str(epoch),
            "ABOUTIR_TEST_DAY": str(day),
        }
        settings = Settings(
            database_url=url,
            vault_url=VAULT_URL,
            master_key_file=MASTER_KEY,
            temporal_address=engine.address,
            task_queue=QUEUE,
            data=folder / "data",
            files=shared["ABOUTIR_FILES"],
        )
        settings.data.mkdir()
        make_signing_key(settings.seal_key_file)
        at_work = [RealWorker(folder, engine.address, url, QUEUE, program=[PROGRAM], **shared) for _ in range(workers)]
        for worker in at_work:
            stack.callback(worker.kill)
            worker.start()
        yield Ground(
            folder, day, engine, server, database, at_work, mail_server, settings,
            office_of(settings, engine.address), disk, files_disk,
        )  # fmt: skip


def now() -> datetime:
    return datetime.now(UTC)


def pause(seconds: float) -> None:
    """An outage lasts: nothing is waited for."""
    time.sleep(seconds)
