"""The upkeep of evidence files: each hour those that wait are scanned, each night those that no case holds deleted."""

from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from domain.exchange.housekeeping import FilesScanned, StoreSwept
    from workflows.queues import upkeep

T = TypeVar("T")

PATIENCE = timedelta(minutes=45)
"""Longest duration of a round, which retries while the scanner or the store is away. It must end before the next."""


@workflow.defn
class ScanFiles:
    """Has the files scanned that wait for the scanner."""

    @workflow.run
    async def run(self, patience: timedelta | None = None) -> FilesScanned | None:
        """Does one round. None if it gave up: the next finds what is left. `patience` is `PATIENCE` by default."""
        return await _round("scan_files", FilesScanned, patience)


@workflow.defn
class SweepStore:
    """Deletes the bytes that no case holds."""

    @workflow.run
    async def run(self, patience: timedelta | None = None) -> StoreSwept | None:
        """Does one round. None if it gave up: the next finds what is left. `patience` is `PATIENCE` by default."""
        return await _round("sweep_store", StoreSwept, patience)


async def _round(activity: str, result_type: type[T], patience: timedelta | None) -> T | None:
    try:
        result: T = await workflow.execute_activity(
            activity,
            result_type=result_type,
            task_queue=upkeep(),
            schedule_to_close_timeout=patience or PATIENCE,
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)),
        )
    except FailureError:
        workflow.logger.warning("evidence files are left to the next round")
        return None
    return result
