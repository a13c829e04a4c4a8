"""What befalls the stack. Each stroke is made, lasts, and ends before the next; commands go on all the while."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import psycopg
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from models import cases
from tests.faults.campaign.files import place_for_a_file
from tests.faults.campaign.ground import Ground, pause
from tests.support.outages import locked
from tests.support.servers import KEYS, ROOT, Postgres, Process, until

Strike = Callable[[Ground, Random], None]


@dataclass(frozen=True)
class Stroke:
    """A kind of stroke."""

    kind: str
    strike: Strike
    only_on: str | None = None
    needs_small_disk: bool = False

    def is_possible(self, ground: Ground) -> bool:
        if self.needs_small_disk and not ground.disk.can_be_filled:
            return False
        return self.only_on in (None, ground.kind)


STROKES: list[Stroke] = []


def stroke(kind: str, only_on: str | None = None, *, needs_small_disk: bool = False) -> Callable[[Strike], Strike]:
    def register(strike: Strike) -> Strike:
        STROKES.append(Stroke(kind, strike, only_on, needs_small_disk))
        return strike

    return register


def planned(ground: Ground, count: int, dice: Random, only: str = "") -> list[Stroke]:
    """So many strokes: every kind as often as the others, in an order that the dice give; or all of one kind."""
    possible = [stroke for stroke in STROKES if stroke.is_possible(ground) and only in stroke.kind]
    rounds = [dice.sample(possible, len(possible)) for _ in range(count // len(possible) + 1)]
    return [stroke for each in rounds for stroke in each][:count]


# --- kill -9 ---------------------------------------------------------------------------------------------


@stroke("a worker killed")
def a_worker_killed(ground: Ground, dice: Random) -> None:
    ground.kill(dice.choice(ground.workers))
    pause(dice.uniform(0, 1))


@stroke("the engine killed")
def the_engine_killed(ground: Ground, dice: Random) -> None:
    ground.kill(ground.engine)
    pause(dice.uniform(0, 2))


@stroke("every worker and the engine killed", "sqlite")
def everything_killed(ground: Ground, dice: Random) -> None:
    ground.kill(*ground.workers, ground.engine)
    pause(dice.uniform(0, 2))


@stroke("PostgreSQL killed", "postgresql")
def the_database_killed(ground: Ground, dice: Random) -> None:
    ground.kill(_server(ground))
    pause(dice.uniform(0, 3))


@stroke("the mail server killed")
def the_mail_server_killed(ground: Ground, dice: Random) -> None:
    ground.kill(ground.mail_server)
    pause(dice.uniform(1, 3))


# --- SIGSTOP ---------------------------------------------------------------------------------------------


@stroke("a worker frozen")
def a_worker_frozen(ground: Ground, dice: Random) -> None:
    with _frozen(dice.choice(ground.workers)):
        pause(dice.uniform(2, 6))


@stroke("the engine frozen")
def the_engine_frozen(ground: Ground, dice: Random) -> None:
    with _frozen(ground.engine):
        pause(dice.uniform(2, 6))


@stroke("PostgreSQL frozen", "postgresql")
def the_database_frozen(ground: Ground, dice: Random) -> None:
    server = _server(ground)
    server.freeze()
    try:
        pause(dice.uniform(2, 6))
    finally:
        server.thaw()


@contextmanager
def _frozen(process: Process) -> Iterator[None]:
    process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.signal(signal.SIGCONT)


# --- The database ----------------------------------------------------------------------------------------


@stroke("the database locked")
def the_database_locked(ground: Ground, dice: Random) -> None:
    if ground.server is None:
        with locked(ground.database):
            pause(dice.uniform(2, 8))
        return
    with psycopg.connect(_dsn(ground)) as connection:
        connection.execute("lock table book in access exclusive mode")
        pause(dice.uniform(2, 8))


@stroke("the database's disk full", needs_small_disk=True)
def the_disk_full(ground: Ground, dice: Random) -> None:
    with ground.disk.full():
        pause(dice.uniform(2, 5))


@stroke("the database read-only", "postgresql")
def the_database_read_only(ground: Ground, dice: Random) -> None:
    server = _server(ground)
    try:
        server.run("alter database campaign set default_transaction_read_only = on")
        _cut(server)
        pause(dice.uniform(2, 5))
    finally:
        server.run("alter database campaign set default_transaction_read_only = off")
        _cut(server)  # who connected meanwhile would only read for as long as it is connected


@stroke("every connection to the database cut", "postgresql")
def the_connections_cut(ground: Ground, dice: Random) -> None:
    for _ in range(dice.randint(1, 4)):
        _cut(_server(ground))
        pause(0.3)


def _cut(server: Postgres) -> None:
    server.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'campaign'")


def _server(ground: Ground) -> Postgres:
    assert ground.server is not None
    return ground.server


def _dsn(ground: Ground) -> str:
    return f"host=127.0.0.1 port={_server(ground).port} user=aboutir dbname=campaign"


# --- What stands beside it -------------------------------------------------------------------------------


@stroke("the disk of the files full", needs_small_disk=True)
def the_disk_of_the_files_full(ground: Ground, dice: Random) -> None:
    with ground.files_disk.full():
        pause(dice.uniform(2, 5))


@stroke("an upload killed")
def an_upload_killed(ground: Ground, dice: Random) -> None:
    """Half of its bytes are in the store, and nobody is to take them for a file."""
    found = next(found for _ in range(200) if (found := place_for_a_file(ground.database, dice)))
    reference, who, piece = found
    under_way = ground.folder / "under-way"
    words = (reference, who.account, piece, str(under_way))
    program = [sys.executable, "-m", "tests.faults.campaign.uploader", *words]
    upload = Process(program, ground.folder / "upload.log", ground.workers[0].environment, cwd=str(ROOT))
    upload.start()
    try:
        until(lambda: under_way.exists() or not upload.is_running, "bytes are written", 60)
        assert upload.is_running, upload.output
        ground.killed_uploads += 1
        pause(dice.uniform(0, 0.5))
    finally:
        upload.kill()
        under_way.unlink(missing_ok=True)


@stroke("the mail server hangs up without a word")
def the_mail_server_hangs_up(ground: Ground, dice: Random) -> None:
    ground.mail_server.signal(signal.SIGUSR1)
    pause(dice.uniform(1, 2))


@stroke("the key store away")
def the_key_store_away(ground: Ground, dice: Random) -> None:
    """Somebody holds it, and a worker that remembers no key is started meanwhile."""
    worker = dice.choice(ground.workers)
    with locked(KEYS.store):
        ground.kill(worker)
        Process.start(worker)
        pause(dice.uniform(2, 6))


@stroke("the clock of a case put forward")
def a_clock_put_forward(ground: Ground, dice: Random) -> None:
    """By the engine itself: what was to happen within weeks or months happens now."""
    with ground.database.read() as tx:
        reference = dice.choice(list(cases.open_references(tx)))
    days = dice.choice((20, 60, 200))

    async def forward() -> None:
        client = await ground.engine.client()
        skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        with contextlib.suppress(TimeoutError, RPCError, RuntimeError):
            async with asyncio.timeout(20):
                await skipper.fast_forward(client.get_workflow_handle(reference), timedelta(seconds=days * ground.day))

    asyncio.run(forward())


def strike(each: Stroke, ground: Ground, dice: Random) -> None:
    """Makes one stroke, and has everything there again afterwards."""
    each.strike(ground, dice)
    ground.mend()
