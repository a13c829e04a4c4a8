"""Following a workflow that does long work: started unless it is under way, and asked how far it is until it ends."""

import asyncio
from collections.abc import Callable
from typing import Any

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from desk.office import Office, engine_client

EVERY = 2.0
"""Seconds between two questions how far it is."""

Tell = Callable[[int], None]
"""Called with the number of cases that are done."""


async def follow(
    office: Office, run: Any, start: Any, *, id: str, done_so_far: Callable[[Any], int], query: Any, tell: Tell | None
) -> Any:
    """Has a workflow run and waits for its result. Interrupted, the workflow goes on, and can be followed again.

    `tell` is called every few seconds with the number that `done_so_far` takes from the answer to `query`.
    """
    client = await engine_client(office)
    handle = await client.start_workflow(
        run,
        start,
        id=id,
        task_queue=office.settings.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    result = asyncio.ensure_future(handle.result())
    while not result.done():
        await asyncio.wait({result}, timeout=EVERY)
        if not result.done() and tell is not None:
            tell(done_so_far(await handle.query(query)))
    return result.result()
