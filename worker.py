"""The worker: runs workflows and activities until told to stop. `python worker.py`, settings from the environment."""

import asyncio
import contextlib
import gc
import signal
import sys
import time
import warnings
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import NoReturn, TypeVar

import uvloop
from pydantic import SecretStr
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.archive import Archive
from activities.book import Book
from activities.calendar import french_calendar
from activities.care import Scanning, scanner_of
from activities.erasure import Eraser, erase_again
from activities.evidence import EvidenceCare
from activities.post import Post, PostOptions
from activities.review import Review
from activities.seal import Seal
from activities.sweep import ANSWER, Sweeper
from activities.witness_mail import WitnessMail
from kit.crypto.signing import signing_key
from kit.crypto.timestamp import Authority
from kit.crypto.witness import FolderWitness, Witness
from kit.engine.temporal import IDENTITY, connect, runtime_with_metrics
from kit.errors import StackError
from kit.mail.mailbox import Mailbox, Nowhere, mailbox_of
from kit.process.health import HealthServer
from kit.process.imports import collect_less
from kit.process.leave import leave
from kit.process.logs import configure, get_logger
from kit.process.ports import held_port
from kit.settings import Settings
from kit.storage.archive import FolderArchive
from kit.storage.database import Database
from models.evidence import evidence_of
from models.keys import CaseKeys, keys_of
from models.migrate import BOOK, VAULT
from workflows.cases import CaseClient
from workflows.complaint import ComplaintWorkflow
from workflows.digest import DigestRound
from workflows.erasure import Erasure
from workflows.evidence import ScanFiles, SweepStore
from workflows.histories import KeepHistories
from workflows.queues import MAIL, UPKEEP
from workflows.rollout import PolicyRollout
from workflows.seal import SealBook
from workflows.sweep import NightlySweep

log = get_logger("worker")

T = TypeVar("T")

SAFE_KEYS = frozenset(
    {
        *("reference", "workflow_id", "command", "version", "account", "port", "task_queue", "mail", "state", "why"),
        *("kind", "cases", "workflows", "found", "repaired", "overdue", "size"),
        *("clean", "infected", "not_scanned", "failed", "seen", "deleted", "spared"),
    }
)
"""What a log line may say beside its event. Everything else is withheld: no personal data in any log."""

GRACE = timedelta(seconds=10)
"""How long what is under way may take to end when the worker is told to stop."""


HANDOVER = timedelta(seconds=3)
"""How long a case waits for the worker that has it in memory before another may take it, when that one has died."""


WAITING = 16
"""How many activities may wait for a case at the same time, and how many for a mail server."""

SLACK = timedelta(seconds=30)
"""How much longer than the mail server may take a mail is held by whoever sends it."""


class Stopped(Exception):
    """The worker was told to stop before it had begun."""


class Unready(StackError):
    """The worker cannot begin: something it needs is not there."""

    code = "unready"
    message = "{what} is not ready."
    remedy = "{how}"


def build_worker(
    client: Client,
    task_queue: str,
    book: Book,
    threads: ThreadPoolExecutor,
    runner: WorkflowRunner | None = None,
) -> Worker:
    """The one definition of what runs, for production, tests and benchmarks alike.

    Workflows run unsandboxed in production, where it is quicker; the tests run them sandboxed, which is where
    impurity is caught. Mails and slow work have workers of their own, below.
    """
    review, eraser = Review(book.database, client), Eraser(book.database, book.keys, client)
    desk = CaseClient(client, task_queue, book.keys.mint, patience=ANSWER)
    sweeper = Sweeper(book.database, book.keys, book.calendar, client, desk.take_up)
    with warnings.catch_warnings():
        # It would have a thread for each activity: those that wait for a case need none, and must not keep the book
        # from being written.
        warnings.simplefilter("ignore")
        return Worker(
            client,
            identity=IDENTITY,
            task_queue=task_queue,
            workflows=[
                *(ComplaintWorkflow, PolicyRollout, DigestRound, NightlySweep, Erasure),
                *(SealBook, KeepHistories, ScanFiles, SweepStore),
            ],
            activities=[
                *(book.commit, review.cases_to_review, review.review_cases, eraser.destroy_key),
                *(sweeper.begin_sweep, sweeper.sweep_book, sweeper.sweep_engine, sweeper.end_sweep),
            ],
            activity_executor=threads,
            max_concurrent_activities=threads._max_workers + WAITING,
            # By default one poller takes all openings: with twenty at once, the last waited three times as long.
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
            # Nothing is kept outside the histories: looking for it one payload at a time spares two tasks for each.
            max_workflow_task_external_storage_concurrency=1,
            workflow_runner=runner or UnsandboxedWorkflowRunner(),
            graceful_shutdown_timeout=GRACE,
            sticky_queue_schedule_to_start_timeout=HANDOVER,
        )


def build_mailer(
    client: Client,
    task_queue: str,
    book: Book,
    threads: ThreadPoolExecutor,
    mailbox: Mailbox | None = None,
    options: PostOptions | None = None,
) -> Worker:
    """What mails, on a queue of its own: a mail server that is slow holds up no command. Without a mailbox, mails wait.

    `threads` are those of the cases: SQLite has one writer at a time.
    """
    post = Post(book.database, book.keys, mailbox or Nowhere(), book.calendar, options or PostOptions(), threads)
    return Worker(
        client,
        identity=IDENTITY,
        task_queue=task_queue + MAIL,
        activities=[post.deliver_notice, post.forgotten_notices, post.digests_due, post.deliver_digest],
        max_concurrent_activities=WAITING,
        graceful_shutdown_timeout=GRACE,
    )


def build_upkeep(
    client: Client,
    task_queue: str,
    seal: Seal,
    mails: WitnessMail,
    archive: Archive,
    care: EvidenceCare,
    threads: ThreadPoolExecutor,
) -> Worker:
    """What runs beside the cases: slow work, on a queue and threads of its own: no command ever waits for it."""
    return Worker(
        client,
        identity=IDENTITY,
        task_queue=task_queue + UPKEEP,
        activities=[
            seal.seal,
            seal.send_checkpoint,
            mails.mail_checkpoint,
            seal.stamp_checkpoint,
            archive.keep_history,
            archive.keep_histories,
            care.scan_files,
            care.sweep_store,
        ],
        activity_executor=threads,
        max_concurrent_activities=threads._max_workers,
        graceful_shutdown_timeout=GRACE,
    )


def upkeep_threads() -> ThreadPoolExecutor:
    """A few: one thing at a time may well be waiting for somebody outside."""
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="upkeep")


def sealing(settings: Settings, database: Database, keys: CaseKeys) -> Seal:
    """Who seals here, with which key, before which witnesses."""
    witnesses: list[Witness] = [FolderWitness(settings.witness_folder)] if settings.witness_folder else []
    authority = None
    if settings.tsa_url and settings.tsa_certificates:
        authority = Authority(settings.tsa_url, settings.tsa_certificates)
    key = signing_key(settings.seal_key, settings.seal_key_file)
    return Seal(database, keys, settings.seal_origin, key, witnesses, authority)


def witness_mail(settings: Settings, database: Database, keys: CaseKeys, mailbox: Mailbox) -> WitnessMail:
    """Who is mailed checkpoints, and how often."""
    addresses = [address.strip() for address in settings.witness_mail.split(",") if address.strip()]
    every = timedelta(hours=settings.witness_mail_hours)
    return WitnessMail(database, keys, mailbox, settings.seal_origin, addresses, every)


def evidence_care(settings: Settings, database: Database, keys: CaseKeys, client: Client) -> EvidenceCare:
    """Who looks after the evidence files, with which scanner."""
    evidence, scanner = evidence_of(settings, keys), scanner_of(settings)
    scanning = None
    if scanner is not None:
        desk = CaseClient(client, settings.task_queue, keys.mint)
        scanning = Scanning(scanner, evidence, keys, database.read, desk.submit)
    return EvidenceCare(database.read, evidence.store, scanning)


def commit_threads(database: Database) -> ThreadPoolExecutor:
    """One thread for SQLite, which has one writer at a time and makes the others poll; several for PostgreSQL."""
    return ThreadPoolExecutor(max_workers=1 if database.is_sqlite else 8, thread_name_prefix="commit")


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Works until `stop` is set. Raises Unready when the database or the engine does not appear in time."""
    database = Database(settings.database_url, _secret(settings.database_password))
    with held_port() as port:
        metrics = f"127.0.0.1:{port}"
        runtime = runtime_with_metrics(metrics)
    appears = partial(_until, stop=stop, seconds=settings.starting_seconds)
    await appears(
        lambda: asyncio.to_thread(_schema_is_right, database),
        what="The database",
        how="Check ABOUTIR_DATABASE_URL, and run: starter.py migrate.",
    )
    keys = keys_of(settings)
    await appears(
        lambda: asyncio.to_thread(_vault_is_right, keys),
        what="The database of the keys",
        how="Check ABOUTIR_VAULT_URL, and run: starter.py migrate.",
    )
    await asyncio.to_thread(keys.check)
    await asyncio.to_thread(erase_again, database, keys)
    client = await appears(
        lambda: connect(settings, keys, runtime, strict=True), what="The engine", how="Check ABOUTIR_TEMPORAL_ADDRESS."
    )

    book = Book(database, keys, french_calendar())
    seal, mailbox = sealing(settings, database, keys), mailbox_of(settings)
    with commit_threads(database) as threads, upkeep_threads() as more_threads:
        worker = build_worker(client, settings.task_queue, book, threads)
        options = PostOptions(
            public_url=settings.public_url,
            give_up=timedelta(days=settings.mail_days),
            lease=timedelta(seconds=settings.mail_seconds) + SLACK,
        )
        mailer = build_mailer(client, settings.task_queue, book, threads, mailbox, options)
        archive = Archive(database, client, FolderArchive(settings.histories), keys)
        told = witness_mail(settings, database, keys, mailbox)
        care = evidence_care(settings, database, keys, client)
        upkeep = build_upkeep(client, settings.task_queue, seal, told, archive, care, more_threads)
        pulse = Pulse(client, database, keys)
        health = HealthServer(
            settings.http_host,
            settings.http_port,
            live=pulse.is_beating,
            ready=lambda: {
                "worker": worker.is_running and mailer.is_running and upkeep.is_running,
                **pulse.reaches(),
            },
            metrics_url=f"http://{metrics}/metrics",
        )
        health.start()
        beating = asyncio.create_task(pulse.beat())
        try:
            async with worker, mailer, upkeep:
                log.info("worker_started", task_queue=settings.task_queue, port=health.port)
                _collect_less()
                await stop.wait()
                log.info("worker_stopping")
                # All at once: one after the other they would take thrice the time that whoever stops us gives.
                await asyncio.gather(*(one.shutdown() for one in (worker, mailer, upkeep)))
        finally:
            beating.cancel()
            health.stop()
            keys.close()
            database.close()
    log.info("worker_stopped")


def _collect_less() -> None:
    """Spares the collector what was loaded at the start and lives to the end, and has it look at the rest less often.

    Cases in memory are long-lived too: looking through all of them again and again finds nothing.
    """
    gc.collect()
    gc.freeze()
    collect_less()


class Pulse:
    """Whether this process is alive (its event loop turns) and ready (it reaches the engine and the database)."""

    def __init__(self, client: Client, database: Database, keys: CaseKeys) -> None:
        self._client, self._database, self._keys = client, database, keys
        self._loop = asyncio.get_running_loop()
        self._last_beat = time.monotonic()

    async def beat(self) -> None:
        """Beats once a second, for as long as the event loop turns."""
        while True:
            self._last_beat = time.monotonic()
            await asyncio.sleep(1)

    def is_beating(self) -> bool:
        """Whether the event loop has turned in the last 30 seconds."""
        return time.monotonic() - self._last_beat < 30

    def reaches(self) -> dict[str, bool]:
        """Asked from a thread of the health server: does the engine answer, do the databases?"""
        return {
            "engine": self._engine_answers(),
            "database": _is_so(_schema_is_right, self._database),
            "keys": _is_so(_vault_is_right, self._keys),
        }

    def _engine_answers(self) -> bool:
        check = self._client.service_client.check_health(timeout=timedelta(seconds=2))
        try:
            return asyncio.run_coroutine_threadsafe(check, self._loop).result(timeout=3)
        except Exception:  # noqa: BLE001 - whatever the reason, it does not answer
            return False


def _is_so(check: Callable[[T], bool], of: T) -> bool:
    try:
        return check(of)
    except Exception:  # noqa: BLE001 - the same
        return False


def _schema_is_right(database: Database) -> bool:
    return BOOK.current(database) == BOOK.wanted()


def _vault_is_right(keys: CaseKeys) -> bool:
    return VAULT.current(keys.store) == VAULT.wanted()


async def _until(attempt: Callable[[], Awaitable[T]], *, what: str, how: str, stop: asyncio.Event, seconds: float) -> T:
    """Tries until something is there (not false). Raises Unready when time is up, Stopped when told to stop."""
    deadline = time.monotonic() + seconds
    while not stop.is_set():
        try:
            if found := await attempt():
                return found
        except Exception:
            log.debug("not_there_yet", exc_info=True)
        if time.monotonic() > deadline:
            raise Unready(what=what, how=how)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=0.5)
    raise Stopped


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


async def _main() -> NoReturn:
    # From within the loop: outside of it, threads would be waited for that wait for somebody else, a scanner say.
    leave(await _worked())


async def _worked() -> int:
    settings = Settings()
    configure(safe_keys=SAFE_KEYS, level=settings.log_level)
    # What a line of theirs is about stands beside its event, under safe keys, instead of in its text.
    workflow.logger.workflow_info_on_message = activity.logger.activity_info_on_message = False
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    try:
        await run(settings, stop)
    except Stopped:
        log.info("worker_stopped")
    except StackError as error:
        print(error, file=sys.stderr)
        return 4
    except Exception:
        log.exception("worker_failed")
        return 1
    return 0


if __name__ == "__main__":
    uvloop.run(_main())
