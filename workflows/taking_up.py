"""The hourly look at runs that were ended from outside: a case whose workflow was terminated is taken up again."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

PATIENCE = timedelta(minutes=45)
"""Longest duration of a look. It must end before the next."""


@workflow.defn
class TakeUpEnded:
    """Takes up the cases whose last run ended otherwise than by the case's own rules."""

    @workflow.run
    async def run(self) -> int | None:
        """Does one look; gives how many cases were taken up, None if it gave up: the next finds what is left."""
        try:
            taken_up: int = await workflow.execute_activity(
                "take_up_ended",
                result_type=int,
                start_to_close_timeout=timedelta(minutes=15),
                schedule_to_close_timeout=PATIENCE,
                heartbeat_timeout=timedelta(seconds=30),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)),
            )
        except FailureError:
            workflow.logger.warning("ended runs are left to the next look")
            return None
        return taken_up
