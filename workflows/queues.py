"""The three task queues: for cases, for slow work and for mails. No command waits behind slow work or a mail."""

from temporalio import workflow

UPKEEP, MAIL = "-upkeep", "-mail"
"""Added to the name of the queue of cases, for the queues of slow work and of mails."""


def upkeep() -> str:
    """The queue of slow work. Called by a workflow, on whichever queue that runs."""
    return _of_cases() + UPKEEP


def mailing() -> str:
    """The queue of mails. Called by a workflow, on whichever queue that runs."""
    return _of_cases() + MAIL


def _of_cases() -> str:
    return workflow.info().task_queue.removesuffix(UPKEEP).removesuffix(MAIL)
