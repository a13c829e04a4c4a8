"""The workflow in whose name the runs end that somebody started under a name that there is not."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError


@workflow.defn(dynamic=True)
class Unknown:
    """Stands for every workflow that there is not. A worker of ours lets no run of it begin (`kit.engine.starts`)."""

    @workflow.run
    async def run(self, arguments: Sequence[RawValue]) -> None:  # noqa: ARG002 - nothing is read of them
        """Fails."""
        raise ApplicationError("there is no such workflow", type="NotOurs", non_retryable=True)
