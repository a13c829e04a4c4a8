"""Looks after the bytes of evidence files, whoever asks: the engine by the calendar, or somebody at the command line.

No word of the engine here: a command that only reads files does not wait for its library.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection

from domain.actors import SCANNER, Actor
from domain.errors import Away, Problem
from domain.exchange.housekeeping import FilesScanned, StoreSwept
from domain.parts.base import Command
from domain.parts.files import EvidenceFile, RecordScan, Scanned
from domain.vocabulary import Disagreement, ScanState
from kit.crypto.vault import Tampered
from kit.formats.clamd import Clamd, ClamdAway, Finding
from kit.formats.pdf import NotCleaned
from kit.process.logs import get_logger
from kit.storage.store import Store, StoreAway
from models import clean_copies, files, intakes, quarantine, sweeps
from models.care import case_in_care
from models.clean_copies import PDF, CleanCopies
from models.evidence import MB, Evidence

if TYPE_CHECKING:
    from kit.settings import Settings
    from models.keys import CaseKeys

log = get_logger("activities.care")

Transaction = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction: one that reads, or one that writes."""

KEPT = timedelta(days=30)
"""Time for which bytes are kept that no case holds: a command that was not confirmed may still name them."""

_NIGHT = timedelta(days=1)
_BOOK_LACKS = frozenset({Disagreement.AHEAD, Disagreement.NO_CASE})
_OF_ONE_CASE = frozenset({"case_stopped", "not_confirmed"})
"""Codes of problems with one case that does not answer, while the engine does."""
_RESULTS: dict[Finding, Scanned] = {
    Finding.CLEAN: ScanState.CLEAN,
    Finding.INFECTED: ScanState.INFECTED,
    Finding.NOT_SCANNED: ScanState.NOT_SCANNED,
}


class Submit(Protocol):
    """A way to the cases: `CaseClient.submit`."""

    async def __call__(self, reference: str, command: Command, actor: Actor, *, command_id: str) -> object: ...


# --- Scanning --------------------------------------------------------------------------------------------


def scanner_of(settings: Settings) -> Clamd | None:
    """The malware scanner that the settings name; None when they name none."""
    return Clamd(settings.clamd, limit=settings.clamd_mb * MB) if settings.clamd else None


class Scanning:
    """Has files scanned as they are in the store, and has their cases note what was found.

    Malware that was found in one case is noted in every case that has the same bytes, without a scan.
    """

    def __init__(
        self,
        scanner: Clamd | None,
        evidence: Evidence,
        keys: CaseKeys,
        reading: Transaction,
        writing: Transaction,
        submit: Submit,
    ) -> None:
        """Without a scanner, only what was found in the same bytes elsewhere is noted."""
        self._scanner, self._evidence, self._keys = scanner, evidence, keys
        self._reading, self._writing, self._submit = reading, writing, submit
        self._copies = CleanCopies(evidence, reading, writing)

    async def scan(self, reference: str, id: str) -> Scanned:
        """Scans one file, and makes its copy without scripts unless malware was found.

        Raises ClamdAway, StoreAway, or a Problem when it cannot be read or its case says no.
        """
        command, command_id = await asyncio.to_thread(self._looked_at, reference, id)
        await self._submit(reference, command, SCANNER, command_id=command_id)
        if command.result is ScanState.INFECTED:
            await self._spread()
        else:
            await asyncio.to_thread(self.make_copy, reference, id)
        return command.result

    def make_copy(self, reference: str, id: str) -> None:
        """Makes the copy of a PDF without scripts, if there can be one and none was made."""
        with self._reading() as tx:
            file = case_in_care(tx, self._keys, reference).file(id)
        if file.media_type == PDF and file.is_held:
            with contextlib.suppress(NotCleaned):  # why there can be none is noted, and told to whoever asks for it
                self._copies.made(reference, file)

    async def _spread(self) -> int:
        """Has every case note the malware that was found in the same bytes elsewhere; gives how many did.

        A case that cannot do so now is asked again at the next round; its file is given to nobody meanwhile.
        """
        noted = 0
        for reference, id in await asyncio.to_thread(self._condemned):
            try:
                command, command_id = await asyncio.to_thread(self._known, reference, id)
                await self._submit(reference, command, SCANNER, command_id=command_id)
                noted += 1
            except Problem as problem:
                if self._concerns_all(problem):
                    raise
                log.warning("malware_not_noted", reference=reference, why=problem.code)
        return noted

    def _condemned(self) -> list[tuple[str, str]]:
        self._complete()
        with self._reading() as tx:
            return files.condemned(tx)

    def _complete(self) -> None:
        """Computes the keyed digests of the files of before."""
        with self._reading() as tx:
            unknown = files.without_digest(tx)
        for reference, id in unknown:
            with contextlib.suppress(Problem), self._writing() as tx:  # an erased case has no file, nor a key
                files.complete(tx, self._keys.digest, reference, case_in_care(tx, self._keys, reference).file(id))

    async def scan_all(self, *, again: bool = False) -> FilesScanned:
        """Scans all that wait for it; with `again`, every file but the infected ones.

        A file that cannot be read, or that the scanner chokes on, keeps it from no other. Raises ClamdAway, StoreAway
        or Away: what was scanned before is noted by then, and waits no more.
        """
        counts: Counter[str] = Counter(infected=await self._spread())
        for reference, id in await asyncio.to_thread(self._waiting, again):
            try:
                counts[(await self.scan(reference, id)).lower()] += 1
            except (Problem, Tampered, ClamdAway, StoreAway) as error:
                if await asyncio.to_thread(self._concerns_all, error):
                    raise
                counts["failed"] += 1
                log.warning("file_not_scanned", reference=reference, why=getattr(error, "code", "tampered"))
        return FilesScanned(**counts)

    def _waiting(self, again: bool) -> list[tuple[str, str]]:
        if self._scanner is None:
            return []
        with self._reading() as tx:
            return files.to_scan(tx, again=again)

    def _looked_at(self, reference: str, id: str) -> tuple[RecordScan, str]:
        """Scans a file; gives the command that notes the result, and its id: the same, however often it is sent."""
        with self._reading() as tx:
            file = case_in_care(tx, self._keys, reference).file(id)
            is_known = quarantine.is_condemned(tx, quarantine.content_digest(self._keys.digest, file.sha256))
        if is_known:
            return self._known(reference, id)
        if self._scanner is None:
            raise ClamdAway(reason="none is set")
        verdict = self._scanner.scan(self._evidence.read(reference, file), file.size)
        command = RecordScan(
            file=id,
            result=_RESULTS[verdict.finding],
            scanner=self._scanner.version()[:200] or None,
            finding=verdict.said[:200] or None,
        )
        return command, self._command_id(reference, file, command)

    def _known(self, reference: str, id: str) -> tuple[RecordScan, str]:
        """The command that notes malware which was found in the same bytes elsewhere, and its id."""
        with self._reading() as tx:
            file = case_in_care(tx, self._keys, reference).file(id)
            finding = quarantine.finding_in(tx, quarantine.content_digest(self._keys.digest, file.sha256))
        command = RecordScan(file=id, result=ScanState.INFECTED, finding=finding)
        return command, self._command_id(reference, file, command)

    def _command_id(self, reference: str, file: EvidenceFile, command: RecordScan) -> str:
        # With what the file was before, since it may become that again; and with the day, so that what failed for
        # another reason is not answered with that failure for ever.
        parts = (reference, file.scanned_at, command.model_dump_json(), datetime.now(UTC).date())
        return "scan-" + self._keys.digest("\n".join(map(str, ("scan", *parts))))

    def _concerns_all(self, error: Exception) -> bool:
        """True if no other file can be scanned either: then there is no use in going on."""
        if isinstance(error, ClamdAway | StoreAway) and self._scanner is not None:
            # If both answer now (these calls raise otherwise), the trouble is this file alone.
            self._scanner.version()
            next(iter(self._evidence.store.names(datetime.now(UTC))), None)
            return False
        return isinstance(error, Away) and error.code not in _OF_ONE_CASE


# --- Letting go ------------------------------------------------------------------------------------------


def sweep(
    reading: Transaction, writing: Transaction, store: Store, before: datetime, *, by_itself: bool = False
) -> StoreSwept:
    """Deletes what was written before an instant and no case holds: bytes, and records of intakes. Raises StoreAway.

    `by_itself` stands for a sweep that nobody asked for: it deletes nothing while the book may have lost cases that
    hold some of it.
    """
    # The store is read before the book: a file that is attached in between is newer than `before`.
    there = set(store.names(before))
    with reading() as tx:
        gone = there - files.held(tx, there) - intakes.waiting(tx, there, before)
        why = _doubt(tx, len(gone)) if by_itself and gone else None
    if why is not None:
        log.warning("store_not_swept", why=why)
        return StoreSwept(seen=len(there), spared=len(gone))
    with writing() as tx:
        intakes.forget_waiting(tx, before)
        clean_copies.forget_strays(tx)
        gone -= files.held(tx, gone)  # attached meanwhile: from now on its intake is used, or no more
    for name in sorted(gone):
        store.delete(name)
    return StoreSwept(seen=len(there), deleted=len(gone))


def _doubt(tx: Connection, gone: int) -> str | None:
    """A reason to doubt that the book knows all that its cases hold: it was restored, or lost and not yet rebuilt."""
    last = sweeps.last(tx)
    if last is None or last.finished_at is None or last.started_at < datetime.now(UTC) - _NIGHT:
        return "no_sweep_of_the_night"
    if any(finding.kind in _BOOK_LACKS for finding in sweeps.found_by(tx, last.id)):
        return "book_lacks_cases"
    return "more_than_is_held" if gone > len(files.all_held(tx)) else None
