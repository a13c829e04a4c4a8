"""What the command line asks of the engine beside the cases: a sweep."""

import asyncio

from rich.text import Text
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from cli.say import _, complaints
from desk.office import Office, engine_client
from domain.exchange.sweep import Sweep
from workflows.sweep import WORKFLOW_ID, NightlySweep


async def follow_sweep(office: Office, per_second: float, *, quiet: bool) -> None:
    """Sweeps, or follows the one that is under way. Interrupted, it goes on without us."""
    client = await engine_client(office)
    handle = await client.start_workflow(
        NightlySweep.run,
        Sweep(per_second=per_second),
        id=WORKFLOW_ID,
        task_queue=office.settings.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    ended = asyncio.ensure_future(handle.result())
    while not ended.done():
        await asyncio.wait({ended}, timeout=2)
        if not ended.done() and not quiet:
            progress = await handle.query(NightlySweep.progress)
            complaints.print(Text(_("Cases looked at: {done}...", done=progress.cases), "dim"))
    await ended
