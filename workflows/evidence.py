"""Evidence files are looked after though nobody asks: every hour what waits for the scanner, every night what no case
holds."""

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
"""How long a round may take, and tries a scanner or a store that is away: the next must not find it still at it."""


@workflow.defn
class ScanFiles:
    """Has the files scanned that wait for it."""

    @workflow.run
    async def run(self, patience: timedelta | None = None) -> FilesScanned | None:
        """One round; None when it gave up: the next finds what is left. `patience` is `PATIENCE` if not said."""
        return await _round("scan_files", FilesScanned, patience)


@workflow.defn
class SweepStore:
    """Lets go of what no case holds."""

    @workflow.run
    async def run(self, patience: timedelta | None = None) -> StoreSwept | None:
        """The same."""
        return await _round("sweep_store", StoreSwept, patience)


async def _round(activity: str, gives: type[T], patience: timedelta | None) -> T | None:
    try:
        found: T = await workflow.execute_activity(
            activity,
            result_type=gives,
            task_queue=upkeep(),
            schedule_to_close_timeout=patience or PATIENCE,
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)),
        )
    except FailureError:
        workflow.logger.warning("evidence files are left to the next round")
        return None
    return found
