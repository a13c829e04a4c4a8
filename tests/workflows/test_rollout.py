"""The rollout of a policy on the real engine: every case looks again, once, whatever dies meanwhile."""

import asyncio
import uuid
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.testing import WorkflowEnvironment

from domain.exchange.rollout import Rollout
from kit.storage.database import Database
from tests.support.servers import RealWorker, until_async
from tests.workflows.rollouts import LAX, STRICT, Cases, in_force, working
from workflows.rollout import PolicyRollout, workflow_id


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
        await told.open_all(20)
        orphan = told.open()
        assert told.under(1) == 21
        assert told.lines() == 21 * 2  # opened, with its checklist
        assert in_force(database, STRICT) == 2

        begun = asyncio.get_running_loop().time()
        done = await (await roll_out(dev_server.client, 2, queue)).result()
        seconds = asyncio.get_running_loop().time() - begun

        assert (done.done, done.missing, done.finished) == (20, (orphan,), True)
        assert told.under(2) == 20
        alerts = told.check(STRICT, told.references[:-1])
        assert alerts["STALL"] == 60 and alerts["NO_CONTACT"] == 20
        lines = told.lines()

        again = await (await roll_out(dev_server.client, 2, queue)).result()
        assert (again.done, again.missing, again.finished) == (0, (orphan,), True)
        assert told.lines() == lines

        # Without a change nothing is said; with the laxer one back, nothing that was said is taken back or said again.
        assert in_force(database, LAX) == 3
        back = await (await roll_out(dev_server.client, 3, queue)).result()
        assert (back.done, told.under(3), told.lines()) == (20, 20, lines)
        await told.end()
    print(f"20 cases in {seconds:.1f} s, {sum(alerts.values())} alerts ({dict(alerts)}), missing {len(done.missing)}")


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
    cases = Cases(client, database, queue)
    in_force(database, LAX)
    await asyncio.to_thread(worker.start)
    try:
        await cases.open_all(16)
        in_force(database, STRICT)
        await ready.wait()  # nothing slow is done here while the other one is to be killed halfway
        handle = await roll_out(client, 2, queue, per_second=8)
        await until_async(lambda: cases.under(2) >= 5, "five cases have looked")
        worker.kill()
        halfway = cases.under(2)
        assert 5 <= halfway < 16
        await asyncio.to_thread(worker.start)
        done = await asyncio.wait_for(handle.result(), 90)
    finally:
        worker.kill()
    assert (done.finished, done.missing) == (True, ())
    assert done.done >= 16 - halfway
    assert cases.under(2) == 16
    alerts = cases.check(STRICT, cases.references)
    assert alerts["STALL"] == 48
    print(f"killed after {halfway} of 16; in the end {cases.under(2)}, {sum(alerts.values())} alerts, none twice")
    await cases.end()
