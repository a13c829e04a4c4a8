"""The hand-over: what is held by somebody whose account is closed goes to whoever was named, or to nobody yet."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from domain.exchange.housekeeping import HandedOver

PATIENCE = timedelta(minutes=30)
"""Longest duration of a round, which retries while the engine or the database is away. The next begins each hour."""


def workflow_id(number: int) -> str:
    """The id of the hand-over that follows a line of the history of the accounts: there is one for each."""
    return f"hand-over-{number}"


@workflow.defn
class HandOver:
    """Looks for cases of those who left, and hands each over. It takes no argument: what to do stands in the book."""

    @workflow.run
    async def run(self) -> HandedOver | None:
        """Does one round. None if it gave up: the next finds what is left."""
        try:
            handed_over: HandedOver = await workflow.execute_activity(
                "hand_over",
                result_type=HandedOver,
                schedule_to_close_timeout=PATIENCE,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)),
            )
        except FailureError:
            workflow.logger.warning("cases of those who left are left to the next round")
            return None
        return handed_over
