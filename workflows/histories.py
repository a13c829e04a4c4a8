"""The nightly copy of the engine's histories into our own storage: the engine forgets what has ended long ago."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.exchange.sealing import Kept
    from workflows.queues import upkeep


@workflow.defn
class KeepHistories:
    """Goes through all runs of all cases, in batches, and keeps what is new of each."""

    @workflow.run
    async def run(self, kept: Kept | None = None) -> Kept:
        """Goes on until the end of the engine's list of runs."""
        progress = kept or Kept()
        while not progress.finished:
            progress = await workflow.execute_activity(
                "keep_histories",
                progress,
                result_type=Kept,
                task_queue=upkeep(),
                start_to_close_timeout=timedelta(minutes=15),
                heartbeat_timeout=timedelta(seconds=60),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1)),
            )
            if not progress.finished and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(progress)
        return progress
