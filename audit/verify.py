"""Holds the records against each other: book, seals, lists, files, the engine's histories, and today's code.

Nothing here changes anything. A command that lands meanwhile can look like a difference: a case in which something
differs is looked at again before it becomes a finding.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from temporalio.client import Client, WorkflowExecutionStatus

from audit import accounts, histories, lines
from audit.findings import Finding
from audit.keyring import key_or_why
from audit.lists import Lists
from domain.errors import Refused
from domain.lifecycle import fold
from domain.vocabulary import Step
from kit.crypto.vault import Tampered
from models import access_queue, account_history, book, cases, journal, minted, policies, seals
from models.care import case_in_care
from models.chaining import CHAINED_WITHIN
from models.destroyed_keys import came_back
from models.keys import JOURNAL, CaseKey, CaseKeys, asking
from models.lost_keys import cases_without_keys
from models.shown import Shown, shown, strays

if TYPE_CHECKING:
    from audit.records import Records, Runs
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.events import Entry
    from domain.parts.files import EvidenceFile
    from kit.storage.database import Database
    from models.evidence import Evidence

PAGE = 100
"""Cases that are looked at between two reports of progress, at most."""
OFTEN = 5.0
"""Seconds after which progress is reported, however few cases were looked at: some have gigabytes of files."""
_AT_ONCE = 5_000
"""References that are read at once: each time the database goes through all that follow."""
TRIES, PAUSE = 5, 0.8
"""Looks at a case that seems to differ, and seconds between two: what is under way ends meanwhile."""


@dataclass
class Looked:
    """Counts of what was looked at, and the findings."""

    cases: int = 0
    entries: int = 0
    erased: int = 0
    """Cases of which only the chains and the seals can be looked at: their keys are destroyed."""
    files: int = 0
    """Evidence files that were read to their end."""
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: Looked) -> None:
        """Counts what was looked at besides."""
        self.cases += other.cases
        self.entries += other.entries
        self.erased += other.erased
        self.files += other.files
        self.findings += other.findings


@dataclass(frozen=True)
class _Snapshot:
    """Rows of the database on one case."""

    lines: Sequence[book.StoredLine]
    leaves: Sequence[seals.StoredLeaf]
    shown: Shown


class Verifier:
    """Looks at cases, and at what stands beside them.

    Without a client only the histories that were put away are looked at, and not the engine. Without the evidence, the
    bytes of the files are left out.
    """

    def __init__(
        self,
        database: Database,
        keys: CaseKeys,
        records: Records,
        calendar: WorkingCalendar,
        client: Client | None,
        evidence: Evidence | None = None,
    ) -> None:
        self._database, self._keys, self._records = database, keys, records
        self._calendar, self._client, self._evidence = calendar, client, evidence
        self._has_other_keys = False
        self._read_editions()

    def _read_editions(self) -> None:
        with self._database.read() as tx:
            self._editions = policies.readable(tx)
            self._names = accounts.Names(account_history.all_lines(tx))
        self._lists = Lists(self._editions, self._keys, self._calendar)

    # --- All cases ---

    async def every(self, after: str = "") -> AsyncIterator[tuple[str, Looked]]:
        """Looks at every case that the database knows of.

        Gives, now and then, the last reference and what was seen since the last time.
        """
        self._has_other_keys = bool(await asyncio.to_thread(self._keyless))
        while references := self._next(after):
            looked, count, since = Looked(), 0, time.monotonic()
            for after in references:
                looked.add(await self.case(after))
                count += 1
                if count == PAGE or time.monotonic() - since > OFTEN:
                    yield after, looked
                    looked, count, since = Looked(), 0, time.monotonic()
            if count:
                yield after, looked

    def _next(self, after: str) -> list[str]:
        with self._database.read() as tx:
            return cases.known_after(tx, after, _AT_ONCE)

    async def beside(self) -> list[Finding]:
        """Looks beside the cases: at the store of the keys, versions of the policy, the journal, stray rows and
        workflows.
        """
        lost = await asyncio.to_thread(self._keyless)
        findings = [Finding("other_keys", str(lost))] if lost else []
        if (broken := await asyncio.to_thread(self._broken_entry)) is not None:
            findings.append(Finding("keys_broken", str(broken)))
        findings += [Finding("key_alive", "", case) for case in await asyncio.to_thread(self._came_back)]
        findings += [*self._missing_editions(), *await asyncio.to_thread(self._strays)]
        findings += await asyncio.to_thread(self._standings)
        return [*findings, *await asyncio.to_thread(self._journal), *await self._orphans()]

    async def _orphans(self) -> list[Finding]:
        """Finds workflows that run for cases which the database knows nothing of."""
        if self._client is None:
            return []
        return [
            Finding("workflow_orphan", run.run_id, run.id)
            async for run in self._client.list_workflows("WorkflowType = 'ComplaintWorkflow'")
            if run.status is WorkflowExecutionStatus.RUNNING and not await self._opens(run.id)
        ]

    async def _opens(self, reference: str) -> bool:
        """True if the database knows the case; waits a little for one that is being opened."""
        for attempt in range(TRIES):
            await asyncio.sleep(PAUSE if attempt else 0)
            with self._database.read() as tx:
                if cases.row_of(tx, reference) is not None or book.rows(tx, reference):
                    return True
        return False

    def _keyless(self) -> int:
        return cases_without_keys(self._database, self._keys)

    def _broken_entry(self) -> int | None:
        with asking(), self._keys.store.read() as vault:
            return minted.broken(vault)

    def _came_back(self) -> list[str]:
        return came_back(self._database, self._keys)

    def _missing_editions(self) -> list[Finding]:
        """Finds versions of the policy that are missing between the first and the last."""
        return [
            Finding("policy_missing", f"v{version}")
            for version in range(1, max(self._editions))
            if version not in self._editions
        ]

    def _strays(self) -> list[Finding]:
        with self._database.read() as tx:
            return [Finding("row_stray", table, reference) for table, reference in strays(tx)]

    def _standings(self) -> list[Finding]:
        with self._database.read() as tx:
            return accounts.standings(tx)

    def _journal(self) -> list[Finding]:
        """Looks at the access journal: its chain, which needs no key, its entries, which its own key must open, and
        its queue.
        """
        with self._database.read() as tx:
            broken, seen = journal.broken_entry(tx), journal.contents(tx, self._keys.of(JOURNAL))
            oldest, held = access_queue.oldest(tx), access_queue.held(tx)
        numbers = [("journal_broken", broken), ("journal_not_opened", seen.unopened), ("journal_held", held or None)]
        findings = [Finding(kind, str(number)) for kind, number in numbers if number is not None]
        findings += [Finding("journal_lost", str(number)) for number in seen.lost]
        if oldest is not None and datetime.now(UTC) - oldest > CHAINED_WITHIN:
            findings.append(Finding("journal_waits", oldest.isoformat(timespec="seconds")))
        return findings

    # --- One case ---

    async def case(self, reference: str) -> Looked:
        """Looks at everything about one case; counts no case where no record knows of it."""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE)
                self._read_editions()  # a version may have been made since, or an account opened
            runs = await self._records.of(reference)  # before the book, which has by then what they tell
            with self._database.read() as tx:
                snapshot = _snapshot(tx, reference)
            key, why = await asyncio.to_thread(key_or_why, self._keys, reference)
            findings, case = self._compared(reference, snapshot, key, why, runs)
            if not findings:
                break
        findings += lines.bare(reference, snapshot.lines)
        findings += await histories.replayed(reference, runs, self._records)
        files, damaged = await self._files(case)
        return Looked(
            cases=int(bool(snapshot.lines or snapshot.leaves or snapshot.shown.row or runs.runs)),
            entries=len(snapshot.lines),
            erased=int(bool(snapshot.lines) and key is None),
            files=files,
            findings=findings + damaged,
        )

    def _compared(
        self, reference: str, snapshot: _Snapshot, key: CaseKey | None, why: str, runs: Runs
    ) -> tuple[list[Finding], Case | None]:
        """Gives the differences, and the case if its book can be read. `why` is the finding if there is no key."""
        findings = [
            *runs.findings,
            *lines.chain(reference, snapshot.lines),
            *lines.seals(reference, snapshot.lines, snapshot.leaves, key),
            *self._names.wrong(reference, snapshot.lines),
        ]
        if not snapshot.lines:
            if snapshot.shown.row is not None:
                findings.append(Finding("row_orphan", "cases", reference))
            return findings + self._histories(reference, [], None, runs), None
        last = snapshot.lines[-1]
        if key is None:
            return findings + self._without_key(reference, last, why, snapshot.shown), None
        try:
            entries = [book.entry_of(row, key) for row in snapshot.lines]
            case = fold(reference, entries)
        except Tampered:
            return [*findings, Finding("not_opened", f"v{lines.first_unopened(snapshot.lines, key)}", reference)], None
        except (ValueError, KeyError, LookupError):
            return [*findings, Finding("unreadable", f"v{last.version}", reference)], None
        findings += lines.tags(reference, snapshot.lines, entries)
        findings += accounts.by_capability(reference, entries)
        findings += self._lists.against(case, last.line_hash, snapshot.shown)
        return findings + self._histories(reference, entries, case, runs), case

    def _without_key(self, reference: str, last: book.StoredLine, why: str, shown: Shown) -> list[Finding]:
        """Looks at a case that nobody can read: its book must say that it was erased, its rows must tell no more."""
        if last.tag != book.ERASED:
            # A store that belongs to another book is one finding, for all the cases that have no key in it.
            return [] if why == "key_missing" and self._has_other_keys else [Finding(why, "", reference)]
        try:
            facts = book.kept_of(last)
        except ValueError:
            return [Finding("unreadable", f"v{last.version}", reference)]
        return self._lists.of_erased(reference, last, facts, shown)

    async def _files(self, case: Case | None) -> tuple[int, list[Finding]]:
        """Reads the files of a case; gives how many, and a finding for each that is not what was attached."""
        if self._evidence is None or case is None:
            return 0, []
        held, findings = [file for file in case.files if file.is_held], []
        for file in held:
            fault = await asyncio.to_thread(self._evidence.fault, case.reference, file)
            if fault is not None and self._holds(case.reference, file):
                findings.append(Finding(fault, file.id, case.reference))
        return len(held), findings

    def _holds(self, reference: str, file: EvidenceFile) -> bool:
        """True if a case still holds a file: it may have been removed, and swept, while it was read."""
        with self._database.read() as tx:
            try:
                return case_in_care(tx, self._keys, reference).file(file.id).is_held
            except Refused:  # erased, as well
                return False

    # --- The book and the engine ---

    def _histories(self, reference: str, entries: list[Entry], case: Case | None, runs: Runs) -> list[Finding]:
        findings = histories.missing_runs(reference, runs)
        if self._client is not None and case is not None and case.step is not Step.ERASED and not runs.is_running:
            findings.append(Finding("workflow_missing", "", reference))
        return findings + histories.differences(reference, runs, entries, is_complete=self._client is not None)


def _snapshot(tx: Connection, reference: str) -> _Snapshot:
    return _Snapshot(book.rows(tx, reference), seals.leaves_of(tx, reference), shown(tx, reference))
