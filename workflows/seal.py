"""The seal: every hour, what was written becomes part of the log, and somebody outside is told."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from domain.sealing import Sealed
    from workflows.queues import upkeep

_PATIENT = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5))


@workflow.defn
class SealBook:
    """Seals what is new, then tells the witnesses and asks for a time-stamp."""

    @workflow.run
    async def run(self, patience: timedelta | None = None) -> Sealed:
        """A witness that is away is tried for an hour, if nothing else is said: by then the next seal tells it more."""
        sealed: Sealed = await workflow.execute_activity(
            "seal",
            result_type=Sealed,
            task_queue=upkeep(),
            start_to_close_timeout=timedelta(minutes=30),
            retry_policy=_PATIENT,
        )
        if sealed.size:
            for told in ("send_checkpoint", "stamp_checkpoint"):
                try:
                    await workflow.execute_activity(
                        told,
                        sealed.size,
                        task_queue=upkeep(),
                        start_to_close_timeout=timedelta(minutes=1),
                        schedule_to_close_timeout=patience or timedelta(hours=1),
                        retry_policy=_PATIENT,
                    )
                except FailureError:
                    workflow.logger.exception("a checkpoint was not attested")
        return sealed
