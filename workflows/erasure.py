"""The end of an erasure: the case's key is destroyed, for which its workflow starts this one as its last act."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.exchange.erasure import ErasureDone


_PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))


def workflow_id(reference: str) -> str:
    """The id of the workflow that ends the erasure of a case."""
    return f"erasure-{reference}"


@workflow.defn
class Erasure:
    """Destroys the key of a case. It outlives the workflow of the case, which started it."""

    @workflow.run
    async def run(self, reference: str) -> ErasureDone:
        """Destroys the key, and tries again until that is done."""
        done: ErasureDone = await workflow.execute_activity(
            "destroy_key",
            reference,
            result_type=ErasureDone,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENT,
        )
        return done
