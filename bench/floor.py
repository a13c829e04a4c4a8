"""The least that can be asked of the engine: a workflow whose Update does nothing.

It imports nothing of ours: the SDK's sandbox reads the module of a workflow anew for each.
"""

from pydantic import BaseModel
from temporalio import workflow


class Asked(BaseModel):
    """Something asked."""

    text: str


class Answered(BaseModel):
    """How often something was asked."""

    count: int


@workflow.defn(name="BenchFloor")
class Floor:
    """A workflow whose Update does nothing: what the engine, the SDK and the network cost by themselves."""

    def __init__(self) -> None:
        self.count = 0

    @workflow.run
    async def run(self, asked: Asked) -> None:  # noqa: ARG002 - a start carries something
        """Waits for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def step(self, asked: Asked) -> Answered:  # noqa: ARG002 - so does a step
        """Counts."""
        self.count += 1
        return Answered(count=self.count)
