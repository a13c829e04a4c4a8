"""Every night, what the engine remembers is put away in our own storage: it forgets what has ended long ago."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.exchange.sealing import Kept
    from workflows.queues import upkeep


@workflow.defn
class KeepHistories:
    """Goes through all runs of all cases, some at a time, and keeps what is new of each."""

    @workflow.run
    async def run(self, kept: Kept | None = None) -> Kept:
        """Ends when the engine's list does."""
        found = kept or Kept()
        while not found.finished:
            found = await workflow.execute_activity(
                "keep_histories",
                found,
                result_type=Kept,
                task_queue=upkeep(),
                start_to_close_timeout=timedelta(minutes=15),
                heartbeat_timeout=timedelta(seconds=60),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1)),
            )
            if not found.finished and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(found)
        return found
