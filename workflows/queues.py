"""Two task queues: one for the cases, one for slow work, which never stands before a command."""

from temporalio import workflow

UPKEEP = "-upkeep"
"""What the queue of slow work is called after that of the cases."""


def upkeep() -> str:
    """The queue of slow work, for a workflow on either."""
    return workflow.info().task_queue.removesuffix(UPKEEP) + UPKEEP
