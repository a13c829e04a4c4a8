"""The rollout of a policy on the real engine: every case looks again, once, whatever dies meanwhile."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.testing import WorkflowEnvironment
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.book import Book
from activities.calendar import french_calendar
from domain.exchange.cases import CaseStart, CaseState, Opening, Shown
from domain.exchange.rollout import Rollout
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
from tests.support.servers import KEYS, RealWorker, until_async
from worker import build_worker, commit_threads
from workflows.complaint import ComplaintWorkflow
from workflows.rollout import PolicyRollout, workflow_id


def ladders(*days: int) -> dict[str, int]:
    return dict(zip(("case_worker", "supervisor", "plan_lead"), days, strict=True))


LAX = Policy.model_validate(
    {"stall": {step.value: ladders(200, 300, 400) for step in OPEN_STEPS}, "no_contact": ladders(200, 300, 400)}
)
STRICT = Policy.model_validate(
    {"stall": {step.value: ladders(1, 2, 3) for step in OPEN_STEPS}, "no_contact": ladders(2, 300, 400)}
)


def in_force(database: Database, policy: Policy) -> int:
    with database.write() as tx:
        after = policies.in_force(tx).version
        return policies.put_in_force(
            tx, policy, after=after, reason="Why not", account="sacha", made_at=datetime.now(UTC)
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
        asked = Opening(command=opened, command_id=str(uuid.uuid4()), actor=WORKER)
        receipt = {"reference": reference, "version": case.version, "step": case.step, "events": ()}
        state = CaseState.model_validate(
            {"case": case, "recent": (), "next_due": next_due, "shown": Shown.of(case), "opened": receipt}
        )
        await self.client.start_workflow(
            ComplaintWorkflow.run,
            CaseStart(reference=reference, opening=asked, state=state),
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
        now, told = datetime.now(UTC), Counter[str]()
        for reference in references:
            case = self.lives.case(reference)
            keys = [alert.key for alert in case.alerts]
            assert len(keys) == len(set(keys))
            assert [a.level for a in case.alerts if a.kind == "STALL"] == ["CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"]
            assert [a.level for a in case.alerts if a.kind == "NO_CONTACT"] == ["CASE_WORKER"]
            assert not passed(agenda(case, policy, french_calendar()), now)
            told.update(a.kind for a in case.alerts)
        return told

    async def end(self) -> None:
        handles = [self.client.get_workflow_handle(reference) for reference in self.references]
        # One of them never had a workflow.
        await asyncio.gather(*(handle.terminate() for handle in handles), return_exceptions=True)


@asynccontextmanager
async def working(
    client: Client, database: Database, task_queue: str, keys: CaseKeys = KEYS, *, sandboxed: bool = True
) -> AsyncIterator[None]:
    with commit_threads(database) as threads:
        kept = Book(database, keys, french_calendar())
        async with build_worker(client, task_queue, kept, threads, SandboxedWorkflowRunner() if sandboxed else None):
            yield


async def roll_out(
    client: Client, version: int, task_queue: str, per_second: float = 60
) -> WorkflowHandle[PolicyRollout, Rollout]:
    return await client.start_workflow(
        PolicyRollout.run,
        Rollout(version=version, per_second=per_second),
        id=f"{workflow_id(version)}-{task_queue}",
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )


async def test_every_case_looks_again_once_and_one_without_a_workflow_is_named(
    dev_server: WorkflowEnvironment, database: Database
) -> None:
    queue = f"rollout-{uuid.uuid4()}"
    told = Cases(dev_server.client, database, queue)
    assert in_force(database, LAX) == 1
    # As in production: a sandbox for each of so many takes most of the time, and the next test has one.
    async with working(dev_server.client, database, queue, sandboxed=False):
        await told.open_all(60)
        orphan = told.open()
        assert told.under(1) == 61
        assert told.lines() == 61 * 2  # opened, with its checklist
        assert in_force(database, STRICT) == 2

        begun = asyncio.get_running_loop().time()
        done = await (await roll_out(dev_server.client, 2, queue)).result()
        seconds = asyncio.get_running_loop().time() - begun

        assert (done.done, done.missing, done.finished) == (60, (orphan,), True)
        assert told.under(2) == 60
        alerts = told.check(STRICT, told.references[:-1])
        assert alerts["STALL"] == 180 and alerts["NO_CONTACT"] == 60
        lines = told.lines()

        again = await (await roll_out(dev_server.client, 2, queue)).result()
        assert (again.done, again.missing, again.finished) == (0, (orphan,), True)
        assert told.lines() == lines

        # Without a change nothing is said; with the laxer one back, nothing that was said is taken back or said again.
        assert in_force(database, LAX) == 3
        back = await (await roll_out(dev_server.client, 3, queue)).result()
        assert (back.done, told.under(3), told.lines()) == (60, 60, lines)
        await told.end()
    print(f"60 cases in {seconds:.1f} s, {sum(alerts.values())} alerts ({dict(alerts)}), missing {len(done.missing)}")


async def test_a_case_that_cannot_look_does_not_keep_the_others_from_looking(
    dev_server: WorkflowEnvironment, sqlite_database: Database
) -> None:
    queue = f"rollout-{uuid.uuid4()}"
    told = Cases(dev_server.client, sqlite_database, queue)
    in_force(sqlite_database, LAX)
    async with working(dev_server.client, sqlite_database, queue):
        await told.open_all(4)
        ended = sorted(told.references)[1]
        await dev_server.client.get_workflow_handle(ended).terminate()
        in_force(sqlite_database, STRICT)
        done = await (await roll_out(dev_server.client, 2, queue)).result()
        assert (done.done, done.missing) == (3, (ended,))
        assert told.under(2) == 3
        await told.end()


async def test_a_rollout_goes_on_after_its_worker_was_killed_halfway(
    dev_server: WorkflowEnvironment, sqlite_database: Database, postgresql_database: Database, tmp_path: Path
) -> None:
    """On both databases at once: each waits a quarter of a minute for the signs of life of the worker that died."""
    ready = asyncio.Barrier(2)
    async with asyncio.TaskGroup() as both:
        for database in (sqlite_database, postgresql_database):
            both.create_task(goes_on_after_a_kill(dev_server.client, database, tmp_path, ready))


async def goes_on_after_a_kill(client: Client, database: Database, folder: Path, ready: asyncio.Barrier) -> None:
    queue = f"rollout-{uuid.uuid4()}"
    engine = client.service_client.config.target_host
    url = database.url.render_as_string(hide_password=False)
    worker = RealWorker(folder, engine, url, queue)
    told = Cases(client, database, queue)
    in_force(database, LAX)
    await asyncio.to_thread(worker.start)
    try:
        await told.open_all(30)
        in_force(database, STRICT)
        await ready.wait()  # nothing slow is done here while the other one is to be killed halfway
        handle = await roll_out(client, 2, queue, per_second=20)
        await until_async(lambda: told.under(2) >= 10, "ten cases have looked")
        worker.kill()
        halfway = told.under(2)
        assert 10 <= halfway < 30
        await asyncio.to_thread(worker.start)
        done = await asyncio.wait_for(handle.result(), 90)
    finally:
        worker.kill()
    assert (done.finished, done.missing) == (True, ())
    assert done.done >= 30 - halfway
    assert told.under(2) == 30
    alerts = told.check(STRICT, told.references)
    assert alerts["STALL"] == 90
    print(f"killed after {halfway} of 30; in the end {told.under(2)}, {sum(alerts.values())} alerts, none twice")
    await told.end()
