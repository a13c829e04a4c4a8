"""The hourly seal: new lines of the book become part of the sealed log, and witnesses outside are told."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from domain.exchange.sealing import Sealed
    from workflows.queues import upkeep

_PATIENT = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5))

PATIENCE = timedelta(minutes=50)
"""Longest time for which a witness that is away is retried. It ends before the next seal, which tells it more."""


RESTORED = "restored"
"""What `Declare` is told when the log goes on after a restore."""


@workflow.defn
class Declare:
    """Makes a declaration about the sealed log, where it is signed."""

    @workflow.run
    async def run(self, what: str) -> None:
        """`what` is RESTORED, or the public half of the key that was lost. Asked twice, it declares once."""
        activity, arguments = ("declare_restored", []) if what == RESTORED else ("declare_lost_key", [what])
        await workflow.execute_activity(
            activity,
            args=arguments,
            task_queue=upkeep(),
            start_to_close_timeout=timedelta(minutes=1),
            schedule_to_close_timeout=timedelta(minutes=2),
            retry_policy=_PATIENT,
        )


@workflow.defn
class SealBook:
    """Seals what is new, then tells the witnesses and asks for a time-stamp."""

    @workflow.run
    async def run(self, patience: timedelta | None = None) -> Sealed:
        """Tells each witness separately: one that is away holds up no other. `patience` is `PATIENCE` by default."""
        sealed: Sealed = await workflow.execute_activity(
            "seal",
            result_type=Sealed,
            task_queue=upkeep(),
            start_to_close_timeout=timedelta(minutes=30),
            retry_policy=_PATIENT,
        )
        if sealed.size:
            ways = ("send_checkpoint", "mail_checkpoint", "stamp_checkpoint")
            await asyncio.gather(*(self._attest(way, sealed.size, patience or PATIENCE) for way in ways))
        return sealed

    async def _attest(self, way: str, size: int, patience: timedelta) -> None:
        try:
            await workflow.execute_activity(
                way,
                size,
                task_queue=upkeep(),
                start_to_close_timeout=timedelta(minutes=2),  # a mail server may take one
                schedule_to_close_timeout=patience,
                retry_policy=_PATIENT,
            )
        except FailureError:
            workflow.logger.exception("a checkpoint was not attested")
