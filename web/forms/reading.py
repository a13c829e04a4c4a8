"""Reads a form back: into the command that it asks, or into its faults, each at its field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

import kit.validation
from domain.commands import COMMANDS
from domain.errors import Problem
from domain.parts.base import Command
from kit.validation import faults
from web.forms.fields import YES, Field, Shape
from web.forms.labels import LABELS
from words import Words

Typed = Mapping[str, Sequence[str]]
"""What was typed into each field, as it was typed."""


@dataclass(frozen=True)
class Fault:
    """A fault of a form: at a field, or of the whole where `path` is empty."""

    path: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Reading:
    """What was typed, the command that it makes, and the faults of it: one of the two is there."""

    typed: Typed
    command: Command | None = None
    faults: tuple[Fault, ...] = field(default=())


def typed_in(form: FormData, fields: Iterable[Field]) -> dict[str, list[str]]:
    """What was typed into these fields, and into no other."""
    return {each.path: [value for value in form.getlist(each.path) if isinstance(value, str)] for each in fields}


def read(name: str, typed: Typed, fields: Sequence[Field], words: Words, **known: Any) -> Reading:
    """The command of a form, or its faults. `known` is what the form does not ask for."""
    try:
        return Reading(typed, COMMANDS[name].model_validate({"kind": name} | known | content_of(fields, typed)))
    except ValidationError as error:
        return Reading(typed, faults=tuple(worded(each, fields, words) for each in faults(error)))


def content_of(fields: Iterable[Field], typed: Typed) -> dict[str, Any]:
    """What a form says, as plain data: a field that was left empty is not there."""
    content: dict[str, Any] = {}
    for each in fields:
        if (value := value_of(each, typed.get(each.path, ()))) is not None:
            put(content, each.path, value)
        elif each.is_required and "." in each.path:  # each of its fields is missing then, and not the group alone
            content.setdefault(each.path.partition(".")[0], {})
    return content


def value_of(each: Field, typed: Sequence[str]) -> Any:
    """The value of a field; None for one that was left empty."""
    texts = [text.replace("\r\n", "\n") for text in typed if text.strip()]
    if each.shape is Shape.CHECK:
        return True if texts else None
    if each.shape is Shape.SOME:
        return texts or None
    if each.shape is Shape.SEVERAL:
        return [line.strip() for text in texts for line in text.split("\n") if line.strip()] or None
    if each.shape is Shape.YES_OR_NO and texts:
        return texts[0] == YES
    return texts[0] if texts else None


def put(content: dict[str, Any], path: str, value: Any) -> None:
    """Puts a value at its path."""
    *groups, name = path.split(".")
    for group in groups:
        content = content.setdefault(group, {})
    content[name] = value


def worded(fault: kit.validation.Fault, fields: Sequence[Field], words: Words) -> Fault:
    """A fault of a value, at the field that it is about, under the name that the form gives it."""
    path = _nearest(fault.where, fields)
    name = words.say(LABELS[path.rpartition(".")[2]]) if path else words.say("This")
    params = {key: value for key, value in fault.params.items() if key != "expected"} | {"field": f"« {name} »"}
    if fault.code in ("enum", "literal_error", "missing"):
        return Fault(path, words.say("{field} is missing.", **params), words.say("Fill it in."))
    return Fault(path, words.say(fault.message, **params), words.say(fault.remedy, **params))


def fault_of(problem: Problem, fields: Sequence[Field], words: Words) -> Fault:
    """A refusal of the desk, at the field that it names."""
    wording = words.problem(problem)
    return Fault(_nearest(problem.field or "", fields), wording.message, wording.remedy)


def _nearest(where: str, fields: Sequence[Field]) -> str:
    """The path of the field that a fault is about: of the group or the list where it is not one of its own."""
    paths = [each.path for each in fields]
    while where:
        if where in paths:
            return where
        if inside := next((path for path in paths if path.startswith(where + ".")), None):
            return inside
        where = where.rpartition(".")[0]
    return ""
