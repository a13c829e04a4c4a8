"""Holds the records against each other: book, seals, lists, files, the engine's histories, and today's code.

Nothing here changes anything. What is written meanwhile can look like a difference for a moment: a case in which
something differs is looked at again before anything is said.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection
from temporalio.client import Client, WorkflowExecutionStatus

from audit.findings import Finding
from audit.keyring import key_or_why
from audit.lists import Lists
from audit.records import Records, Runs
from audit.strict import replay
from audit.told import Told, Unreadable, told
from domain.case import Case
from domain.dates import WorkingCalendar
from domain.errors import Refused
from domain.events import Entry
from domain.lifecycle import fold
from domain.log.chain import FIRST, Leaf
from domain.parts.files import EvidenceFile
from domain.vocabulary import Step
from kit.crypto.vault import Tampered, is_sealed
from kit.engine.histories import at_rest
from kit.storage.database import Database
from models import book, cases, journal, policies, seals
from models.evidence import Evidence
from models.keys import JOURNAL, CaseKey, CaseKeys
from models.lost_keys import cases_without_keys
from models.reading import case_in_care
from models.shown import Shown, shown, strays

PAGE = 100
"""How many cases are looked at between two notes of how far it is, at most."""
OFTEN = 5.0
"""Seconds after which it is noted how far it is, however few cases were looked at: some have gigabytes of files."""
_AT_ONCE = 5_000
"""How many references are asked for at once: each time the database goes through all that follow."""
TRIES, PAUSE = 5, 0.8
"""How often a case that seems to differ is looked at, and how many seconds apart: what is under way ends meanwhile."""


@dataclass
class Looked:
    """What was looked at, and what was found."""

    cases: int = 0
    entries: int = 0
    erased: int = 0
    """Of how many cases nobody can say any more what they held: their chains and their seals were looked at."""
    files: int = 0
    """How many evidence files were read to their end."""
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: "Looked") -> None:
        """Counts what was looked at besides."""
        self.cases += other.cases
        self.entries += other.entries
        self.erased += other.erased
        self.files += other.files
        self.findings += other.findings


@dataclass(frozen=True)
class _Snapshot:
    """What the database has of one case."""

    lines: Sequence[book.StoredLine]
    leaves: Sequence[seals.StoredLeaf]
    shown: Shown


class Verifier:
    """Looks. Without a client the engine is left out: only what was put away of its histories is looked at. Without
    the evidence, the bytes of the files are left out.
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
        self._lists = Lists(self._editions, self._keys, self._calendar)

    # --- All cases ---

    async def every(self, after: str = "") -> AsyncIterator[tuple[str, Looked]]:
        """Every case that the database knows of, some at a time: the last reference and what was found since."""
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
        """What is wrong beside the cases: the store of the keys, versions of the policy, stray rows, the journal, stray
        workflows."""
        lost = await asyncio.to_thread(self._keyless)
        found = [Finding("other_keys", str(lost))] if lost else []
        found += [*self._missing_editions(), *await asyncio.to_thread(self._strays)]
        return [*found, *await asyncio.to_thread(self._journal), *await self._orphans()]

    async def _orphans(self) -> list[Finding]:
        """Workflows that run for cases which the database knows nothing of."""
        if self._client is None:
            return []
        return [
            Finding("workflow_orphan", run.run_id, run.id)
            async for run in self._client.list_workflows("WorkflowType = 'ComplaintWorkflow'")
            if run.status is WorkflowExecutionStatus.RUNNING and not await self._opens(run.id)
        ]

    async def _opens(self, reference: str) -> bool:
        """Whether the database knows the case; one that is being opened is waited for."""
        for attempt in range(TRIES):
            await asyncio.sleep(PAUSE if attempt else 0)
            with self._database.read() as tx:
                if cases.row_of(tx, reference) is not None or book.rows(tx, reference):
                    return True
        return False

    def _keyless(self) -> int:
        return cases_without_keys(self._database, self._keys)

    def _missing_editions(self) -> list[Finding]:
        """Versions of the policy that are missing between the first and the last."""
        return [
            Finding("policy_missing", f"v{version}")
            for version in range(1, max(self._editions))
            if version not in self._editions
        ]

    def _strays(self) -> list[Finding]:
        with self._database.read() as tx:
            return [Finding("row_stray", table, reference) for table, reference in strays(tx)]

    def _journal(self) -> list[Finding]:
        """The access journal: its chain, which needs no key, and whether its own key opens it."""
        with self._database.read() as tx:
            broken, closed = journal.broken_entry(tx), journal.unopened_entry(tx, self._keys.of(JOURNAL))
        found = [("journal_broken", broken), ("journal_not_opened", closed)]
        return [Finding(kind, str(number)) for kind, number in found if number is not None]

    # --- One case ---

    async def case(self, reference: str) -> Looked:
        """Everything about one case; no case is counted where nothing knows of it."""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE)
                self._read_editions()  # a version may have been made since
            runs = await self._records.of(reference)  # first: what the book has then, the histories have or will have
            with self._database.read() as tx:
                snapshot = _snapshot(tx, reference)
            key, why = await asyncio.to_thread(key_or_why, self._keys, reference)
            findings, case = self._compared(reference, snapshot, key, why, runs)
            if not findings:
                break
        findings += _bare(reference, snapshot.lines)
        findings += await self._replayed(reference, runs)
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
        """What differs, and the case as its book tells it, if it can be read. `why` is why there is no key."""
        findings = [*runs.findings, *_chain(reference, snapshot.lines), *_leaves(reference, snapshot, key)]
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
            return [*findings, Finding("not_opened", f"v{_unopened(snapshot.lines, key)}", reference)], None
        except (ValueError, KeyError, LookupError):
            return [*findings, Finding("unreadable", f"v{last.version}", reference)], None
        findings += [
            Finding("tag_differs", f"v{row.version}", reference)
            for row, entry in zip(snapshot.lines, entries, strict=True)
            if row.tag != entry.what
        ]
        findings += self._lists.against(case, last.line_hash, snapshot.shown)
        return findings + self._histories(reference, entries, case, runs), case

    def _without_key(self, reference: str, last: book.StoredLine, why: str, shown: Shown) -> list[Finding]:
        """A case that nobody can read: its book must say that it was erased, and lists must have forgotten it."""
        if last.tag != book.ERASED:
            # Of a store that is another one it is said once, for all the cases that have no key in it.
            return [] if why == "key_missing" and self._has_other_keys else [Finding(why, "", reference)]
        try:
            facts = book.kept_of(last)
        except ValueError:
            return [Finding("unreadable", f"v{last.version}", reference)]
        return self._lists.of_erased(reference, last, facts, shown)

    async def _files(self, case: Case | None) -> tuple[int, list[Finding]]:
        """How many files of a case were read, and those that are not what was attached."""
        if self._evidence is None or case is None:
            return 0, []
        held, findings = [file for file in case.files if file.is_held], []
        for file in held:
            fault = await asyncio.to_thread(self._evidence.fault, case.reference, file)
            if fault is not None and self._holds(case.reference, file):
                findings.append(Finding(fault, file.id, case.reference))
        return len(held), findings

    def _holds(self, reference: str, file: EvidenceFile) -> bool:
        """Whether a case still holds a file: it may have been removed, and swept, while it was read."""
        with self._database.read() as tx:
            try:
                return case_in_care(tx, self._keys, reference).file(file.id).is_held
            except Refused:  # erased, as well
                return False

    # --- The book and the engine ---

    def _histories(self, reference: str, entries: list[Entry], case: Case | None, runs: Runs) -> list[Finding]:
        findings = []
        known = {run.run_id for run in runs.runs}
        findings += [
            Finding("history_missing", run.continues, reference)
            for run in runs.runs
            if run.continues and run.continues not in known
        ]
        if self._client is not None and case is not None and case.step is not Step.ERASED and not runs.is_running:
            findings.append(Finding("workflow_missing", "", reference))
        seen: set[int] = set()
        for run in runs.runs:
            try:
                one = told(run.history)
            except Unreadable:
                findings.append(Finding("replay_failed", run.run_id, reference))
                continue
            seen |= {entry.version for entry in one.entries}
            findings += _against(reference, run.run_id, one, entries)
        if self._client is not None:
            findings += [
                Finding("not_in_history", f"v{entry.version}", reference)
                for entry in entries
                if entry.version not in seen
            ]
        return findings

    async def _replayed(self, reference: str, runs: Runs) -> list[Finding]:
        findings = []
        for run in runs.runs:
            quiet = at_rest(run.history)
            ended = quiet.events[-1].HasField("workflow_execution_terminated_event_attributes")
            whole = len(quiet.events) == len(run.history.events) and not ended
            if len(quiet.events) < 3:
                continue  # no task has been done yet: there is nothing to compare, and a replay would wait for ever
            (found,) = await replay(
                [quiet], to_the_end=whole, namespace=self._records.namespace, converter=self._records.converter
            )
            if found.failure is not None:
                findings.append(Finding("replay_failed", run.run_id, reference))
            for difference in found.differences:
                where = f"{run.run_id}: {difference.kind} {difference.number}"
                findings.append(Finding("replay_differs", where, reference))
        return findings


def _leaves(reference: str, snapshot: _Snapshot, key: CaseKey | None) -> list[Finding]:
    lines = {row.version: row for row in snapshot.lines}
    findings = []
    for leaf in snapshot.leaves:
        where = f"v{leaf.version}"
        line = lines.get(leaf.version)
        if Leaf(reference, leaf.version, leaf.line_hash, leaf.commitment).hash() != leaf.hash:
            findings.append(Finding("leaf_broken", where, reference))
        if line is None:
            findings.append(Finding("line_gone", where, reference))
        elif line.hash(line.previous) != leaf.line_hash:
            findings.append(Finding("line_changed", where, reference))
        elif key is not None and leaf.commitment is None and is_sealed(line.event):
            findings.append(Finding("commitment_missing", where, reference))
        elif key is not None and leaf.commitment is not None and not _commits(line, key, leaf.commitment):
            findings.append(Finding("commitment_differs", where, reference))
    return findings


def _commits(line: book.StoredLine, key: CaseKey, commitment: bytes) -> bool:
    """Without the key nobody can say it any more; the leaf still stands in the tree."""
    try:
        return key.commitment(book.in_clear(line, key).content()) == commitment
    except Tampered:
        return True  # said of the line itself


def _unopened(lines: Sequence[book.StoredLine], key: CaseKey) -> int:
    """The first line that does not open."""
    for line in lines:
        try:
            book.event_of(line, key)
        except Tampered:
            return int(line.version)
    return 0


def _snapshot(tx: Connection, reference: str) -> _Snapshot:
    return _Snapshot(book.rows(tx, reference), seals.leaves_of(tx, reference), shown(tx, reference))


def _chain(reference: str, lines: Sequence[book.StoredLine]) -> list[Finding]:
    findings, head, version = [], FIRST, 0
    for line in lines:
        if line.version != version + 1:
            findings.append(Finding("line_missing", f"v{version + 1}", reference))
        if line.previous != head or line.line_hash != line.hash(line.previous):
            findings.append(Finding("chain_broken", f"v{line.version}", reference))
        head, version = line.line_hash, line.version
    return findings


def _bare(reference: str, lines: Sequence[book.StoredLine]) -> list[Finding]:
    return [Finding("not_sealed", f"v{line.version}", reference) for line in lines if book.is_bare(line)]


def _against(reference: str, run_id: str, one: Told, entries: list[Entry]) -> list[Finding]:
    """What a run tells, held against the book."""
    findings = []
    of_book = {entry.version: entry for entry in entries}
    commands: dict[str, list[Entry]] = {}
    for entry in entries:
        commands.setdefault(entry.command_id, []).append(entry)
    for entry in one.entries:
        line = of_book.get(entry.version)
        if line is None:
            findings.append(Finding("not_in_book", f"v{entry.version}", reference))
        elif line != entry:
            findings.append(Finding("history_differs", f"v{entry.version}", reference))
    opened = commands.get(one.opening.command_id)
    if one.entries and opened and (opened[0].version, opened[0].actor) != (1, one.opening.actor):
        findings.append(Finding("command_differs", f"{run_id}: 1", reference))
    for answer in one.answered:
        where = f"{run_id}: {answer.event}"
        lines = commands.get(answer.command_id)
        if not answer.receipt.events:
            continue  # it changed nothing, and so the book has nothing of it
        if lines is None:
            findings.append(Finding("command_not_in_book", where, reference))
        elif (
            lines[0].actor != answer.actor
            or tuple(line.what for line in lines) != answer.receipt.events
            or lines[-1].version != answer.receipt.version
        ):
            findings.append(Finding("command_differs", where, reference))
    if one.state is not None:
        before = [entry for entry in entries if entry.version <= one.state.case.version]
        if not before or len(before) < one.state.case.version or fold(reference, before) != one.state.case:
            findings.append(Finding("state_differs", run_id, reference))
    return findings
