"""The mapping: a TOML file in which an association says what the columns of its spreadsheet mean.

`docs/import.md` shows how to write one.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from domain.commands import COMMANDS, NOT_SUBMITTED
from domain.complaint import Complaint
from domain.errors import Invalid
from domain.parts.base import Command
from domain.parts.intake import Open
from importer.fields import Group, Leaf, Part, fold, group_of, leaf_of, misread
from kit.refusals import reason

MAX_BYTES = 1_000_000
"""A mapping is a page or two: a larger file is another file."""


_AT = re.compile(r"\(at line (?P<line>\d+), column (?P<column>\d+)\)$")
_TOML = "Look there for quotes that do not match, a table named twice, a missing = or comma."


class NoMapping(Invalid):
    """There is no mapping to be read in the file that was named."""

    def __init__(self, code: str, message: str, remedy: str, file: str, /, **params: str | int) -> None:
        super().__init__(code, message, remedy, field="mapping", file=file, **params)


# --- What is written -------------------------------------------------------------------------------------


class SourcePart(Part):
    """Where the rows come from, how the file is read, and what tells one complaint from another."""

    system: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$")]
    """A short name for this register: with the identity of a row, it makes sure that nothing is opened twice."""
    identity: tuple[str, ...] = ()
    """The columns that together name a complaint. Without them, a row is known by the digest of its content."""
    header_row: Annotated[int, Field(ge=1)] = 1
    sheet: str | int | None = None
    encoding: str | None = None
    delimiter: str | None = None


class EventsPart(Part):
    """For a log with one row for each event: what each activity becomes. The rows of one identity are one case."""

    activity: str
    """The column that names what was done."""
    happened_at: dict[str, Any] | None = None
    """When it was done; rows are taken in this order. Without it, in the order of the file."""
    ignore: tuple[str, ...] = ()
    """Activities that become nothing, by name: an activity that is in neither list is refused."""
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
    """How a row of a log becomes commands."""

    activity: str
    happened_at: Leaf | None
    ignore: frozenset[str]
    activities: dict[str, tuple[CommandPart, ...]]
    """By folded name."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns of a spreadsheet mean."""

    source: SourcePart
    complaint: Group
    commands: tuple[CommandPart, ...]
    """What else is known of a case from the columns of its (first) row: that it was closed, for instance."""
    events: Events | None
    named: tuple[tuple[str, str], ...] = field(repr=False)
    """Every column that is named, with the key that names it."""

    @property
    def asks(self) -> frozenset[type[Command]]:
        """The commands that a row can become."""
        of_events = self.events.activities.values() if self.events else ()
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
    """The mapping that this TOML text says. Raises Invalid."""
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


def _no_toml(said: str, name: str) -> NoMapping:
    """Where the parser stopped. Its words are English, and tell less than what is to be looked for there."""
    if at := _AT.search(said):
        line, column = int(at["line"]), int(at["column"])
        message = "{file} is not TOML: line {line}, column {column}."
        return NoMapping("mapping_toml", message, _TOML, name, line=line, column=column)
    return NoMapping("mapping_toml", "{file} is not TOML: it ends before what was begun is closed.", _TOML, name)


def _meaning(document: Document) -> Mapping:
    source = document.source
    complaint = group_of(Complaint, document.complaint, "complaint", without="source")
    if complaint.when is not None:
        raise Invalid("mapping_when", "{field} cannot be said: every row is a complaint.", "Leave it out.",
                      field="complaint.when")  # fmt: skip
    commands = tuple(_command(data, f"commands[{n}]") for n, data in enumerate(document.commands, start=1))
    events = _events(document.events) if document.events else None
    if events and not source.identity:
        raise Invalid(
            "mapping_identity",
            "{field} is missing: a log of events says which rows are one case.",
            "Name the column of the case in it.",
            field="source.identity",
        )
    named = [(column, "source.identity") for column in source.identity]
    if events:
        named.append((events.activity, "events.activity"))
    of_events = events.activities.values() if events else ()
    groups = [complaint, *(part.fields for parts in (commands, *of_events) for part in parts)]
    named += [(column, leaf.key) for group in groups for leaf in group.leaves() for column in leaf.origin.named]
    return Mapping(source, complaint, commands, events, tuple(dict.fromkeys(named)))


def _events(part: EventsPart) -> Events:
    happened = None
    if part.happened_at is not None:
        info = Command.model_fields["happened_at"]
        happened = leaf_of(info, part.happened_at, "events.happened_at", "happened_at")
    activities: dict[str, tuple[CommandPart, ...]] = {}
    ignore = frozenset(fold(name) for name in part.ignore)
    for name, said in part.activities.items():
        key = f'events.activities."{name}"'
        if fold(name) in activities or fold(name) in ignore:
            raise Invalid(
                "mapping_activity_twice",
                "{field} is named twice. Case, accents and spaces make no difference.",
                "Name each activity once: in activities or in ignore.",
                field=key,
            )
        each = said if isinstance(said, list) else [said]
        keys = [f"{key}[{n}]" for n in range(1, len(each) + 1)] if len(each) > 1 else [key]
        activities[fold(name)] = tuple(_command(data, k, happened) for data, k in zip(each, keys, strict=False))
    return Events(part.activity, happened, ignore, activities)


def _command(data: object, key: str, happened: Leaf | None = None) -> CommandPart:
    said = data if isinstance(data, dict) else {}
    name = said.get("command")
    known = sorted(COMMANDS.keys() - NOT_SUBMITTED)
    if name not in known:
        raise Invalid(
            "mapping_command",
            "{field} does not name a command that can be imported.",
            "It is one of: {names}.",
            field=f"{key}.command",
            names=", ".join(known),
        )
    command = COMMANDS[name]
    group = group_of(command, {k: v for k, v in said.items() if k != "command"}, key, without="kind")
    if happened is not None and "happened_at" not in group.parts:
        group = Group({**group.parts, "happened_at": happened}, group.required, group.when)
    return CommandPart(command, group)
