"""A worker within the test's own process, a desk that speaks to it, and eyes on the book and on the histories."""

import asyncio
import contextlib
import json
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from activities.archive import Archive
from activities.book import Book
from activities.calendar import french_calendar
from activities.care import Scanning
from activities.evidence import EvidenceCare
from activities.post import PostOptions
from activities.seal import Seal
from activities.witness_mail import WitnessMail
from domain.case import Case
from domain.events import Entry
from domain.lifecycle import fold
from kit.crypto.signing import SigningKey
from kit.crypto.witness import FolderWitness
from kit.formats.clamd import Clamd
from kit.mail.mailbox import Mailbox, Nowhere
from kit.storage.archive import FolderArchive
from kit.storage.database import Database
from kit.storage.store import FolderStore
from models import book
from models.evidence import MB, Evidence
from tests.people import WORKER
from tests.support.builders import complaint
from tests.support.desks import Looking
from tests.support.servers import KEYS
from workers.build import build_mailer, build_upkeep, build_worker, commit_threads, upkeep_threads
from workflows.cases import CaseClient

STRICT_SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_import_notification_policy(
        SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        | SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
    )
)
"""Nothing passes into it but what the workflow modules declare. An import that they forgot fails the worker."""


@dataclass
class Running:
    """A worker at work."""

    client: Client
    database: Database
    task_queue: str
    book: Book
    worker: Worker
    desk: CaseClient
    folder: Path
    """Folder of its histories and files, and of what its witness has seen."""

    @property
    def evidence(self) -> Evidence:
        """Its files, of ten megabytes at most."""
        return evidence_in(self.folder)

    # --- the book ---

    def entries(self, reference: str) -> list[Entry]:
        """The history of a case as the book has it."""
        return entries(self.database, reference)

    def tags(self, reference: str) -> list[str]:
        return [entry.what for entry in self.entries(reference)]

    def case(self, reference: str) -> Case:
        """The case as its book tells it."""
        return fold(reference, self.entries(reference))

    # --- the workflow ---

    async def view(self, reference: str) -> Case:
        """The case as its workflow remembers it."""
        case: Case = await self.client.get_workflow_handle(reference).query("view", result_type=Case)
        return case

    async def events(self, reference: str, run: str | None = None) -> list[Any]:
        """The events of the current run of a case's workflow, or of the run of that id."""
        history = await self.client.get_workflow_handle(reference, run_id=run).fetch_history()
        return list(history.events)

    async def is_open(self, reference: str) -> bool:
        described = await self.client.get_workflow_handle(reference).describe()
        return described.status is not None and described.status.name == "RUNNING"


@asynccontextmanager
async def running_case_worker(
    client: Client,
    database: Database,
    *,
    sandboxed: bool = True,
    task_queue: str | None = None,
    patience: timedelta = timedelta(seconds=30),
    witness_mail: WitnessMail | None = None,
    scanner: Clamd | None = None,
    mailbox: Mailbox | None = None,
    post_options: PostOptions | None = None,
) -> AsyncIterator[Running]:
    """The production workers on task queues of their own, their workflows in the strict sandbox."""
    queue = task_queue or f"test-{uuid.uuid4()}"
    kept = Book(database, KEYS, french_calendar())
    with commit_threads(database) as threads, upkeep_threads() as more, TemporaryDirectory() as folder:
        worker = build_worker(client, queue, kept, threads, STRICT_SANDBOX if sandboxed else None)
        mailer = build_mailer(client, queue, kept, threads, mailbox, post_options)
        seal = Seal(
            database, KEYS, "test.example", lambda: [SigningKey(bytes(32))], [FolderWitness(Path(folder) / "seen")]
        )
        archive = Archive(database, client, FolderArchive(Path(folder) / "kept"), KEYS)
        mails = witness_mail or WitnessMail(database, KEYS, Nowhere(), "test.example")
        desk = Looking(database, client, queue, KEYS.mint, patience)
        evidence = evidence_in(Path(folder))
        scanning = Scanning(scanner, evidence, KEYS, database.read, database.write, desk.submit)
        care = EvidenceCare(database.read, database.write, evidence.store, scanning)
        upkeep = build_upkeep(client, queue, seal, mails, archive, care, more)
        async with worker, mailer, upkeep:
            yield Running(client, database, queue, kept, worker, desk, Path(folder))
            if task_queue is None:
                await _end_all(client, database)


def evidence_in(folder: Path) -> Evidence:
    return Evidence(FolderStore(folder / "files"), KEYS, 10 * MB)


async def _end_all(client: Client, database: Database) -> None:
    """A case left open without a worker would hold up the clock that tests move."""
    for reference in audit(database).references:
        with contextlib.suppress(RPCError):  # it may have ended by itself
            await client.get_workflow_handle(reference).terminate()


def entries(database: Database, reference: str) -> list[Entry]:
    """The history of a case as the book has it."""
    with database.read() as tx:
        return book.history(tx, KEYS, reference)


@dataclass
class Audit:
    """Contents of a book, counted without the code that wrote it."""

    references: list[str]
    commands: Counter[str]
    """Times that each command is in it: the distinct (case, first version) it starts at."""
    gaps: list[str]
    broken: list[str]
    behind: list[str]
    """Cases whose row does not show their last version."""


def audit(database: Database) -> Audit:
    """Looks through the whole book: gaps in versions, broken chains, commands written twice, rows left behind."""
    with database.read() as tx:
        rows = tx.execute(
            text("select reference, version, command_id, position from book order by reference, version")
        ).all()
        shown = {row.reference: row.version for row in tx.execute(text("select reference, version from cases"))}
        versions: dict[str, list[int]] = {}
        commands: Counter[str] = Counter()
        for reference, version, command_id, position in rows:
            versions.setdefault(reference, []).append(version)
            if position == 0:
                commands[command_id] += 1
        return Audit(
            references=list(versions),
            commands=commands,
            gaps=[r for r, numbers in versions.items() if numbers != list(range(1, len(numbers) + 1))],
            broken=[r for r in versions if book.broken_link(tx, r) is not None],
            behind=[r for r, numbers in versions.items() if shown.get(r) != numbers[-1]]
            + [r for r in shown if r not in versions],
        )


def is_sound(found: Audit) -> bool:
    """No gap, no broken chain, no row behind, no command twice."""
    return not (found.gaps or found.broken or found.behind) and max(found.commands.values(), default=1) == 1


def in_clear(event: Any) -> str:
    """An event of a history as text, to look for what must not be there."""
    from google.protobuf.json_format import MessageToDict

    return json.dumps(MessageToDict(event))


async def opened(running: Running, **changes: object) -> str:
    """The reference of a new case."""
    receipt = await running.desk.open(complaint(**changes), WORKER)
    return receipt.reference


async def now(env: WorkflowEnvironment) -> datetime:
    """The engine's time."""
    return (await env.get_current_time()).astimezone(UTC)


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float = 20) -> None:
    """Waits for what only the engine can answer."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.02)
