"""Cases in an engine that a policy is rolled out to, or that a sweep looks through."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from temporalio.client import Client, WorkflowHandle
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.book import Book
from activities.calendar import french_calendar
from domain.exchange.cases import CaseStart, CaseState, Opening, Shown
from domain.exchange.sweep import Report, Sweep
from domain.parts.intake import Open
from domain.time.clocks import agenda, passed
from domain.time.policy import Policy
from domain.vocabulary import OPEN_STEPS
from kit.storage.database import Database
from models import policies
from models.keys import CaseKeys
from models.tables import book, cases
from tests.people import WORKER
from tests.support.lives import Lives
from tests.support.servers import KEYS
from workers.build import build_worker, commit_threads
from workflows.complaint import ComplaintWorkflow
from workflows.sweep import NightlySweep


def ladders(*days: int) -> dict[str, int]:
    return dict(zip(("case_worker", "supervisor", "plan_lead"), days, strict=True))


NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LAX = Policy.model_validate(
    {"stall": {step.value: ladders(200, 300, 400) for step in OPEN_STEPS}, "no_contact": ladders(200, 300, 400)}
)
STRICT = Policy.model_validate(
    {"stall": {step.value: ladders(1, 2, 3) for step in OPEN_STEPS}, "no_contact": ladders(2, 300, 400)}
)


class Cases:
    """Cases opened twelve days ago, as their workflows would have come to know them."""

    def __init__(self, client: Client, database: Database, task_queue: str) -> None:
        self.client, self.database, self.task_queue = client, database, task_queue
        self.lives = Lives(database)
        self.references: list[str] = []

    def open(self) -> str:
        at = datetime.now(UTC) - timedelta(days=12)
        reference = self.lives.open(at)
        self.references.append(reference)
        return reference

    async def start(self, reference: str, *, knows: int | None = None, next_due: datetime | None = None) -> None:
        """Its workflow, which knows it up to a version and is armed for an instant: by default, as it should be."""
        case = self.lives.case(reference)
        case = case if knows is None else case.model_copy(update={"version": knows})
        opened = Open(complaint=case.complaint)
        with self.database.read() as tx:
            next_due = (
                next_due or tx.execute(select(cases.c.next_due).where(cases.c.reference == reference)).scalar_one()
            )
        start = Opening(command=opened, command_id=str(uuid.uuid4()), actor=WORKER)
        receipt = {"reference": reference, "version": case.version, "step": case.step, "events": ()}
        state = CaseState.model_validate(
            {"case": case, "recent": (), "next_due": next_due, "shown": Shown.of(case), "opened": receipt}
        )
        await self.client.start_workflow(
            ComplaintWorkflow.run,
            CaseStart(reference=reference, opening=start, state=state),
            id=reference,
            task_queue=self.task_queue,
        )

    async def open_all(self, number: int) -> None:
        await asyncio.gather(*(self.start(self.open()) for _ in range(number)))

    # --- What became of them ---

    def under(self, version: int) -> int:
        query = select(func.count()).select_from(cases).where(cases.c.policy_version == version)
        with self.database.read() as tx:
            return int(tx.execute(query).scalar_one())

    def lines(self) -> int:
        with self.database.read() as tx:
            return int(tx.execute(select(func.count()).select_from(book)).scalar_one())

    def check(self, policy: Policy, references: list[str]) -> Counter[str]:
        """Every alert that is due by this policy was raised, and none twice."""
        now, raised = datetime.now(UTC), Counter[str]()
        for reference in references:
            case = self.lives.case(reference)
            keys = [alert.key for alert in case.alerts]
            assert len(keys) == len(set(keys))
            assert [a.level for a in case.alerts if a.kind == "STALL"] == ["CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"]
            assert [a.level for a in case.alerts if a.kind == "NO_CONTACT"] == ["CASE_WORKER"]
            assert not passed(agenda(case, policy, french_calendar()), now)
            raised.update(a.kind for a in case.alerts)
        return raised

    async def end(self) -> None:
        handles = [self.client.get_workflow_handle(reference) for reference in self.references]
        # One of them never had a workflow.
        await asyncio.gather(*(handle.terminate() for handle in handles), return_exceptions=True)


def in_force(database: Database, policy: Policy) -> int:
    with database.write() as tx:
        after = policies.in_force(tx).version
        return policies.put_in_force(
            tx, policy, after=after, reason="Why not", account="sacha", made_at=datetime.now(UTC)
        )


@asynccontextmanager
async def working(
    client: Client, database: Database, task_queue: str, keys: CaseKeys = KEYS, *, sandboxed: bool = True
) -> AsyncIterator[None]:
    with commit_threads(database) as threads:
        kept = Book(database, keys, french_calendar())
        async with build_worker(client, task_queue, kept, threads, SandboxedWorkflowRunner() if sandboxed else None):
            yield


async def begin(
    client: Client, queue: str, *, per_second: float = 200, opening: timedelta = timedelta(minutes=10)
) -> WorkflowHandle[NightlySweep, Report]:
    return await client.start_workflow(
        NightlySweep.run, Sweep(per_second=per_second, opening=opening), id=f"sweep-{queue}", task_queue=queue
    )
