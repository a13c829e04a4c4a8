"""Turns rows into plans: a case to open, and its commands. Pure, but for reading the file. No row is lost."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from domain.complaint import Complaint, Source
from domain.errors import Invalid, Problem, fill
from domain.values import reference_from
from importer.cells import RowRefused, applies, empty_cell, made, moment
from importer.faults import invalid_fields
from importer.fields import Kind, Leaf
from importer.origin import PARTS, alike, fold
from kit.tables import Row, Table, TableError, read_table, tidy
from models.quotas import IMPORTED
from models.sources import source_key

if TYPE_CHECKING:
    from domain.parts.base import Command
    from importer.mapping import CommandPart, Events, Mapping

Digest = Callable[[str], str]
"""A keyed digest: the key of a row reveals nothing of it, even to somebody who tries every register number."""

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlannedCommand:
    """A command, the line it comes from, and an id that is the same each time the file is read."""

    command: Command
    line: int
    id: str
    follows: bool = False
    """It makes sense only after the one before it, which comes from the same row."""
    refers: tuple[Reference, ...] = ()
    """Its fields that name a part which an earlier command of the file adds; the number in them is provisional."""

    def beside(self, key: str) -> PlannedCommand:
        """The same command on a case that has another key."""
        refers = tuple(replace(each, command_id=_beside(each.command_id, key)) for each in self.refers)
        return replace(self, id=_beside(self.id, key), refers=refers)


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names a part by the command that adds it."""

    field: str
    command_id: str
    line: int
    """The line that command comes from."""


@dataclass(frozen=True, slots=True)
class ComplaintPlan:
    """A case to open, and its commands in order."""

    key: str
    """The key of the complaint in the database: a keyed digest of its source."""
    complaint: Complaint
    commands: tuple[PlannedCommand, ...]
    line: int
    """The line that opens it."""
    rows: dict[int, dict[str, str]]
    """Every row of this case, by line."""
    ignored: tuple[int, ...] = ()
    """The lines that become nothing: the mapping says so."""
    refused: tuple[RefusedRow, ...] = ()
    """Rows that cannot be used, although the case can be opened."""

    @property
    def reference(self) -> str:
        """The reference of its case: always the same for the same source."""
        return reference_from(int(self.key[:16], 16))

    @property
    def opening_id(self) -> str:
        """The command id of its opening."""
        return f"{IMPORTED}{self.key}"

    def beside(self, key: str) -> ComplaintPlan:
        """The same plan under another key, for whoever may not see the case that has this one."""
        return replace(self, key=key, commands=tuple(planned.beside(key) for planned in self.commands))


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was turned away, and all its faults."""

    line: int
    problems: tuple[Problem, ...]
    values: dict[str, str]

    @property
    def field(self) -> str:
        """The fields at fault."""
        return ", ".join(dict.fromkeys(p.field for p in self.problems if p.field))

    @property
    def message(self) -> str:
        """The reasons, in English."""
        return " ".join(fill(problem.message, worded_params(problem)) for problem in self.problems)

    @property
    def remedy(self) -> str:
        """The remedies, in English."""
        return " ".join(dict.fromkeys(fill(problem.remedy, worded_params(problem)) for problem in self.problems))


def worded_params(problem: Problem) -> dict[str, object]:
    """The parameters of the message and the remedy of a problem, its field among them."""
    return {"field": problem.field or "", **problem.params}


Planned = ComplaintPlan | RefusedRow


def plan(path: str | Path, mapping: Mapping, digest: Digest, encoding: str | None = None) -> Iterator[Planned]:
    """The plans that a file becomes under a mapping. The same digest gives the same names, each time the file is read.

    An encoding that is given stands for that of the mapping.

    Raises TableError when the file cannot be read, Invalid when it lacks a column that the mapping names.
    """
    source = mapping.source
    try:
        table = read_table(
            path,
            sheet=source.sheet,
            header_row=source.header_row,
            encoding=encoding or source.encoding,
            delimiter=source.delimiter,
        )
    except TableError as error:
        if error.field != "file":  # the mapping says how the file is read
            error.field = f"source.{error.field}"
        raise
    require_columns(table.columns, mapping)
    require_day_first(table, mapping)
    return plan_rows(table, mapping, digest)


def require_columns(columns: list[str], mapping: Mapping) -> None:
    """Raises Invalid for the first column that the mapping names and the file lacks."""
    for column, key in mapping.named:
        if column not in columns:
            close = get_close_matches(column, columns, n=1)
            raise Invalid(
                "no_such_column",
                "The file has no column {column}, which {field} names.",
                "Did you mean {close}?" if close else "Its columns are: {columns}.",
                field=key,
                column=column,
                close=close[0] if close else "",
                columns=", ".join(columns),
            )


_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}\b")
_SLIPS = 0.1
"""Part of the dates of a column that may be slips of the keyboard."""


def require_day_first(table: Table, mapping: Mapping) -> None:
    """Raises Invalid for a column without a format whose dates are written month first: 03/04 would be misread."""
    leaves = {
        leaf.origin.named[0]: leaf
        for leaf in mapping.leaves
        if leaf.kind in (Kind.DAY, Kind.INSTANT) and leaf.origin.format is None and len(leaf.origin.named) == 1
    }
    day_first, month_first = Counter[str](), Counter[str]()
    lines: dict[str, int] = {}
    for row in _readable(table) if leaves else ():
        for column in leaves:
            if found := _SLASHED.match(row.values[column]):
                first, second = int(found[1]), int(found[2])
                day_first[column] += first > 12 >= second
                if second > 12 >= first:
                    month_first[column] += 1
                    lines.setdefault(column, row.line)
    for column, leaf in leaves.items():
        if month_first[column] > _SLIPS * day_first[column]:
            raise Invalid(
                "month_first",
                "The column {column} has dates written month first (line {line}): others of it would be misread.",
                'Say how they are written: format = "%m/%d/%Y" or "%d/%m/%Y" at {key}. Then what differs is refused.',
                field=leaf.key,
                column=column,
                line=lines[column],
                key=leaf.key,
            )


def _readable(table: Table) -> Iterator[Row]:
    """The rows, as far as the file can be read: the import itself says where it ends."""
    with suppress(TableError):
        yield from table


def plan_rows(rows: Table | Iterable[Row], mapping: Mapping, digest: Digest) -> Iterator[Planned]:
    """The same, from rows already read."""
    if mapping.events:
        return _cases_of_log(rows, mapping, mapping.events, digest)
    return _case_by_row(rows, mapping, digest)


# --- One row for each complaint --------------------------------------------------------------------------


def _case_by_row(rows: Iterable[Row], mapping: Mapping, digest: Digest) -> Iterator[Planned]:
    digests: Counter[str] = Counter()
    lines: dict[str, int] = {}
    for row in rows:
        try:
            identity = _identity(row, mapping, digests)
            if (first := lines.setdefault(identity, row.line)) != row.line:
                raise RowRefused(_same_identity(mapping, first))
            case = _Case(mapping, identity, row, digest).planned()
            # A row is taken whole or not at all: half a row would look as if it had been dealt with.
            raise_for(case.refused)
            yield case
        except RowRefused as refused:
            yield RefusedRow(row.line, refused.problems, row.values)


def raise_for(refused: tuple[RefusedRow, ...]) -> None:
    """Raises RowRefused with all the faults, if there are any."""
    if problems := [problem for row in refused for problem in row.problems]:
        raise RowRefused(*problems)


def _identity(row: Row, mapping: Mapping, digests: Counter[str]) -> str:
    """The identity of a complaint among all those of the same register."""
    _require_sound(row, mapping)
    if not mapping.source.identity:
        digest = _digest(sorted(row.values.items()))
        digests[digest] += 1
        return f"row:{digest}:{digests[digest]}"
    cells = {column: tidy(row.values[column]) for column in map(tidy, mapping.source.identity)}
    if empty := [column for column, cell in cells.items() if not cell]:
        raise RowRefused(
            Invalid(
                "no_identity",
                "Nothing tells this complaint from the others: {columns} is empty.",
                "Fill in the cell.",
                field="source.id",
                columns=", ".join(empty),
            )
        )
    return _as_one_text(list(cells.values()))


def _as_one_text(cells: list[str]) -> str:
    text = cells[0] if len(cells) == 1 else json.dumps(cells, ensure_ascii=False)
    return text if len(text) <= 200 else f"long:{_digest(cells)}"


def _require_sound(row: Row, mapping: Mapping) -> None:
    """Raises RowRefused for a row that was misread, and for one with a cell in error among those that are imported."""
    faults = [] if row.problem is None else [row.problem]
    faults += [fault for column, fault in row.faults.items() if column in mapping.columns]
    if faults:
        raise RowRefused(*(_of_table(fault, row) for fault in faults))


def _of_table(fault: TableError, row: Row) -> Invalid:
    field = fault.field if fault.field in row.values else None
    problem = Invalid(fault.code.replace("-", "_"), fault.message, fault.remedy, field=field)
    problem.params |= {name: value for name, value in fault.params.items() if isinstance(value, str | int)}
    return problem


def _same_identity(mapping: Mapping, line: int) -> Invalid:
    return Invalid(
        "same_identity",
        "This row has the same {columns} as line {line}.",
        "Give each complaint its own, or remove the row.",
        field="source.id",
        columns=", ".join(mapping.source.identity),
        line=line,
    )


# --- One row for each event ------------------------------------------------------------------------------


def _cases_of_log(rows: Iterable[Row], mapping: Mapping, events: Events, digest: Digest) -> Iterator[Planned]:
    cases: dict[str, list[tuple[datetime | None, Row]]] = {}
    for row in rows:
        try:
            identity = _identity(row, mapping, Counter())
            at = _time_of(row, events.happened_at) if events.happened_at else None
            cases.setdefault(identity, []).append((at, row))
        except RowRefused as refused:
            yield RefusedRow(row.line, refused.problems, row.values)
    for identity in list(cases):
        yield from _case_of_log(identity, _in_order(cases.pop(identity)), mapping, events, digest)


def _time_of(row: Row, leaf: Leaf) -> datetime:
    """The time that a row of a log gives. Raises RowRefused: nobody else knows when it was."""
    if (at := moment(leaf, row.values)) is None:
        raise RowRefused(empty_cell(leaf))
    return at


def _in_order(rows: list[tuple[datetime | None, Row]]) -> list[tuple[datetime | None, Row]]:
    """Sorts by time, then as in the file. Without a column for the time, the order is that of the file."""
    return sorted(rows, key=lambda entry: entry[0] or _FIRST)


def _case_of_log(
    identity: str, rows: list[tuple[datetime | None, Row]], mapping: Mapping, events: Events, digest: Digest
) -> Iterator[Planned]:
    first = rows[0][1]
    try:
        case = _Case(mapping, identity, first, digest)
    except RowRefused as refused:
        yield RefusedRow(first.line, refused.problems, first.values)
        for _, row in rows[1:]:
            yield RefusedRow(row.line, (never_opened(first.line),), row.values)
        return
    seen: Counter[str] = Counter()
    for at, row in rows:
        name = fold(row.values[events.activity])
        event = _digest([name, at.isoformat() if at else ""])
        seen[event] += 1
        case.take_up_to(at)
        case.take_event(row, alike(row.values[events.activity]), events, f"{event}:{seen[event]}")
    yield case.planned()


def never_opened(line: int) -> Problem:
    """The reason to refuse the other rows of a case with the one that should have opened it."""
    return Invalid("case_refused", "The case of this row was not opened: see line {line}.", "Correct that.", line=line)


# --- One case --------------------------------------------------------------------------------------------


class _Case:
    """A plan in the making."""

    def __init__(self, mapping: Mapping, identity: str, first: Row, digest: Digest) -> None:
        """Raises RowRefused when this row does not make a complaint."""
        self._digest = digest
        self._first = first
        self._rows: dict[int, dict[str, str]] = {first.line: first.values}
        self._commands: list[PlannedCommand] = []
        self._ignored: list[int] = []
        self._refused: list[RefusedRow] = []
        try:
            self._source = Source(system=mapping.source.system, id=identity)
        except ValidationError as error:
            raise RowRefused(*invalid_fields(error)) from None
        self._complaint = made(Complaint, mapping.complaint, first.values, {}, source=self._source)
        self._count = Counter({"record_consent": len(self._complaint.consents)})
        self._last: dict[str, PlannedCommand] = {}
        self._later = self._from_columns(mapping.commands)

    def _from_columns(self, parts: tuple[CommandPart, ...]) -> list[tuple[datetime, CommandPart, str]]:
        """The commands in the columns of the first row: their time, and a name that stays the same."""
        names: Counter[str] = Counter()
        commands = []
        for part in parts:
            name = part.command.name()
            names[name] += 1
            try:
                if applies(part.fields, self._first.values):
                    leaf = part.fields.parts.get("happened_at")
                    at = moment(leaf, self._first.values) if isinstance(leaf, Leaf) else None
                    commands.append((at or _LAST, part, f"case:{name}:{names[name]}"))
            except RowRefused as refused:
                self._refuse(self._first, refused.problems)
        return sorted(commands, key=lambda command: command[0])

    def take_up_to(self, at: datetime | None) -> None:
        """Takes the commands in the columns of the first row that happened before this instant."""
        while self._later and at is not None and self._later[0][0] < at:
            _, part, name = self._later.pop(0)
            self._take(self._first, (part,), name)

    def take_event(self, row: Row, activity: str, events: Events, name: str) -> None:
        """Takes a row of the log."""
        self._rows[row.line] = row.values
        parts = events.activities.get(activity)
        if parts is None and activity not in events.ignore:
            parts = events.otherwise
        if parts is None and activity not in events.ignore:
            problem = Invalid(
                "unknown_activity",
                "The mapping does not say what becomes of this activity ({column}).",
                "Add it to events.activities or to events.ignore, or say in events.otherwise what all others become.",
                field="events.activities",
                column=events.activity,
            )
            self._refuse(row, (problem,))
            return
        try:
            parts = tuple(part for part in parts or () if applies(part.fields, row.values))
        except RowRefused as refused:
            self._refuse(row, refused.problems)
            return
        if parts:
            self._take(row, parts, name)
        else:
            self._ignored.append(row.line)

    def planned(self) -> ComplaintPlan:
        """The finished plan, with all that is left to take."""
        for _, part, name in self._later:
            self._take(self._first, (part,), name)
        return ComplaintPlan(
            key=source_key(self._digest, self._source),
            complaint=self._complaint,
            commands=tuple(self._commands),
            line=self._first.line,
            rows=self._rows,
            ignored=tuple(self._ignored),
            refused=tuple(self._refused),
        )

    def _take(self, row: Row, parts: tuple[CommandPart, ...], name: str) -> None:
        """Takes the commands of a row: all of them, or none when one cannot be made."""
        count, last, commands = self._count.copy(), self._last.copy(), []
        try:
            for n, part in enumerate(parts):
                latest = {command: f"{letter}{count[command]}" for command, letter in PARTS.items() if count[command]}
                command = made(part.command, part.fields, row.values, latest)
                count[command.kind] += 1
                named = json.dumps([self._source.system, self._source.id, name, n], ensure_ascii=False)
                id = f"{IMPORTED}{self._digest(named)[:40]}"
                planned = PlannedCommand(command, row.line, id, follows=n > 0, refers=_references(part, last))
                last[command.kind] = planned
                commands.append(planned)
        except RowRefused as refused:
            self._refuse(row, refused.problems)
            return
        self._count, self._last = count, last
        self._commands += commands

    def _refuse(self, row: Row, problems: tuple[Problem, ...]) -> None:
        self._refused.append(RefusedRow(row.line, problems, row.values))


def _references(part: CommandPart, last: dict[str, PlannedCommand]) -> tuple[Reference, ...]:
    """The fields of a command that name the last part of a kind, where an earlier command of the file adds that."""
    fields = ((name, leaf.origin.latest) for name, leaf in part.fields.parts.items() if isinstance(leaf, Leaf))
    return tuple(
        Reference(name, last[kind].id, last[kind].line) for name, kind in fields if kind is not None and kind in last
    )


def _beside(id: str, key: str) -> str:
    return f"{IMPORTED}{hashlib.sha256(f'{key}|{id}'.encode()).hexdigest()[:40]}"


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()
