"""Holds the histories of the engine against the book, and against what today's code would do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from audit.findings import Finding
from audit.strict import replay
from audit.told import Answered, Told, Unreadable, told
from domain.lifecycle import fold
from kit.engine.histories import at_rest

if TYPE_CHECKING:
    from audit.records import Records, Runs
    from domain.case import Case
    from domain.events import Entry


def missing_runs(reference: str, runs: Runs) -> list[Finding]:
    """Finds runs that another was continued from, and of which there is no history."""
    run_ids = {run.run_id for run in runs.runs}
    return [
        Finding("history_missing", run.continues, reference)
        for run in runs.runs
        if run.continues and run.continues not in run_ids
    ]


def differences(reference: str, runs: Runs, entries: Sequence[Entry], *, is_complete: bool) -> list[Finding]:
    """Finds what book and histories tell otherwise.

    `is_complete` if the engine was asked too: what the book has must then be in one of the histories.
    """
    findings: list[Finding] = []
    versions: set[int] = set()
    for run in runs.runs:
        try:
            tale = told(run.history)
        except Unreadable:
            findings.append(Finding("replay_failed", run.run_id, reference))
            continue
        versions |= {entry.version for entry in tale.entries}
        findings += _against(reference, run.run_id, tale, entries)
    if is_complete:
        findings += [
            Finding("not_in_history", f"v{entry.version}", reference)
            for entry in entries
            if entry.version not in versions
        ]
    return findings


async def replayed(reference: str, runs: Runs, records: Records) -> list[Finding]:
    """Finds what today's code would do or say otherwise than the histories have."""
    from workflows.complaint import ComplaintWorkflow  # what is held against the book alone needs no workflow

    findings = []
    for run in runs.runs:
        quiet = at_rest(run.history)
        ended = quiet.events[-1].HasField("workflow_execution_terminated_event_attributes")
        whole = len(quiet.events) == len(run.history.events) and not ended
        if len(quiet.events) < 3:
            continue  # no task has been done yet: there is nothing to compare, and a replay would wait for ever
        (outcome,) = await replay(
            [quiet], ComplaintWorkflow, to_the_end=whole, namespace=records.namespace, converter=records.converter
        )
        if outcome.failure is not None:
            findings.append(Finding("replay_failed", run.run_id, reference))
        for difference in outcome.differences:
            where = f"{run.run_id}: {difference.kind} {difference.number}"
            findings.append(Finding("replay_differs", where, reference))
    return findings


def _against(reference: str, run_id: str, tale: Told, entries: Sequence[Entry]) -> list[Finding]:
    commands: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        commands[entry.command_id].append(entry)
    findings = _events(reference, tale, {entry.version: entry for entry in entries})
    opened = commands.get(tale.opening.command_id)
    if tale.entries and opened and (opened[0].version, opened[0].actor.account) != (1, tale.opening.actor.account):
        findings.append(Finding("command_differs", f"{run_id}: 1", reference))
    for answer in tale.answered:
        if kind := _answer(answer, commands):
            findings.append(Finding(kind, f"{run_id}: {answer.event}", reference))
    if tale.state is not None and not _is_state_of_book(reference, tale.state.case, entries):
        findings.append(Finding("state_differs", run_id, reference))
    return findings


def _is_state_of_book(reference: str, case: Case, entries: Sequence[Entry]) -> bool:
    before = [entry for entry in entries if entry.version <= case.version]
    return bool(before) and len(before) >= case.version and fold(reference, before) == case


def _events(reference: str, tale: Told, book: Mapping[int, Entry]) -> list[Finding]:
    findings = []
    for entry in tale.entries:
        line = book.get(entry.version)
        if line is None:
            findings.append(Finding("not_in_book", f"v{entry.version}", reference))
        elif line != entry:
            findings.append(Finding("history_differs", f"v{entry.version}", reference))
    return findings


def _answer(answer: Answered, commands: Mapping[str, Sequence[Entry]]) -> str | None:
    """The kind of finding that an answer gives, if the book does not have it so."""
    if not answer.receipt.events:
        return None  # the command changed nothing, and the book has nothing of it
    lines = commands.get(answer.command_id)
    if lines is None:
        return "command_not_in_book"
    is_same = (
        lines[0].actor.account == answer.actor.account
        and tuple(line.what for line in lines) == answer.receipt.events
        and lines[-1].version == answer.receipt.version
    )
    return None if is_same else "command_differs"
