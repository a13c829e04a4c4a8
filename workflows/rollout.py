"""The rollout of a policy: every case reviews its deadlines, batch by batch, whatever stops meanwhile."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.exchange.rollout import Batch, Reviewed, Rollout

FORGETTING = timedelta(seconds=2)
"""After this long no worker still goes by the previous policy: each reads it again every second."""
_PATIENT = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


def workflow_id(version: int) -> str:
    """The id of the rollout of a version: there is one rollout for each."""
    return f"policy-rollout-{version}"


@workflow.defn
class PolicyRollout:
    """Makes one version of the policy effective on every case of the book."""

    @workflow.init
    def __init__(self, rollout: Rollout) -> None:
        self._rollout = rollout

    @workflow.run
    async def run(self, rollout: Rollout) -> Rollout:  # noqa: ARG002 - read in __init__
        """Goes through the cases in the order of their references, until none is left under another version."""
        if not self._rollout.after:
            await workflow.sleep(FORGETTING)
        while references := await self._next_cases():
            batch = Batch(
                version=self._rollout.version,
                references=tuple(references),
                pause=timedelta(seconds=1 / self._rollout.per_second),
            )
            reviewed = await workflow.execute_activity(
                "review_cases",
                batch,
                result_type=Reviewed,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=timedelta(seconds=15),
                retry_policy=_PATIENT,
            )
            self._rollout = self._rollout.model_copy(
                update={
                    "after": references[-1],
                    "done": self._rollout.done + reviewed.done,
                    "missing": self._rollout.missing + reviewed.missing,
                }
            )
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._rollout)
        self._rollout = self._rollout.model_copy(update={"finished": True})
        return self._rollout

    async def _next_cases(self) -> list[str]:
        references: list[str] = await workflow.execute_activity(
            "cases_to_review",
            args=[self._rollout.version, self._rollout.at_once, self._rollout.after],
            result_type=list[str],
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENT,
        )
        return references

    @workflow.query
    def progress(self) -> Rollout:
        """The progress so far."""
        return self._rollout
