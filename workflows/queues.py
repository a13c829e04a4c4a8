"""Three task queues: for the cases, for slow work, for mails. Neither of the last two stands before a command."""

from temporalio import workflow

UPKEEP, MAIL = "-upkeep", "-mail"
"""What the queues of slow work and of mails are called after that of the cases."""


def upkeep() -> str:
    """The queue of slow work, for a workflow on any."""
    return _of_cases() + UPKEEP


def mailing() -> str:
    """The queue of mails, for a workflow on any."""
    return _of_cases() + MAIL


def _of_cases() -> str:
    return workflow.info().task_queue.removesuffix(UPKEEP).removesuffix(MAIL)
