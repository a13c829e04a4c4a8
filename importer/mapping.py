"""The mapping: a TOML file in which an association explains the columns of its spreadsheet.

`docs/import.md` shows how to write one.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from domain.commands import COMMANDS, NOT_SUBMITTED
from domain.complaint import Complaint
from domain.errors import Invalid
from domain.parts.base import Command
from domain.parts.intake import Open
from importer.faults import misread
from importer.fields import Group, Leaf, group_of, leaf_of
from importer.origin import Part, alike
from kit.refusals import reason
from kit.tables import tidy

MAX_BYTES = 1_000_000
"""A mapping is a page or two: a larger file is another file."""


_AT = re.compile(r"\(at line (?P<line>\d+), column (?P<column>\d+)\)$")
_TOML = "Look there for quotes that do not match, a table named twice, a missing = or comma."


class NoMapping(Invalid):
    """There is no mapping to be read in the file that was named."""

    def __init__(self, code: str, message: str, remedy: str, file: str, /, **params: str | int) -> None:
        super().__init__(code, message, remedy, field="mapping", action=None, file=file, **params)


# --- What is written -------------------------------------------------------------------------------------


class SourcePart(Part):
    """The source of the rows: how the file is read, and by which columns one complaint is told from another."""

    system: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]
    """A short name for this register: with the identity of a row, it makes sure that nothing is opened twice."""
    identity: tuple[str, ...] = ()
    """The columns that together name a complaint. Without them, a row is known by the digest of its content."""
    header_row: Annotated[int, Field(ge=1)] = 1
    sheet: str | int | None = None
    encoding: str | None = None
    delimiter: str | None = None


class EventsPart(Part):
    """A log with one row for each event, and what each activity becomes. The rows of one identity are one case."""

    activity: str
    """The column that names what was done."""
    happened_at: dict[str, Any] | None = None
    """The time of each row; rows are taken in this order, or without it in the order of the file."""
    ignore: tuple[str, ...] = ()
    """Activities that become nothing, by name: an activity that is in neither list is refused."""
    otherwise: Any = None
    """What every activity becomes that is in neither list: a command with its fields, or a list of them."""
    activities: dict[str, Any]
    """Name of the activity -> a command with its fields, or a list of them."""


class Document(Part):
    """The file as it is written."""

    source: SourcePart
    complaint: dict[str, Any]
    commands: tuple[dict[str, Any], ...] = ()
    events: EventsPart | None = None


# --- What it means ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommandPart:
    """A command and where its fields come from."""

    command: type[Command]
    fields: Group


@dataclass(frozen=True, slots=True)
class Events:
    """The commands that a row of a log becomes."""

    activity: str
    happened_at: Leaf | None
    ignore: frozenset[str]
    activities: dict[str, tuple[CommandPart, ...]]
    """By folded name."""
    otherwise: tuple[CommandPart, ...] | None = None
    """Of an activity that is in neither list; None refuses it."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """The meaning of the columns of a spreadsheet."""

    source: SourcePart
    complaint: Group
    commands: tuple[CommandPart, ...]
    """Commands from the columns of the (first) row of a case: its closure, for instance."""
    events: Events | None
    named: tuple[tuple[str, str], ...] = field(repr=False)
    """Every column that is named, with the key that names it."""

    @property
    def leaves(self) -> Iterator[Leaf]:
        """Every field that is filled, in the complaint and in commands."""
        of_events = (*self.events.activities.values(), self.events.otherwise or ()) if self.events else ()
        for group in (self.complaint, *(part.fields for parts in (self.commands, *of_events) for part in parts)):
            yield from group.leaves()

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are read."""
        return frozenset(column for column, _ in self.named)

    @property
    def asks(self) -> frozenset[type[Command]]:
        """The commands that a row can become."""
        of_events = (*self.events.activities.values(), self.events.otherwise or ()) if self.events else ()
        return frozenset({Open, *(part.command for parts in (self.commands, *of_events) for part in parts)})


def load_mapping(path: str | Path) -> Mapping:
    """Reads and checks a mapping. Raises Invalid, which names the key and the remedy; NoMapping if it is no TOML."""
    file = Path(path)
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as refused:
        raise NoMapping(
            "mapping_unreadable",
            "The mapping {file} cannot be read: {reason}.",
            "Check the name of the file and the rights on it.",
            file.name,
            reason=reason(refused),
        ) from None
    if len(data) > MAX_BYTES:
        raise NoMapping("mapping_too_large", "{file} is too large for a mapping.", "Name the TOML file.", file.name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoMapping("mapping_encoding", "{file} is not text in UTF-8.", "Save it as UTF-8.", file.name) from None
    return parse_mapping(text, file.name)


def parse_mapping(text: str, name: str = "mapping.toml") -> Mapping:
    """Reads a mapping from TOML text. Raises Invalid."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(str(error), name) from None
    except RecursionError:
        raise NoMapping("mapping_too_deep", "{file} is nested too deeply.", _TOML, name) from None
    try:
        document = Document.model_validate(data)
    except ValidationError as error:
        raise misread(error, "") from None
    return _meaning(document)


def _no_toml(error: str, name: str) -> NoMapping:
    """The place where the parser stopped. Its own words are English, and of less help than what to look for there."""
    if at := _AT.search(error):
        line, column = int(at["line"]), int(at["column"])
        message = "{file} is not TOML: line {line}, column {column}."
        return NoMapping("mapping_toml", message, _TOML, name, line=line, column=column)
    return NoMapping("mapping_toml", "{file} is not TOML: it ends before what was begun is closed.", _TOML, name)


def _meaning(document: Document) -> Mapping:
    complaint = group_of(Complaint, document.complaint, "complaint", without="source")
    if complaint.when is not None:
        raise Invalid("mapping_when", "{field} cannot be said: every row is a complaint.", "Leave it out.",
                      field="complaint.when")  # fmt: skip
    commands = tuple(_command(data, f"commands[{n}]") for n, data in enumerate(document.commands, start=1))
    events = _events(document.events) if document.events else None
    if events and not document.source.identity:
        raise Invalid(
            "mapping_identity",
            "{field} is missing: a log of events says which rows are one case.",
            "Name the column of the case in it.",
            field="source.identity",
        )
    named = tuple(dict.fromkeys(_named(document.source, complaint, commands, events)))
    return Mapping(document.source, complaint, commands, events, named)


def _named(
    source: SourcePart, complaint: Group, commands: tuple[CommandPart, ...], events: Events | None
) -> Iterator[tuple[str, str]]:
    """Every column that is named, with the key that names it."""
    yield from ((tidy(column), "source.identity") for column in source.identity)
    if events:
        yield events.activity, "events.activity"
    of_events = chain(*events.activities.values(), events.otherwise or ()) if events else ()
    for group in (complaint, *(part.fields for part in chain(commands, of_events))):
        yield from ((column, leaf.key) for leaf in group.leaves() for column in leaf.origin.named)


def _events(part: EventsPart) -> Events:
    happened = None
    if part.happened_at is not None:
        info = Command.model_fields["happened_at"]
        happened = leaf_of(info, part.happened_at, "events.happened_at", "happened_at")
    activities: dict[str, tuple[CommandPart, ...]] = {}
    ignore = frozenset(alike(name) for name in part.ignore)
    for name, entry in part.activities.items():
        key = f'events.activities."{name}"'
        if alike(name) in activities or alike(name) in ignore:
            raise Invalid(
                "mapping_activity_twice",
                "{field} is named twice. Case, accents and spaces make no difference.",
                "Name each activity once: in activities or in ignore.",
                field=key,
            )
        activities[alike(name)] = tuple(_commands(entry, key, happened))
    otherwise = None
    if part.otherwise is not None:
        otherwise = tuple(_commands(part.otherwise, "events.otherwise", happened))
    return Events(tidy(part.activity), happened, ignore, activities, otherwise)


def _commands(entry: object, key: str, happened: Leaf | None) -> Iterator[CommandPart]:
    """The commands that an activity becomes: one, or a list of them."""
    tables = entry if isinstance(entry, list) else [entry]
    for n, data in enumerate(tables, start=1):
        yield _command(data, f"{key}[{n}]" if len(tables) > 1 else key, happened)


def _command(data: object, key: str, happened: Leaf | None = None) -> CommandPart:
    table = data if isinstance(data, dict) else {}
    name = table.get("command")
    importable = sorted(COMMANDS.keys() - NOT_SUBMITTED)
    if name not in importable:
        raise Invalid(
            "mapping_command",
            "{field} does not name a command that can be imported.",
            "It is one of: {names}.",
            field=f"{key}.command",
            names=", ".join(importable),
        )
    command = COMMANDS[name]
    group = group_of(command, {k: v for k, v in table.items() if k != "command"}, key, without="kind")
    if happened is not None and "happened_at" not in group.parts:
        group = replace(group, parts={**group.parts, "happened_at": happened})
    return CommandPart(command, group)
