"""The mails that a case's workflow has under way: each is sent beside whatever else the case does."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.queues import mailing

UNDELIVERED = "UNDELIVERED"
"""The answer of `deliver_notice` for a mail that was given up."""


class Outbox:
    """Sends mails by their ids, each in a task of its own."""

    def __init__(self, record_undelivered: Callable[[], Awaitable[object]]) -> None:
        """`record_undelivered` is called after each mail that was given up."""
        self._record_undelivered = record_undelivered
        self._under_way: dict[str, asyncio.Task[None]] = {}

    @property
    def under_way(self) -> tuple[str, ...]:
        """The ids of the mails that are being sent."""
        return tuple(self._under_way)

    def send(self, mails: tuple[str, ...]) -> None:
        """Starts sending each mail, unless it is being sent already."""
        for mail in mails:
            if mail not in self._under_way:
                self._under_way[mail] = asyncio.create_task(self._deliver(mail))

    async def _deliver(self, mail: str) -> None:
        """Sends one mail: the engine retries it for days, without a line in the history.

        No failure here may stop the case. The daily round finds a mail that was forgotten.
        """
        try:
            outcome: str = await workflow.execute_activity(
                "deliver_notice",
                mail,
                result_type=str,
                task_queue=mailing(),
                start_to_close_timeout=timedelta(minutes=2),
                heartbeat_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=5),
                    backoff_coefficient=2,
                    maximum_interval=timedelta(minutes=10),
                ),
            )
            if outcome == UNDELIVERED:
                await self._record_undelivered()
        except Exception:  # noqa: BLE001 - see above
            workflow.logger.exception("a mail could not be seen through")
        finally:
            self._under_way.pop(mail, None)
