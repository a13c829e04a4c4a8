"""A timer that is cancelled in the very task that started it stands in no history, and is no difference either."""

import asyncio
import uuid
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from audit.strict import replay
from kit.engine.temporal import DATA_CONVERTER


@activity.defn
async def breathe() -> None:
    """Takes no time, and so ends within the task that it belongs to."""


@workflow.defn
class Restless:
    """Sets an alarm, thinks better of it, and sets another."""

    @workflow.run
    async def run(self) -> None:
        alarm = asyncio.create_task(asyncio.sleep(1_000))
        await workflow.execute_local_activity(breathe, start_to_close_timeout=timedelta(seconds=5))
        alarm.cancel()
        await asyncio.sleep(0.05)


async def test_a_timer_that_never_left_its_task_is_no_difference(dev_server: WorkflowEnvironment) -> None:
    queue, where = f"restless-{uuid.uuid4()}", dev_server.client.service_client.config.target_host
    client = await Client.connect(where, data_converter=DATA_CONVERTER, identity="aboutir")
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=queue, workflows=[Restless], activities=[breathe], workflow_runner=runner):
        handle = await client.start_workflow(Restless.run, id=queue, task_queue=queue)
        await handle.result()
    history = await handle.fetch_history()
    started = [e.timer_started_event_attributes for e in history.events if e.HasField("timer_started_event_attributes")]
    assert [timer.timer_id for timer in started] == ["2"]
    (outcome,) = await replay([history], Restless)
    assert outcome.failure is None
    assert outcome.differences == []
