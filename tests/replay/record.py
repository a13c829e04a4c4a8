"""Records histories of real cases, run by this version: `python -m tests.replay.record`.

They go into tests/fixtures/histories/<version>/ and stay there for ever: what a released version has written is what a
later one must be able to replay. So this writes a version's histories once, and touches no other version's.
"""

import asyncio
import base64
import json
import os
import socket
import sys
import tempfile
import tomllib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from domain.case import Case
from domain.errors import Refused
from domain.exchange.cases import Ask, CaseStart, Committed, Receipt
from domain.parts.alert import AnswerAlert
from domain.parts.assessment import Assess
from domain.parts.closure import CountersignClosure, ProposeClosure, RejectClosure, Reopen
from domain.parts.piece import AddPiece, RequestPiece, StartEvidence
from domain.reference import criteria, evidence, limitation_periods, territories
from domain.values import day_of, new_reference
from domain.vocabulary import DeadlineKind, Step
from kit.engine.temporal import DATA_CONVERTER
from kit.storage.database import Database, sqlite_url
from models.accounts import add_account
from models.migrate import migrate
from tests.people import LEAD, SUPERVISOR, WORKER
from tests.support.accounts import open_accounts
from tests.support.builders import closing as closing_said
from tests.support.builders import complaint, contact, explained, journey, note
from tests.support.harness import Running, running_case_worker
from tests.support.servers import ROOT, Engine

HISTORIES = ROOT / "tests" / "fixtures" / "histories"

LARGEST = 100_000
"""A golden history is small: it is read by people, and replayed at every prefix."""

Recorded = dict[str, WorkflowHistory]
Scenario = Callable[[Running], Awaitable[Recorded]]


class Shaky(Database):
    """A database that can be made to go away and to come back."""

    is_away = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if self.is_away:
            raise OperationalError("begin", None, ConnectionError("away"))
        with super().write() as tx:
            yield tx


def main() -> int:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    target = HISTORIES / version
    if target.exists() and any(target.iterdir()):
        print(
            f"The histories of {version} are recorded already, and those of a release are never written again.\n"
            f"A new release: raise the version in pyproject.toml first.\n"
            f"If {version} was never released, and only then: delete {target.relative_to(ROOT)} yourself.",
            file=sys.stderr,
        )
        return 2
    recorded = {name: _text(history) for name, history in asyncio.run(record()).items()}
    for name, text in recorded.items():
        assert len(text.encode()) < LARGEST, f"{name} is too large: {len(text)} characters"
        assert not (traces := _of_this_machine(text)), f"{name} tells of the machine that recorded it: {traces}"
    target.mkdir(parents=True, exist_ok=True)
    (HISTORIES / f"{version}.words.json").write_text(json.dumps(words(), indent=1, sort_keys=True) + "\n")
    for name, text in recorded.items():
        (target / f"{name}.json").write_text(text)
        print(f"{name:24} {text.count(chr(10)) - 2:4} events {len(text.encode()):7} bytes")
    return 0


def in_clear(said: str) -> str:
    """A history's text and everything in its payloads."""
    return "\n".join([said, *_payloads(json.loads(said))])


def _payloads(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("data"), str):
            yield base64.b64decode(node["data"]).decode()
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _payloads(child)


def _of_this_machine(said: str) -> list[str]:
    names = (socket.gethostname(), str(ROOT), str(Path.home()), tempfile.gettempdir(), f"{os.getpid()}@")
    return [name for name in names if name in in_clear(said)]


def _text(history: WorkflowHistory) -> str:
    """The engine's own JSON, an event to a line."""
    events = history.to_json_dict()["events"]
    return '{"events":[\n' + ",\n".join(json.dumps(e, separators=(",", ":")) for e in events) + "\n]}\n"


def words() -> dict[str, list[str]]:
    """Every word that a history of this version may hold where only known words are read: codes, values of enums."""
    schema = TypeAdapter(CaseStart | Ask | Committed | Receipt).json_schema()
    codes = {name: entry["enum"] for name, entry in schema["$defs"].items() if "enum" in entry}
    tags = {
        str(of["const"])
        for entry in schema["$defs"].values()
        for name, of in entry.get("properties", {}).items()
        if name in ("tag", "kind") and "const" in of
    }
    tables = {"criteria": criteria(), "territories": territories(), "evidence": evidence()}
    tables |= {"limitation_periods": limitation_periods()}
    return {name: sorted(entry) for name, entry in (codes | {"tags": tags} | tables).items()}


async def record() -> Recorded:
    """Every scenario, on engines and a book of their own, in a folder that goes with them."""
    recorded: Recorded = {}
    with tempfile.TemporaryDirectory(prefix="aboutir-record-") as name:
        folder = Path(name)
        async with _engine(folder / "engine", "frontend.WorkflowTimeSkippingEnabled=true") as client:
            plain = (at_each_step, lack_of_proof, reopened, refused_by_the_book, cancelled, book_away, not_opened)
            for scenario in plain:
                recorded |= await _told(scenario, client, folder)
            skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))

            async def with_time(running: Running) -> Recorded:
                return await alerts(running, skipper)

            async def with_mail(running: Running) -> Recorded:
                return await undelivered(running, skipper)

            for scenario in (with_time, with_mail):
                recorded |= await _told(scenario, skipper.client, folder)
        async with _engine(folder / "short", "limit.historyCount.suggestContinueAsNew=30") as client:
            recorded |= await _told(continued, client, folder)
    return recorded


@asynccontextmanager
async def _engine(folder: Path, setting: str) -> AsyncIterator[Client]:
    await asyncio.to_thread(folder.mkdir)
    engine = Engine(folder, setting)
    engine.start()
    try:
        yield await engine.client(DATA_CONVERTER)
    finally:
        engine.kill()


async def _told(scenario: Scenario, client: Client, folder: Path) -> Recorded:
    """One scenario with a book and a task queue of its own, run by the worker as production builds it."""
    queue = f"record-{uuid.uuid4()}"
    with closing(Shaky(sqlite_url(folder / f"{queue}.db"))) as database:
        migrate(database)
        open_accounts(database)
        async with running_case_worker(client, database, sandboxed=False, task_queue=queue) as running:
            return await scenario(running)


# --- The scenarios ---------------------------------------------------------------------------------------


async def at_each_step(running: Running) -> Recorded:
    """A case left at each step, with something after the last command of interest."""
    recorded: Recorded = {}
    lived = journey(day_of(datetime.now(UTC)))
    for step in (Step.INTAKE, Step.REFERRAL, Step.EVIDENCE, Step.ESCALATION, Step.CLOSED):
        reference = await _opened(running)
        last = max(n for n, (_, _, reached) in enumerate(lived) if reached is step)
        for command, who, _ in lived[: last + 1]:
            await running.desk.submit(reference, command, who)
        receipt = await running.desk.submit(reference, note(), WORKER)
        assert receipt.step is step
        recorded[step.value.lower()] = await _history(running, reference)
    return recorded


async def lack_of_proof(running: Running) -> Recorded:
    """Proposed, sent back, proposed again, and countersigned by somebody else."""
    reference = await _opened(running)
    await running.desk.submit(reference, StartEvidence(), WORKER)
    await _propose(running, reference)
    await running.desk.submit(reference, RejectClosure(reason="Ask the agency once more"), SUPERVISOR)
    await running.desk.submit(reference, _proposal(), WORKER)
    receipt = await running.desk.submit(reference, CountersignClosure(comment="Read and agreed"), SUPERVISOR)
    assert receipt.step is Step.CLOSED
    await running.desk.submit(reference, contact(), WORKER)
    return {"lack_of_proof": await _history(running, reference)}


async def reopened(running: Running) -> Recorded:
    reference = await _opened(running)
    await running.desk.submit(reference, closing_said(), WORKER)
    receipt = await running.desk.submit(reference, Reopen(reason="A witness came"), WORKER)
    assert receipt.step is Step.INTAKE
    await running.desk.submit(reference, StartEvidence(), WORKER)
    await running.desk.submit(reference, note(), WORKER)
    return {"reopened": await _history(running, reference)}


async def refused_by_the_book(running: Running) -> Recorded:
    """Two who saw the same version get past the door together, and the book takes one of them.

    Both wait while nobody works, and so come to the case in one go: the door asks about each before either is done.
    """

    def at_work() -> AbstractAsyncContextManager[Running]:
        return running_case_worker(
            running.client, running.database, sandboxed=False, task_queue=f"{running.task_queue}-2"
        )

    async with at_work() as first:
        reference = await _opened(first)
    both = [
        asyncio.create_task(running.desk.submit(reference, note(text), who, expected_version=2))
        for text, who in (("The first", WORKER), ("The second", SUPERVISOR))
    ]
    await asyncio.sleep(2)  # the engine has both; there is no sign of it in the history
    async with at_work() as second:
        answers = await asyncio.gather(*both, return_exceptions=True)
        assert [a.code for a in answers if isinstance(a, Refused)] == ["stale"], answers
        await second.desk.submit(reference, note(), WORKER)
        history = await _history(second, reference)
    failures = [
        e.workflow_execution_update_completed_event_attributes.outcome.HasField("failure") for e in history.events
    ]
    assert sum(failures) == 1, "refused at the door, which leaves no trace: record again"
    return {"refused_by_the_book": history}


async def cancelled(running: Running) -> Recorded:
    """Somebody asks the engine to cancel a case, which goes on."""
    reference = await _opened(running)
    await running.client.get_workflow_handle(reference).cancel()
    await running.desk.submit(reference, note(), WORKER)
    await running.desk.submit(reference, StartEvidence(), WORKER)
    return {"cancelled": await _history(running, reference)}


async def book_away(running: Running) -> Recorded:
    """The book is away: the ordinary activity takes over, and tries until it is back."""
    assert isinstance(running.database, Shaky)
    reference = await _opened(running)
    running.database.is_away = True
    waiting = asyncio.create_task(running.desk.submit(reference, note(), WORKER))
    await _until(running, reference, "activity_task_scheduled_event_attributes", 1)
    await asyncio.sleep(1.5)
    running.database.is_away = False
    await waiting
    await running.desk.submit(reference, StartEvidence(), WORKER)
    return {"book_away": await _history(running, reference)}


async def not_opened(running: Running) -> Recorded:
    """Only the book knows that this complaint was imported already."""
    imported = complaint(source={"system": "register", "id": "26-0042"})
    await running.desk.open(imported, WORKER)
    reference = new_reference()
    try:
        await running.desk.open(imported, WORKER, reference=reference)
    except Refused as refused:
        assert refused.code == "already_imported"
    else:
        raise AssertionError("opened twice")
    return {"not_opened": await _history(running, reference)}


async def alerts(running: Running, skipper: TimeSkipper) -> Recorded:
    """A piece does not come, nobody acts, everybody is told in turn; somebody answers and the case goes on."""
    reference = await _opened(running)
    due = day_of(datetime.now(UTC)) + timedelta(days=1)
    request = {"piece": "EV001", "from_whom": "COMPLAINANT", "lever": "Asked for at the desk", "due": due}
    await running.desk.submit(reference, RequestPiece.model_validate(request), WORKER)
    assert await skipper.fast_forward(running.client.get_workflow_handle(reference), timedelta(days=45))
    raised = (await running.view(reference)).standing_alerts
    kinds = [alert.kind for alert in raised]
    assert kinds.count(DeadlineKind.PIECE_DUE) == 3 and kinds.count(DeadlineKind.STALL) >= 3, kinds
    while standing := (await running.view(reference)).standing_alerts:
        # One decision answers what was said of the same clock below it: from the highest down.
        answer = {"alert": standing[-1].key, "decision": "ACT", "reason": "Looked at"}
        await running.desk.submit(reference, AnswerAlert.model_validate(answer), LEAD)
    await running.desk.submit(reference, contact(), WORKER)
    await running.desk.submit(reference, StartEvidence(), WORKER)
    return {"alerts": await _history(running, reference)}


async def undelivered(running: Running, skipper: TimeSkipper) -> Recorded:
    """A notice of a time limit for somebody who has no address: given up, told on the case, and the case goes on."""
    with running.database.write() as tx:
        add_account(tx, WORKER)
    reference = await _opened(running)
    on = day_of(datetime.now(UTC)) + timedelta(days=20)
    piece = {"label": "The video", "held_by": "RESPONDENT", "perishes_on": on}
    await running.desk.submit(reference, AddPiece.model_validate(piece), WORKER)
    assert await skipper.fast_forward(running.client.get_workflow_handle(reference), timedelta(days=1))
    async with asyncio.timeout(30):
        while "notice_undelivered.1" not in running.tags(reference):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await running.desk.submit(reference, StartEvidence(), WORKER)
    await running.desk.submit(reference, note(), WORKER)
    return {"undelivered": await _history(running, reference)}


async def continued(running: Running) -> Recorded:
    """A case whose first run grew too long; the next one knows a command again that the first had taken."""
    reference = await _opened(running)
    id = str(uuid.uuid4())
    first = await running.desk.submit(reference, StartEvidence(), WORKER, command_id=id)
    runs = [await _history(running, reference)]
    while len(runs) < 2:
        await running.desk.submit(reference, note(), WORKER)
        latest = await _history(running, reference)
        before = latest.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
        if before:
            runs = [await _history(running, reference, before), latest]
    again = await running.desk.submit(reference, StartEvidence(), WORKER, command_id=id)
    assert again == first
    await running.desk.submit(reference, closing_said(), SUPERVISOR)
    runs[1] = await _history(running, reference)
    return {f"continued_{n}": history for n, history in enumerate(runs, start=1)}


# --- What they have in common ----------------------------------------------------------------------------


async def _opened(running: Running, **changes: Any) -> str:
    return (await running.desk.open(complaint(**changes), WORKER)).reference


async def _propose(running: Running, reference: str) -> None:
    case: Case = await running.view(reference)
    for reason in explained(case):
        await running.desk.submit(reference, reason, WORKER)
    legs = {"treatment": "STANDS", "ground": "PARTIAL", "link": "MISSING", "reasoning": "No comparator was found"}
    await running.desk.submit(reference, Assess.model_validate(legs), WORKER)
    await running.desk.submit(reference, _proposal(), WORKER)


def _proposal() -> ProposeClosure:
    content = closing_said(outcome="NO_RESULT", reason="ADVICE_SUFFICED").model_dump(exclude={"kind", "reason"})
    return ProposeClosure.model_validate(content | {"reason": "LACK_OF_PROOF"})


async def _until(running: Running, reference: str, attributes: str, count: int) -> None:
    """Until so many events of a kind are in a case's history."""
    async with asyncio.timeout(30):
        while sum(e.HasField(attributes) for e in await running.events(reference)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _history(running: Running, reference: str, run: str | None = None) -> WorkflowHistory:
    """A run's history once nothing is under way in it."""
    async with asyncio.timeout(30):
        while True:
            history = await running.client.get_workflow_handle(reference, run_id=run).fetch_history()
            last = history.events[-1].WhichOneof("attributes")
            if last not in ("workflow_task_scheduled_event_attributes", "workflow_task_started_event_attributes"):
                return history
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
