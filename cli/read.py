"""Reading what a person gives: a complaint or a command, from a file, from standard input or word by word."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from cli.say import Usage, _
from domain.complaint import Complaint
from domain.errors import Invalid
from domain.folding import close_to
from domain.parts.base import Command
from domain.reference import METROPOLISES, territories
from domain.reference.places import beginning_with, code_of, places_named
from domain.values import CommandId, Reference
from domain.vocabulary import Term
from kit.formats.one_line import one_line
from kit.refusals import reason
from kit.validation import HALF_A_CHARACTER
from words.problems import invalid

_LONGEST = 80
"""Characters of a field's name that are repeated."""
_FEW = 3
"""Places that are proposed to whoever names none."""
LARGEST = 4 * 1024 * 1024
"""Bytes: no complaint is longer."""


def json_object(file: str, see: str) -> dict[str, Any]:
    """The JSON object in a file, or on standard input for "-". `see` is the command that prints an example of it."""
    value = _parsed(_text(file), _shown(file), see)
    if not isinstance(value, dict):
        raise Usage(
            "not_an_object",
            "{file} holds JSON, but not an object.",
            "It starts with a brace. See: {see}.",
            field="file",
            file=_shown(file),
            see=see,
        )
    return value


def _parsed(text: str, file: str, see: str, within: str = "") -> Any:
    """The value of a JSON text. Refuses NaN, endless numbers, keys that are repeated and half characters.

    `within` is the field whose value it is, if it is part of something larger.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_object)
        if path := _first_repeated(value):
            field = ".".join(filter(None, [within, *path]))
            raise Usage("repeated_field", "{field} is given twice.", "Give it once.", field=field)
        if (broken := _first_broken(value)) is not None:
            field = ".".join(filter(None, [within, *broken])) or "file"
            raise Invalid("string_unicode", *HALF_A_CHARACTER, field=field)
        json.dumps(value, allow_nan=False)
    except json.JSONDecodeError as error:
        raise Usage(
            "not_json",
            "{file} is not JSON: line {line}, column {column}.",
            "See an example with: {see}.",
            field="file",
            file=file,
            see=see,
            line=error.lineno,
            column=error.colno,
        ) from None
    except RecursionError:
        raise Usage(
            "too_deep",
            "{file} is nested too deeply.",
            "See an example with: {see}.",
            field="file",
            file=file,
            see=see,
        ) from None
    except ValueError:  # a number of thousands of digits, or none
        raise Usage(
            "not_a_value",
            "{file} holds a number that JSON does not know.",
            "Take out NaN, Infinity and endless numbers.",
            field="file",
            file=file,
        ) from None
    return value


def _no_constant(_text: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


class _Twice(dict[str, Any]):
    """An object in which a key is repeated. Its place is known once the whole is read."""

    key: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) == len(pairs):
        return unique
    names = [key for key, _ in pairs]
    twice = _Twice(unique)
    twice.key = next(key for key in unique if names.count(key) > 1)
    return twice


def _parts(value: Any) -> Iterable[tuple[Any, Any]]:
    """The parts of a JSON value, each with its name or its number."""
    return value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()


def _first_repeated(value: Any) -> list[str]:
    """The path to a key that is repeated; empty when none is."""
    if isinstance(value, _Twice):
        return [value.key[:_LONGEST]]
    for name, part in _parts(value):
        if path := _first_repeated(part):
            return [str(name)[:_LONGEST], *path]
    return []


def _first_broken(value: Any) -> list[str] | None:
    """The path to a text or a key with half of a character in it (a lone surrogate); None when there is none."""
    if isinstance(value, str):
        return [] if _is_broken(value) else None
    for name, part in _parts(value):
        shown = str(name)[:_LONGEST].encode(errors="replace").decode()
        if _is_broken(str(name)):
            return [shown]
        if (path := _first_broken(part)) is not None:
            return [shown, *path]
    return None


def _is_broken(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def text(file: str, longest: int) -> str:
    """The text in a file or on standard input, of at most so many characters, without control characters."""
    content = "\n".join(one_line(line) for line in _text(file).splitlines()).strip()
    if len(content) > longest:
        raise Usage(
            "too_long",
            "{file} is longer than {longest} characters.",
            "Shorten it.",
            field="file",
            file=_shown(file),
            longest=longest,
        )
    return content


def _text(file: str) -> str:
    try:
        return raw(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Usage(
            "not_utf8", "{file} is not written in UTF-8.", "Save it as UTF-8.", field="file", file=_shown(file)
        ) from None


def raw(file: str) -> bytes:
    """The bytes of a file, or of standard input for "-", up to 4 MB."""
    if not file:
        raise no_file()
    try:
        if file == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(LARGEST + 1)
    except OSError as error:
        raise Usage(
            "unreadable",
            "{file} cannot be read: {reason}.",
            "Check its path and its permissions.",
            field="file",
            file=_shown(file),
            reason=reason(error),
        ) from None
    if len(content) > LARGEST:
        raise Usage("too_large", "{file} is larger than 4 MB.", "Shorten it.", field="file", file=_shown(file))
    return content


def no_file() -> Usage:
    """The error of whoever names no file where one is read."""
    return Usage("no_file", "No file was given.", "Give a file, or - for standard input.", field="file")


def _shown(file: str) -> str:
    return "-" if file == "-" else Path(file).name


def complaint(data: dict[str, Any]) -> Complaint:
    """The complaint that an object holds. Raises Invalid for its first fault, with the field."""
    try:
        return Complaint.model_validate(data)
    except ValidationError as error:
        raise invalid(error, model=Complaint) from None


def command(name: str, file: str | None, settings: list[str]) -> Command:
    """A command by its name: its fields from the object in a file, and from key=value settings, which replace those."""
    from domain.commands import COMMANDS, NOT_SUBMITTED  # most that is read is a code or a place, and no command

    kind = COMMANDS.get(name.replace("-", "_").lower())
    if kind is None or kind.name() in NOT_SUBMITTED:
        raise Usage(
            "unknown_command",
            "{command} is not a command that can be submitted.",
            "List them with: starter.py commands.",
            field="command",
            command=name[:40],
        )
    data = {} if file is None else json_object(file, see=_schema_of(kind))
    _set_all(data, settings, kind)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise invalid(error, model=kind) from None


def _schema_of(kind: type[Command]) -> str:
    return f"starter.py commands {kind.name()}"


def _set_all(data: dict[str, Any], settings: list[str], kind: type[Command]) -> None:
    keys = [setting.partition("=")[0] for setting in settings]
    for key, setting in zip(keys, settings, strict=True):
        if keys.count(key) > 1:
            raise Usage("repeated_field", "{field} is given twice.", "Give it once.", field=key[:_LONGEST])
        _set(data, setting, kind)


def _set(data: dict[str, Any], setting: str, kind: type[Command]) -> None:
    key, sign, text = setting.partition("=")
    if not sign or not key:
        raise Usage("bad_set", "--set takes key=value.", "For example: --set reason=...", field="set")
    *path, last = key.split(".")
    target: Any = data
    for part in path:
        target = target.setdefault(part, {})
        if not isinstance(target, dict):
            raise Usage("bad_set", "--set takes key=value.", "For example: --set reason=...", field=key)
    target[last] = _value(text, kind, path, last)


def _value(text: str, kind: type[Command], path: list[str], last: str) -> Any:
    if text[:1] in ("[", "{"):
        try:
            where = ".".join([*path, last])
            return _parsed(text, where, _schema_of(kind), within=where)
        except Usage as error:
            if error.code == "not_json":  # "[urgent] call back" is a text
                return text
            raise
    if _is_tuple(_annotation(kind, [*path, last])):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _annotation(kind: Any, path: list[str]) -> Any:
    """The type of the field at the end of a path; None when there is no such field."""
    for part in path:
        field = kind.model_fields.get(part) if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        if field is None:
            return None
        kind = field.annotation
    return kind


def _is_tuple(annotation: Any) -> bool:
    return any(get_origin(each) is tuple for each in (annotation, *get_args(annotation)))


_REFERENCE: TypeAdapter[str] = TypeAdapter(Reference)
_COMMAND_ID: TypeAdapter[str] = TypeAdapter(CommandId)


def reference(text: str, field: str = "reference") -> str:
    """Reads a reference, without regard to case, spaces and dashes."""
    try:
        return _REFERENCE.validate_python(text)
    except ValidationError as error:
        raise invalid(error, within=field) from None


def command_id(text: str | None) -> str | None:
    """Reads a command id; None if none is given."""
    try:
        return None if text is None else _COMMAND_ID.validate_python(text)
    except ValidationError:
        raise Invalid(
            "bad_id",
            "{field} does not have the expected form.",
            "Give a UUID, or 8 to 100 letters and figures without accents.",
            field="id",
        ) from None


def code(text: str | None, known: Sequence[str], field: str) -> str | None:
    """Reads one of the codes of a list, in upper or lower case; None if none is given."""
    if text is None:
        return None
    if text.upper() in known:
        return text.upper()
    names = {code: code for code in known} | {_(code.label): str(code) for code in known if isinstance(code, Term)}
    few = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    close = close_to(text, names)
    raise Usage(
        "unknown_code",
        "{field} is not one of the known codes.",
        "Did you mean {close}?" if close else "It is one of: {expected}.",
        field=field,
        expected=few,
        close=", ".join(close),
    )


def territory(text: str | None, field: str) -> str | None:
    """Reads a place, by its code or by its name, and gives its code; None if none is given."""
    if text is None:
        return None
    places = places_named(text)
    if len(places) == 1:
        return places[0]
    if places:
        raise Usage(
            "ambiguous_territory",
            "Several places are called {name}.",
            "Give the code of one: {expected}.",
            field=field,
            name=text[:_LONGEST],
            expected=", ".join(map(_with_code, places)),
        )
    raise _unknown_place(text, field)


def _unknown_place(text: str, field: str) -> Usage:
    named = {place.name: _with_code(code_of(place)) for place in territories().values()}
    close = [_with_code(code) for code in beginning_with(text)[:_FEW]] or close_to(text, named, _FEW)
    return Usage(
        "unknown_code",
        "There is no place called {name} in either metropolis.",
        "Did you mean {close}?"
        if close
        else "Give MEL, AMP, or the name or code of a commune or priority neighbourhood.",
        field=field,
        name=text[:_LONGEST],
        close=", ".join(close),
    )


def _with_code(code: str) -> str:
    return code if code in METROPOLISES else f"{territories()[code].name} ({code})"
