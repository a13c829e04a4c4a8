"""Hands the cases of those who left over: nothing is held by a closed account."""

import asyncio
from collections import Counter

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.beat import beating
from activities.care import Submit
from domain.actors import CLOCK
from domain.errors import Away, Problem
from domain.exchange.housekeeping import HandedOver
from domain.parts.assignment import RecordDeparture
from kit.process.logs import get_logger
from kit.storage.database import Database
from models import cases

log = get_logger("activities.departures")

AT_ONCE = 200
"""Cases that are read from the book at once."""
_OF_ALL = frozenset({"engine_away"})
"""Codes of problems with every case: then there is no use in going on."""


class Departures:
    """Looks in the book for what closed accounts hold. Tried again, it finds what is left."""

    def __init__(self, database: Database, submit: Submit) -> None:
        self._database, self._submit = database, submit

    @activity.defn(name="hand_over")
    async def hand_over(self) -> HandedOver:
        """Hands each case over; gives the counts of this attempt. A case that does not answer holds up no other.

        Raises ApplicationError "Away", to be tried again, when the engine does not answer.
        """
        counts: Counter[str] = Counter()
        after = ""
        async with beating():
            while held := await asyncio.to_thread(self._held, after):
                for reference, holder, version in held:
                    counts[await self._hand_over(reference, holder, version)] += 1
                after = held[-1][0]
        if counts:
            log.info("cases_handed_over", **counts)
        return HandedOver(**counts)

    async def _hand_over(self, reference: str, holder: str, version: int) -> str:
        # The id follows from the case as it stands: asked twice, it counts once.
        command_id = f"departure-{reference}-{version}"
        try:
            await self._submit(reference, RecordDeparture(holder=holder), CLOCK, command_id=command_id)
        except Away as away:
            if away.code in _OF_ALL:
                raise ApplicationError("away", type="Away", category=ApplicationErrorCategory.BENIGN) from None
            log.warning("case_not_handed_over", reference=reference, why=away.code)
            return "failed"
        except Problem as problem:
            log.warning("case_not_handed_over", reference=reference, why=problem.code)
            return "failed"
        return "cases"

    def _held(self, after: str) -> list[tuple[str, str, int]]:
        with self._database.read() as tx:
            return cases.held_by_closed(tx, after, AT_ONCE)
