"""Activities of the calendar for evidence files: waiting ones are scanned, what no case holds is deleted."""

import asyncio
from datetime import UTC, datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.beat import beating
from activities.care import KEPT, Scanning, Transaction, sweep
from domain.errors import Away
from domain.exchange.housekeeping import FilesScanned, StoreSwept
from kit.formats.clamd import ClamdAway
from kit.process.logs import get_logger
from kit.storage.store import Store, StoreAway

log = get_logger("activities.evidence")


class EvidenceCare:
    """Looks after the evidence files. A retry goes on where the last attempt stopped: what is done waits no more."""

    def __init__(self, reading: Transaction, writing: Transaction, store: Store, scanning: Scanning) -> None:
        self._reading, self._writing, self._store, self._scanning = reading, writing, store, scanning

    @activity.defn(name="scan_files")
    async def scan_files(self) -> FilesScanned:
        """Scans all files that wait for it; gives the counts of this attempt.

        Without a scanner, cases only note what was found in the same bytes elsewhere.

        Raises ApplicationError "Away", to be tried again, when the scanner, the store or the engine does not answer.
        """
        async with beating():
            try:
                scanned = await self._scanning.scan_all()
            except (ClamdAway, StoreAway, Away) as away:
                raise _later(away) from None
        if scanned != FilesScanned():
            log.info("files_scanned", **scanned.model_dump())
        return scanned

    @activity.defn(name="sweep_store")
    async def sweep_store(self) -> StoreSwept:
        """Deletes what no case has held for a month. Raises ApplicationError "Away", to be tried again."""
        async with beating():
            try:
                swept = await asyncio.to_thread(
                    sweep, self._reading, self._writing, self._store, datetime.now(UTC) - KEPT, by_itself=True
                )
            except StoreAway as away:
                raise _later(away) from None
        log.info("store_swept", **swept.model_dump())
        return swept


def _later(away: ClamdAway | StoreAway | Away) -> ApplicationError:
    log.warning("evidence_waits", why=away.code)
    return ApplicationError("away", type="Away", category=ApplicationErrorCategory.BENIGN)
