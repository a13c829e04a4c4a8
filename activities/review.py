"""Has cases look at their deadlines again, after the policy has changed."""

import asyncio
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from activities.beat import beating
from domain.exchange.rollout import Batch, Reviewed
from kit.process.logs import get_logger
from kit.storage.database import Database
from models import cases

log = get_logger("activities.review")

ANSWER = timedelta(seconds=10)
"""Time that a case has to answer. After it, the case may still look: the Update is not taken back."""


class Review:
    """Finds the cases whose agenda was computed under another version of the policy, and has each review it."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database, self._client = database, client

    @activity.defn(name="cases_to_review")
    def cases_to_review(self, version: int, limit: int, after: str) -> list[str]:
        """References of cases not yet under this version, in order, after a reference."""
        with self._database.read() as tx:
            return cases.under_another_policy(tx, version, limit, after)

    @activity.defn(name="review_cases")
    async def review_cases(self, batch: Batch) -> Reviewed:
        """Asks each case of a batch, at its rate. A retry does no harm: a review is a look."""
        done, missing = 0, []
        async with beating():
            for reference in batch.references:
                if await look_again(self._client, reference):
                    done += 1
                else:
                    missing.append(reference)
                await asyncio.sleep(batch.pause.total_seconds())
        return Reviewed(done=done, missing=tuple(missing))


async def look_again(client: Client, reference: str) -> bool:
    """Has a case look at its deadlines again; gives True if it did. Called from within an activity.

    Raises RPCError when the engine is away. One case that cannot look must not keep all the others from looking.
    """
    # An id for each attempt: Temporal would answer an Update whose id it knows, and the case would not look.
    id = f"review:{activity.info().workflow_run_id}:{activity.info().attempt}"
    try:
        update = client.get_workflow_handle(reference).execute_update("review", id=id)
        await asyncio.wait_for(update, ANSWER.total_seconds())
    except (RPCError, TimeoutError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        if isinstance(error, RPCError) and error.status is not RPCStatusCode.NOT_FOUND:
            raise
        log.warning("case_not_reviewed", reference=reference, why=type(error).__name__)
        return False
    return True
