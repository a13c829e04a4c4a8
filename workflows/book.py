"""Commits to the book from a case's workflow: quickly while the book answers, patiently while it is away."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from domain.exchange.cases import CommitRequest, Committed
    from workflows.doors import cause_of


async def commit(request: CommitRequest) -> Committed:
    """Has the book decide and write a command, and gives its whole answer.

    The first try is a local activity, which is quick. If the book is away, an ordinary activity follows: the engine
    retries it for as long as it takes, without a line in the history.
    """
    try:
        committed = await _commit_quickly(request)
    except FailureError as error:  # an ActivityError, or the error that the local activity itself raised
        cause = cause_of(error)
        if cause is not None and cause.non_retryable:
            raise
        committed = await _commit_patiently(request)
    while committed.more:
        # The answer came in parts. Ask the same command again for the lines after the last: never as a local activity,
        # since the answers of local activities reach the engine together, and would be too long.
        last = committed.entries[-1].version
        committed = committed.and_then(await _commit_patiently(request.model_copy(update={"known_version": last})))
    return committed


async def _commit_quickly(request: CommitRequest) -> Committed:
    committed: Committed = await workflow.execute_local_activity(
        "commit",
        request,
        result_type=Committed,
        # One try within one limit. A local activity that is retried outlives its limit (temporalio 1.35 loses a limit
        # that passes between two tries), and the history grows for as long as it does.
        schedule_to_close_timeout=timedelta(seconds=4),
        retry_policy=RetryPolicy(maximum_attempts=1),
    )
    return committed


async def _commit_patiently(request: CommitRequest) -> Committed:
    committed: Committed = await workflow.execute_activity(
        "commit",
        request,
        result_type=Committed,
        start_to_close_timeout=timedelta(seconds=30),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=1.5,
            maximum_interval=timedelta(seconds=10),
        ),
    )
    return committed
