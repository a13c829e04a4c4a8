"""Builds the three workers: for cases, for mails, for slow work. Each has a queue and slots of its own.

The one definition of what runs, for production, tests and benchmarks alike.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from activities.departures import Departures
from activities.erasure import Eraser
from activities.post import Post, PostOptions
from activities.review import Review
from activities.sweep import ANSWER, Sweeper
from domain.values import is_reference
from domain.vocabulary import Door
from kit.engine.starts import RefusingStarts
from kit.engine.temporal import IDENTITY
from kit.mail.mailbox import Mailbox, Nowhere
from workflows.cases import CaseClient
from workflows.complaint import ComplaintWorkflow
from workflows.departures import HandOver
from workflows.digest import DigestRound
from workflows.erasure import Erasure
from workflows.evidence import ScanFiles, SweepStore
from workflows.histories import KeepHistories
from workflows.queues import MAIL, UPKEEP
from workflows.rollout import PolicyRollout
from workflows.seal import Declare, SealBook
from workflows.sweep import NightlySweep
from workflows.taking_up import TakeUpEnded
from workflows.unknown import Unknown

if TYPE_CHECKING:
    from activities.archive import Archive
    from activities.book import Book
    from activities.evidence import EvidenceCare
    from activities.seal import Seal
    from activities.witness_mail import WitnessMail
    from kit.storage.database import Database

GRACE = timedelta(seconds=10)
"""Time that running activities have to end once a worker is told to stop."""

HANDOVER = timedelta(seconds=3)
"""Time that a case waits for the worker that has it in memory, before another may take it."""

WAITING = 16
"""Activities that may wait for a case at the same time; as many may wait for a mail server."""


WORKFLOWS: tuple[type, ...] = (
    *(ComplaintWorkflow, PolicyRollout, DigestRound, NightlySweep, Erasure),
    *(SealBook, Declare, KeepHistories, ScanFiles, SweepStore, TakeUpEnded, HandOver),
)
"""Every workflow that there is. Those that take no argument anybody may start who reaches the engine's port."""


def build_worker(
    client: Client,
    task_queue: str,
    book: Book,
    threads: ThreadPoolExecutor,
    runner: WorkflowRunner | None = None,
) -> Worker:
    """Builds the worker of the cases: every workflow, and the activities that they wait for.

    Workflows run unsandboxed in production, where it is quicker; tests run them sandboxed, which catches impurity.
    """
    review, eraser = Review(book.database, client), Eraser(book.database, book.keys, client)
    cases = CaseClient(client, task_queue, book.keys.mint, patience=ANSWER, door=Door.SYSTEM)
    departures = Departures(book.database, cases.submit)
    sweeper = Sweeper(book.database, book.keys, book.calendar, client, cases.take_up)
    with warnings.catch_warnings():
        # The SDK warns of fewer threads than activities. Those that wait for a case need no thread, and must not
        # take one from those that write to the book.
        warnings.simplefilter("ignore")
        return Worker(
            client,
            identity=IDENTITY,
            task_queue=task_queue,
            workflows=[*WORKFLOWS, Unknown],
            activities=[
                *(book.commit, review.cases_to_review, review.review_cases, eraser.destroy_key),
                *(sweeper.begin_sweep, sweeper.sweep_book, sweeper.sweep_engine, sweeper.end_sweep),
                *(sweeper.take_up_ended, departures.hand_over),
            ],
            activity_executor=threads,
            max_concurrent_activities=threads._max_workers + WAITING,
            # By default one poller takes all openings: with twenty at once, the last waited three times as long.
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
            # Nothing is kept outside the histories: looking for it one payload at a time spares two tasks for each.
            max_workflow_task_external_storage_concurrency=1,
            workflow_runner=RefusingStarts(
                runner or UnsandboxedWorkflowRunner(), client.data_converter, _may_be_called
            ),
            graceful_shutdown_timeout=GRACE,
            sticky_queue_schedule_to_start_timeout=HANDOVER,
        )


def _may_be_called(workflow: str, id: str) -> bool:
    """True if a workflow may have this id: a case is called by its reference, and nothing else is."""
    return workflow == ComplaintWorkflow.__name__ or not is_reference(id)


def build_mailer(
    client: Client,
    task_queue: str,
    book: Book,
    threads: ThreadPoolExecutor,
    mailbox: Mailbox | None = None,
    options: PostOptions | None = None,
) -> Worker:
    """Builds the worker of the mails, so that a slow mail server holds up no command. Without a mailbox, mails wait.

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
    """Builds the worker of slow work, on threads of its own: no command ever waits for it."""
    return Worker(
        client,
        identity=IDENTITY,
        task_queue=task_queue + UPKEEP,
        activities=[
            *(seal.seal, seal.send_checkpoint, seal.stamp_checkpoint, mails.mail_checkpoint),
            *(seal.declare_restored, seal.declare_lost_key),
            *(archive.keep_history, archive.keep_histories, care.scan_files, care.sweep_store),
        ],
        activity_executor=threads,
        max_concurrent_activities=threads._max_workers,
        graceful_shutdown_timeout=GRACE,
    )


def commit_threads(database: Database) -> ThreadPoolExecutor:
    """One thread for SQLite, which has one writer at a time and makes the others poll; several for PostgreSQL."""
    return ThreadPoolExecutor(max_workers=1 if database.is_sqlite else 8, thread_name_prefix="commit")


def upkeep_threads() -> ThreadPoolExecutor:
    """Several threads, since each may be waiting for somebody outside."""
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="upkeep")
