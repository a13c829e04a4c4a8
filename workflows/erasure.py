"""The end of an erasure: the key is destroyed once the case's own workflow has ended, however long that takes."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.exchange.erasure import ErasureDone


_PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))


def workflow_id(reference: str) -> str:
    """What the erasure of a case is called."""
    return f"erasure-{reference}"


@workflow.defn
class Erasure:
    """Started by a case as its last act; it outlives the case."""

    @workflow.run
    async def run(self, reference: str) -> ErasureDone:
        """Destroys the key, and tries again until that is done."""
        done: ErasureDone = await workflow.execute_activity(
            "destroy_key",
            reference,
            result_type=ErasureDone,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1)
            ),
        )
        return done
