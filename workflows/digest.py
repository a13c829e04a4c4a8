"""The round of digests: every hour of a working day, each person whose hour has come gets one mail.

The next round makes good one that was missed: it looks for everybody who had no digest yet that day. One person's bad
address holds up nobody else.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from domain.exchange.digest import Digest, DigestRoundDone, DigestsDue
    from domain.exchange.rollout import Batch, Reviewed
    from workflows.queues import mailing

ROUND = timedelta(minutes=45)
"""Longest duration of a round: it ends before the next begins, which retries what this one could not do."""
AT_ONCE = 5
"""Number of mails that are sent at the same time."""
_PATIENT = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))


@workflow.defn
class DigestRound:
    """Sends the digests that are due, and sees to notices that were forgotten."""

    def __init__(self) -> None:
        self._hands = asyncio.Semaphore(AT_ONCE)

    @workflow.run
    async def run(self) -> DigestRoundDone:
        """Does one round. It never fails: the next one finds what it could not do.

        Nobody's digest waits for cases that do not answer: both parts of the round run side by side.
        """
        at = workflow.now()
        taken_up, done = await asyncio.gather(self._take_up_forgotten(at), self._digests(at))
        return done.model_copy(update={"taken_up": taken_up})

    async def _digests(self, at: datetime) -> DigestRoundDone:
        try:
            due = await workflow.execute_activity(
                "digests_due", at, result_type=DigestsDue, task_queue=mailing(), schedule_to_close_timeout=ROUND,
                start_to_close_timeout=timedelta(minutes=1), retry_policy=_PATIENT,
            )  # fmt: skip
        except FailureError:
            workflow.logger.exception("the digests that are due are not known")
            return DigestRoundDone()
        ended = await asyncio.gather(
            *(self._deliver(Digest(account=account, day=due.day, at=at)) for account in due.accounts)
        )
        return DigestRoundDone(
            sent=ended.count("SENT"),
            nothing_to_say=ended.count("DROPPED"),
            failed=ended.count("UNDELIVERED") + ended.count(None),
        )

    async def _deliver(self, digest: Digest) -> str | None:
        try:
            async with self._hands:
                left = digest.at + ROUND - workflow.now()
                if left <= timedelta(0):  # the book or every worker was away too long: leave it to the next round
                    return None
                outcome: str = await workflow.execute_activity(
                    "deliver_digest",
                    digest,
                    result_type=str,
                    task_queue=mailing(),
                    start_to_close_timeout=timedelta(minutes=2),
                    schedule_to_close_timeout=left,
                    heartbeat_timeout=timedelta(seconds=10),
                    retry_policy=_PATIENT,
                )
                return outcome
        except FailureError:
            workflow.logger.warning("a digest could not be sent in this round")
            return None

    async def _take_up_forgotten(self, at: datetime) -> int:
        """Reminds cases of notices that nobody is sending, and gives the number of cases.

        A case that is asked to review its deadlines is told of the mails it is to send. Cases are asked in batches, as
        in a rollout, while the round has time: the next round begins again with those that are still forgotten.
        """
        done, after = 0, ""
        try:
            while workflow.now() < at + ROUND and (references := await self._forgotten(at, after)):
                batch = Batch(version=0, references=tuple(references), pause=timedelta(seconds=0.05))
                reviewed: Reviewed = await workflow.execute_activity(
                    "review_cases", batch, result_type=Reviewed, schedule_to_close_timeout=timedelta(minutes=10),
                    start_to_close_timeout=timedelta(minutes=10), heartbeat_timeout=timedelta(seconds=15),
                    retry_policy=_PATIENT,
                )  # fmt: skip
                done, after = done + reviewed.done, references[-1]
        except FailureError:
            workflow.logger.warning("forgotten notices could not be taken up")
        return done

    async def _forgotten(self, at: datetime, after: str) -> list[str]:
        references: list[str] = await workflow.execute_activity(
            "forgotten_notices", args=[at, after], result_type=list[str], task_queue=mailing(),
            schedule_to_close_timeout=timedelta(minutes=5), start_to_close_timeout=timedelta(minutes=1),
            retry_policy=_PATIENT,
        )  # fmt: skip
        return references
