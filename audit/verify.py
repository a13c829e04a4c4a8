"""Holds the records against each other: the book, its seals, what lists read, the engine's histories, today's code.

Nothing here changes anything. What is written meanwhile can look like a difference for a moment: a case in which
something differs is looked at again before anything is said.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Row
from temporalio.client import Client, WorkflowExecutionStatus

from audit.findings import Finding
from audit.records import Records, Runs
from audit.strict import replay
from audit.told import Told, Unreadable, told
from domain.case import Case
from domain.chain import FIRST, Leaf
from domain.clocks import agenda
from domain.dates import WorkingCalendar
from domain.events import Entry
from domain.lifecycle import fold
from domain.vocabulary import Step
from kit.database import Database
from kit.histories import at_rest
from kit.vault import KeyDestroyed, KeyUnknown, Tampered
from models import alerts, book, cases, policies, seals
from models.keys import CaseKey, CaseKeys

PAGE = 100
"""How many cases are looked at between two notes of how far it is."""
TRIES, PAUSE = 5, 0.8
"""How often a case that seems to differ is looked at, and how many seconds apart: what is under way ends meanwhile."""


@dataclass
class Looked:
    """What was looked at, and what was found."""

    cases: int = 0
    entries: int = 0
    erased: int = 0
    """Of how many cases nobody can say any more what they held: their chains and their seals were looked at."""
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Snapshot:
    """What the database has of one case."""

    lines: Sequence[Row[Any]]
    leaves: Sequence[Row[Any]]
    row: Row[Any] | None
    parties: frozenset[str]
    alerts: list[dict[str, Any]]


class Verifier:
    """Looks. Without a client the engine is left out: only what was put away of its histories is looked at."""

    def __init__(
        self, database: Database, keys: CaseKeys, records: Records, calendar: WorkingCalendar, client: Client | None
    ) -> None:
        self._database, self._keys, self._records = database, keys, records
        self._calendar, self._client = calendar, client
        with database.read() as tx:
            self._editions = policies.readable(tx)

    # --- All cases ---

    async def every(self, after: str = "") -> AsyncIterator[tuple[str, Looked]]:
        """Every case that the database knows of, some at a time: the last reference and what was found since."""
        while references := self._page(after):
            looked = Looked()
            for reference in references:
                one = await self.case(reference)
                looked.cases += one.cases
                looked.entries += one.entries
                looked.erased += one.erased
                looked.findings += one.findings
            after = references[-1]
            yield after, looked

    def _page(self, after: str) -> list[str]:
        with self._database.read() as tx:
            return cases.known_after(tx, after, PAGE)

    async def orphans(self) -> list[Finding]:
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

    def editions(self) -> list[Finding]:
        """Versions of the policy that are missing between the first and the last."""
        return [
            Finding("policy_missing", f"v{version}")
            for version in range(1, max(self._editions))
            if version not in self._editions
        ]

    # --- One case ---

    async def case(self, reference: str) -> Looked:
        """Everything about one case; no case is counted where nothing knows of it."""
        for attempt in range(TRIES):
            await asyncio.sleep(PAUSE if attempt else 0)
            runs = await self._records.of(reference)  # first: what the book has then, the histories have or will have
            with self._database.read() as tx:
                snapshot = _snapshot(tx, reference)
            key = await asyncio.to_thread(self._key, reference)
            findings = self._compared(reference, snapshot, key, runs)
            if not findings:
                break
        findings += await self._replayed(reference, runs)
        is_known = bool(snapshot.lines or snapshot.leaves or snapshot.row or runs.runs)
        return Looked(int(is_known), len(snapshot.lines), int(bool(snapshot.lines) and key is None), findings)

    def _key(self, reference: str) -> CaseKey | None:
        try:
            return self._keys.of(reference)
        except (KeyDestroyed, KeyUnknown):
            return None

    def _compared(self, reference: str, snapshot: _Snapshot, key: CaseKey | None, runs: Runs) -> list[Finding]:
        findings = [*runs.findings, *_chain(reference, snapshot.lines), *_leaves(reference, snapshot, key)]
        if not snapshot.lines:
            if snapshot.row is not None:
                findings.append(Finding("row_orphan", "cases", reference))
            return findings + self._histories(reference, [], None, runs)
        if key is None:
            return (
                findings
                if snapshot.lines[-1].tag == book.ERASED
                else [*findings, Finding("key_missing", "", reference)]
            )
        try:
            entries = [book.entry_of(row, key) for row in snapshot.lines]
            case = fold(reference, entries)
        except Tampered:
            return [*findings, Finding("not_opened", f"v{_unopened(snapshot.lines, key)}", reference)]
        except (ValueError, KeyError, LookupError):
            return [*findings, Finding("unreadable", f"v{snapshot.lines[-1].version}", reference)]
        findings += self._rows(case, snapshot)
        return findings + self._histories(reference, entries, case, runs)

    # --- The book and what lists read ---

    def _rows(self, case: Case, snapshot: _Snapshot) -> list[Finding]:
        if snapshot.row is None:
            return [Finding("row_missing", "cases", case.reference)]
        shown, findings = snapshot.row._mapping, []
        edition = shown["policy_version"] or 0
        source = case.complaint.source
        fixed = cases.fixed(case, cases.source_key(self._keys.digest, source) if source else None)
        expected = fixed | cases.changing(case, snapshot.lines[-1].hash, None, edition)
        if policy := self._editions.get(edition):
            due = next(iter(agenda(case, policy, self._calendar)), None)
            expected = fixed | cases.changing(case, snapshot.lines[-1].hash, due, edition)
        else:
            findings.append(Finding("policy_missing", f"v{edition}", case.reference))
        expected["policy_version"] = shown["policy_version"]
        findings += [
            Finding("row_differs", f"cases.{name}", case.reference)
            for name, value in expected.items()
            if shown[name] != value
        ]
        if snapshot.parties != case.parties:
            findings.append(Finding("parties_differ", "parties", case.reference))
        told_of = {alert.key: alerts.row_of(case.reference, alert) for alert in case.alerts}
        listed = {row["key"]: row for row in snapshot.alerts}
        findings += [
            Finding("alerts_differ", key, case.reference)
            for key in sorted(told_of.keys() | listed.keys())
            if told_of.get(key) != listed.get(key)
        ]
        return findings

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
        elif book.line_of(line).hash(line.previous) != leaf.line_hash:
            findings.append(Finding("line_changed", where, reference))
        elif key is not None and leaf.commitment is not None and not _commits(line, key, leaf.commitment):
            findings.append(Finding("commitment_differs", where, reference))
    return findings


def _commits(line: Row[Any], key: CaseKey, commitment: bytes) -> bool:
    """Without the key nobody can say it any more; the leaf still stands in the tree."""
    try:
        return key.commitment(book.in_clear(line, key).content()) == commitment
    except Tampered:
        return True  # said of the line itself


def _unopened(lines: Sequence[Row[Any]], key: CaseKey) -> int:
    """The first line that does not open."""
    for line in lines:
        try:
            book.said(line, key)
        except Tampered:
            return int(line.version)
    return 0


def _snapshot(tx: Connection, reference: str) -> _Snapshot:
    return _Snapshot(
        lines=book.rows(tx, reference),
        leaves=seals.leaves_of(tx, reference),
        row=cases.row_of(tx, reference),
        parties=cases.parties_of(tx, reference),
        alerts=alerts.rows_of(tx, reference),
    )


def _chain(reference: str, lines: Sequence[Row[Any]]) -> list[Finding]:
    findings, head, version = [], FIRST, 0
    for line in lines:
        if line.version != version + 1:
            findings.append(Finding("line_missing", f"v{version + 1}", reference))
        if line.previous != head or line.hash != book.line_of(line).hash(line.previous):
            findings.append(Finding("chain_broken", f"v{line.version}", reference))
        head, version = line.hash, line.version
    return findings


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
