"""Following the rollout of a policy: starts it if it is not under way, and shows how far it is."""

import asyncio

from rich.text import Text
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from cli.say import _, complaints
from desk.office import Office, engine_client
from domain.exchange.rollout import Rollout
from workflows.rollout import PolicyRollout, workflow_id


async def follow(office: Office, version: int, per_second: float, *, quiet: bool) -> Rollout:
    """Rolls a version out and waits for its end. Interrupted, it goes on without us, and can be followed again."""
    client = await engine_client(office)
    handle = await client.start_workflow(
        PolicyRollout.run,
        Rollout(version=version, per_second=per_second),
        id=workflow_id(version),
        task_queue=office.settings.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    ended = asyncio.ensure_future(handle.result())
    while not ended.done():
        await asyncio.wait({ended}, timeout=2)
        if not ended.done() and not quiet:
            progress = await handle.query(PolicyRollout.progress)
            complaints.print(Text(_("Cases looked at: {done}...", done=progress.done), "dim"))
    return ended.result()
