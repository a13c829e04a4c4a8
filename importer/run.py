"""Carries plans out: opens each case and submits its commands in order. Stopped at any moment, it can be run again.

References and command ids follow from the source of each complaint, so nothing is opened twice, nothing counts twice,
and what is missing is completed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Protocol, TypeVar

from domain.actors import Actor
from domain.case import Case
from domain.complaint import Complaint
from domain.errors import Away, Invalid, Problem
from domain.events import Entry
from domain.exchange.cases import Receipt
from domain.lifecycle import decide, fold, record, when
from domain.parts.base import Command
from domain.parts.intake import Open
from importer.rows import ComplaintPlan, Planned, PlannedCommand, RefusedRow, never_opened

A = TypeVar("A")

BATCH = 200
"""Cases that are looked up at once."""

GRACE = timedelta(seconds=5)
"""The time that commands under way have to be answered when the import is stopped."""


class Door(Protocol):
    """A way to open cases and submit commands: the desk, or a rehearsal of it."""

    async def open(
        self, complaint: Complaint, actor: Actor, *, reference: str | None = None, command_id: str | None = None
    ) -> Receipt:
        """Opens a case."""

    async def submit(
        self,
        reference: str,
        command: Command,
        actor: Actor,
        *,
        command_id: str | None = None,
    ) -> Receipt:
        """Submits a command, upon the case as it is found."""


@dataclass(frozen=True, slots=True)
class Known:
    """The part of a file that is in the book already."""

    references: dict[str, str] = field(default_factory=dict)
    """Source key -> reference of its case."""
    commands: frozenset[str] = frozenset()
    """Ids of commands."""
    beside: dict[str, str] = field(default_factory=dict)
    """Source key whose case whoever imports may not see -> the key under which they have the row (`models.sources`)."""


Lookup = Callable[[Sequence[str], Sequence[str]], Awaitable[Known]]
"""(source keys, command ids) -> which of them are in the book. Raises Away. See `importer.known.known_in`."""


@dataclass(slots=True)
class ImportReport:
    """The counts of an import, at its end or so far."""

    rows: int = 0
    """Rows read."""
    opened: int = 0
    """Cases opened."""
    commands: int = 0
    """Commands accepted, openings not counted."""
    already_there: int = 0
    """Cases that were open before."""
    refused: int = 0
    """Rows refused, whole or in part."""
    ignored: int = 0
    """Rows that become nothing because the mapping says so."""

    def as_dict(self) -> dict[str, int]:
        """The counts that are shown."""
        return {
            "rows": self.rows,
            "opened": self.opened,
            "commands": self.commands,
            "already_there": self.already_there,
            "refused": self.refused,
        }


CaseOf = Callable[[str], Awaitable[Case]]
"""Reference -> the case as it stands in the book. Raises Refused when it was erased. See `importer.known.case_in`."""


PartOf = Callable[[str, str], Awaitable[str | None]]
"""(reference, command id) -> the id of the part which that command added; None if the book does not have it."""


def part_added(entries: Iterable[Entry]) -> str | None:
    """The part that the events of one command add, which the first of them that has an id names."""
    ids = (getattr(entry.event, "id", None) for entry in entries)
    return next((str(id) for id in ids if id is not None), None)


class ImportStopped(Away):
    """The engine or the database stayed away for too long. The import can be run again."""


async def run_import(
    plans: Iterable[Planned],
    desk: Door,
    actor: Actor,
    lookup: Lookup,
    part_of: PartOf | None = None,
    *,
    on_refused: Callable[[RefusedRow], None] = lambda _: None,
    progress: Callable[[ImportReport], None] = lambda _: None,
    report: ImportReport | None = None,
    concurrency: int = 20,
    patience: timedelta = timedelta(minutes=5),
) -> ImportReport:
    """Opens what is planned and submits its commands: several cases at once, the commands of a case one by one.

    `report` is filled in as the import goes: whoever keeps it has the counts when the import is cancelled or stops.
    Raises ImportStopped when nobody answers for longer than `patience`.
    """
    run = _Run(desk, actor, lookup, part_of, on_refused, progress, report or ImportReport(), patience)
    rest = iter(plans)
    while batch := await asyncio.to_thread(_some, rest):
        await run.take(batch, concurrency)
    return run.report


async def _nothing_known(_keys: Sequence[str], _ids: Sequence[str]) -> Known:
    return Known()


async def _no_case(reference: str) -> Case:
    raise AssertionError(f"{reference} was never said to be there")


async def _no_part(_reference: str, _command_id: str) -> str | None:
    return None


async def check(
    plans: Iterable[Planned],
    actor: Actor,
    lookup: Lookup = _nothing_known,
    case_of: CaseOf = _no_case,
    part_of: PartOf = _no_part,
    *,
    on_refused: Callable[[RefusedRow], None] = lambda _: None,
    progress: Callable[[ImportReport], None] = lambda _: None,
    report: ImportReport | None = None,
    foresee: Callable[[Case], None] = lambda _: None,
) -> ImportReport:
    """The same through the rules alone: nothing is opened, and nothing is asked of the engine.

    With a lookup and a way to the cases that it finds, the database is asked what is there already, as in an import.
    `foresee` is given each case that would be opened, or would take a command, as it would stand.
    """
    rehearsal = _Rehearsal(case_of, part_of, foresee)
    done = await run_import(
        plans,
        rehearsal,
        actor,
        lookup,
        rehearsal.part_of,
        on_refused=on_refused,
        progress=progress,
        report=report,
        concurrency=1,
    )
    rehearsal.let_go()
    return done


def _some(plans: Iterator[Planned]) -> list[Planned]:
    return list(islice(plans, BATCH))


@dataclass(slots=True)
class _Run:
    desk: Door
    actor: Actor
    lookup: Lookup
    part_of: PartOf | None
    on_refused: Callable[[RefusedRow], None]
    progress: Callable[[ImportReport], None]
    report: ImportReport
    patience: timedelta
    stopping: bool = False

    async def take(self, batch: list[Planned], concurrency: int) -> None:
        """Takes some plans; returns when all are done.

        Whatever stops it stops them all: what was asked already gets a moment to be answered, so that it is counted.
        """
        recorded = await self._looked_up(batch)
        if recorded.beside:
            batch = [
                planned.beside(recorded.beside[planned.key])
                if isinstance(planned, ComplaintPlan) and planned.key in recorded.beside
                else planned
                for planned in batch
            ]
            recorded = await self._looked_up(batch)
        places = asyncio.Semaphore(concurrency)

        async def carry_out(planned: Planned) -> None:
            async with places:
                if self.stopping:
                    return
                if isinstance(planned, ComplaintPlan):
                    await self._case(planned, recorded)
                else:
                    self.report.rows += 1
                    self._refused(planned)
                self.progress(self.report)

        await self._all_of([asyncio.ensure_future(carry_out(planned)) for planned in batch])

    async def _all_of(self, tasks: list[asyncio.Future[None]]) -> None:
        """Waits until all are done. The first error stops the others."""
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            self.stopping = True
            _, late = await asyncio.wait(tasks, timeout=GRACE.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.stopping = False

    async def _looked_up(self, batch: list[Planned]) -> Known:
        cases = [planned for planned in batch if isinstance(planned, ComplaintPlan)]
        keys, ids = [case.key for case in cases], [command.id for case in cases for command in case.commands]
        return await self._answered(lambda: self.lookup(keys, ids)) if cases else Known()

    async def _case(self, plan: ComplaintPlan, known: Known) -> None:
        reference = known.references.get(plan.key) or await self._opened(plan)
        if reference is not None:
            if plan.key in known.references:
                self.report.already_there += 1
            await self._commands(plan, reference, known)
            for row in plan.refused:
                self._refused(row)
        self.report.rows += len(plan.rows)
        self.report.ignored += len(plan.ignored)

    async def _opened(self, plan: ComplaintPlan) -> str | None:
        """Opens the case; none when the rules refuse it, and then every row of the case is refused."""
        try:
            receipt = await self._answered(
                lambda: self.desk.open(plan.complaint, self.actor, reference=plan.reference, command_id=plan.opening_id)
            )
        except Away:
            raise
        except Problem as problem:
            if problem.code == "already_imported":  # by somebody else, a moment ago
                self.report.already_there += 1
                return str(problem.params["reference"])
            for line, values in plan.rows.items():
                why = problem if line == plan.line else never_opened(plan.line)
                self._refused(RefusedRow(line, (why,), values))
            return None
        self.report.opened += 1
        return receipt.reference

    async def _commands(self, plan: ComplaintPlan, reference: str, known: Known) -> None:
        skip = False
        out_of_place = await self._out_of_place(plan, known)
        for planned in plan.commands:
            skip = skip and planned.follows
            if skip or planned.id in known.commands:
                continue
            try:
                if planned.id in out_of_place:
                    raise out_of_place[planned.id]
                command = await self._with_parts(planned, reference, self.part_of)
                await self._submitted(reference, command, planned.id)
            except Away:
                raise
            except Problem as problem:
                self._refused(RefusedRow(planned.line, (problem,), plan.rows[planned.line]))
                skip = True
            else:
                self.report.commands += 1

    async def _out_of_place(self, plan: ComplaintPlan, known: Known) -> dict[str, Problem]:
        """Commands that the book lacks and that the rules refuse in their place in the file, by id.

        What was refused once must not be let in later, behind what came after it: the same file again is neutral.
        """
        ids = [planned.id for planned in plan.commands]
        missing = [at for at, id in enumerate(ids) if id not in known.commands]
        if not missing or not any(id in known.commands for id in ids[missing[0] :]):
            return {}
        rehearsal, refused = _Rehearsal(_no_case, _no_part), dict[str, Problem]()
        try:
            await rehearsal.open(plan.complaint, self.actor, reference=plan.reference)
        except Problem:
            return {}  # whoever imports may not open cases: then the case itself says what it takes
        for planned in plan.commands:
            try:
                command = await self._with_parts(planned, plan.reference, rehearsal.part_of)
                await rehearsal.submit(plan.reference, command, self.actor, command_id=planned.id)
            except Problem as problem:
                refused[planned.id] = problem
        return refused

    async def _with_parts(self, planned: PlannedCommand, reference: str, part_of: PartOf | None) -> Command:
        """The command, its references resolved: a part has the number that the case gave it. Raises Problem."""
        changes: dict[str, str] = {}
        for meant in planned.refers if part_of is not None else ():
            assert part_of is not None  # noqa: S101 - there would be nothing to go through
            part = await self._answered(partial(part_of, reference, meant.command_id))
            if part is None:
                raise Invalid(
                    "row_refused_before",
                    "{field} speaks of what line {line} adds, and that line was refused.",
                    "Correct that line first.",
                    field=meant.field,
                    line=meant.line,
                )
            changes[meant.field] = part
        return planned.command.model_copy(update=changes) if changes else planned.command

    async def _submitted(self, reference: str, command: Command, id: str) -> None:
        await self._answered(lambda: self.desk.submit(reference, command, self.actor, command_id=id))

    async def _answered(self, ask: Callable[[], Awaitable[A]]) -> A:
        """Asks until there is an answer. Asking twice does no harm: everything has an id."""
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self.patience.total_seconds(), 0.5
        while True:
            if self.stopping:
                raise asyncio.CancelledError
            try:
                return await ask()
            except Away as away:
                if loop.time() + pause > until:
                    raise ImportStopped(
                        "import_stopped",
                        "The import stopped: no answer from the engine or database for {seconds} seconds ({cause}).",
                        "Run it again with the same file and mapping: what is done is not done twice.",
                        seconds=int(self.patience.total_seconds()),
                        cause=away.code,
                    ) from away
            await asyncio.sleep(pause)
            pause = min(pause * 2, 15.0)

    def _refused(self, row: RefusedRow) -> None:
        self.report.refused += 1
        self.on_refused(row)


class _Rehearsal:
    """A desk that asks the rules and forgets: it holds one case at a time."""

    def __init__(self, case_of: CaseOf, part_of: PartOf, foresee: Callable[[Case], None] = lambda _: None) -> None:
        self._case_of, self._part_in_book, self._foresee = case_of, part_of, foresee
        self._case: Case | None = None
        self._is_touched = False
        self._parts: dict[str, str | None] = {}

    async def part_of(self, reference: str, command_id: str) -> str | None:
        """The part that a command added: in this rehearsal, or in the book."""
        if command_id in self._parts:
            return self._parts[command_id]
        return await self._part_in_book(reference, command_id)

    async def open(
        self, complaint: Complaint, actor: Actor, *, reference: str | None = None, command_id: str | None = None
    ) -> Receipt:
        self.let_go()
        self._parts = {}
        return self._take(reference or "", Open(complaint=complaint), actor, command_id)

    async def submit(
        self,
        reference: str,
        command: Command,
        actor: Actor,
        *,
        command_id: str | None = None,
    ) -> Receipt:
        if self._case is None or self._case.reference != reference:
            self.let_go()
            self._case = await self._case_of(reference)
        return self._take(reference, command, actor, command_id)

    def let_go(self) -> None:
        """Lets go of the case that it holds, once all of its commands have been asked."""
        if self._case is not None and self._is_touched:
            self._foresee(self._case)
        self._case, self._is_touched = None, False

    def _take(self, reference: str, command: Command, actor: Actor, command_id: str | None) -> Receipt:
        now, case = datetime.now(UTC), self._case
        entries = record(
            decide(case, command, actor, now),
            after=case.version if case else 0,
            command_id=command_id or "",
            actor=actor,
            happened_at=when(command, case, now),
            recorded_at=now,
        )
        self._case, self._is_touched = fold(reference, entries, case), True
        self._parts[command_id or ""] = part_added(entries)
        events = tuple(entry.what for entry in entries)
        return Receipt(reference=reference, version=self._case.version, step=self._case.step, events=events)
