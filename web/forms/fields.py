"""The fields of a command as a form shows them, found in its type."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import MaxLen, MinLen
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from domain.commands import COMMANDS
from domain.vocabulary import Term

_LONG = 300
"""Characters from which a text has more than one line."""
LEFT_OUT = frozenset(
    {
        "sha256",
        "alone",
        "highest",
        "changes",
        "closed_to",
        "source",
        "fictitious",
        "consents",
        "prior_steps",
        "concerned_person",
    }
)
"""Fields that no form shows: the system fills them in, or a command of their own does."""
_NAMES = frozenset({"accounts", "organisations"})


class Shape(Enum):
    """The control that a field has."""

    LINE = auto()
    PARAGRAPH = auto()
    CHECK = auto()
    DAY = auto()
    MOMENT = auto()
    NUMBER = auto()
    ONE = auto()
    """One of several."""
    SOME = auto()
    """Any of several."""
    SEVERAL = auto()
    """Names, one a line."""
    YES_OR_NO = auto()
    """A decision that has to be taken: a box that is not ticked would take one."""


YES, NO = "yes", "no"


@dataclass(frozen=True)
class Option:
    """A choice: its code, and its name as it is shown."""

    code: str
    name: str


@dataclass(frozen=True)
class Field:
    """A field: its path in the command ("consent.scope"), its control, and what it takes."""

    path: str
    shape: Shape
    is_required: bool
    longest: int | None = None
    terms: type[Term] | None = None
    """The closed list that it takes a code of."""
    codes: tuple[str, ...] = ()
    """The codes of that list that it takes; all of them if empty."""
    options: tuple[Option, ...] = ()
    """What can be chosen, once it is known of which case."""

    @property
    def name(self) -> str:
        """The last part of its path: what labels and parts of a case are looked up by."""
        return self.path.rpartition(".")[2]

    @property
    def id(self) -> str:
        """The id of its control."""
        return "f-" + self.path.replace(".", "-")

    def offering(self, options: tuple[Option, ...]) -> "Field":
        """The same field, with what can be chosen."""
        is_choice = self.shape in (Shape.ONE, Shape.SOME)
        return replace(self, options=options, shape=self.shape if is_choice else Shape.ONE)


@cache
def fields_of(command: str) -> tuple[Field, ...]:
    """The fields of a command, those that are needed first, and when it happened last."""
    found = (field for field in fields_in(COMMANDS[command]) if field.path != "kind" and not _is_whole(command, field))
    return tuple(sorted(found, key=lambda field: field.path == "happened_at"))


def _is_whole(command: str, field: Field) -> bool:
    """True for the whole complaint in a command that takes changes of it, too: the form of an amendment has those."""
    return field.path.startswith("complaint.") and "changes" in COMMANDS[command].model_fields


@cache
def fields_in(model: type[BaseModel]) -> tuple[Field, ...]:
    """The fields of a value, and of the values in it."""
    return tuple(_fields(model, "", is_required=True))


def _fields(model: type[BaseModel], within: str, *, is_required: bool) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        if name not in LEFT_OUT:
            yield from _field(within + name, info, is_required=is_required and info.is_required())


def _field(path: str, info: FieldInfo, *, is_required: bool) -> Iterator[Field]:
    kind, limits = _bare(info.annotation)
    longest = next((limit for limit in (_longest(each) for each in (*info.metadata, *limits)) if limit), None)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _fields(kind, path + ".", is_required=is_required)
    elif get_origin(kind) is tuple:
        inner, _ = _bare(get_args(kind)[0])
        least = any(isinstance(each, MinLen) and each.min_length for each in info.metadata)
        terms = inner if isinstance(inner, type) and issubclass(inner, Term) else None
        is_of_names = terms is None and path.rpartition(".")[2] in _NAMES
        yield Field(path, Shape.SEVERAL if is_of_names else Shape.SOME, is_required or least, terms=terms)
    elif get_origin(kind) is Literal:
        codes = get_args(kind)
        yield Field(path, Shape.ONE, is_required, terms=type(codes[0]), codes=tuple(str(code) for code in codes))
    elif isinstance(kind, type) and issubclass(kind, Term):
        yield Field(path, Shape.ONE, is_required, terms=kind)
    else:
        shape = Shape.YES_OR_NO if kind is bool and is_required else _shape(kind, longest)
        yield Field(path, shape, is_required, longest)


def _bare(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without its annotations and without None, and what the annotations say."""
    limits: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            limits += tuple(more)
        elif get_origin(annotation) in (Union, types.UnionType):
            rest = [each for each in get_args(annotation) if each is not type(None)]
            annotation = rest[0]
        else:
            return annotation, limits


def _longest(limit: Any) -> int | None:
    return limit.max_length if isinstance(limit, StringConstraints | MaxLen) else None


_SHAPES: Mapping[type, Shape] = {bool: Shape.CHECK, datetime: Shape.MOMENT, date: Shape.DAY, int: Shape.NUMBER}


def _shape(kind: Any, longest: int | None) -> Shape:
    if kind in _SHAPES:
        return _SHAPES[kind]
    return Shape.PARAGRAPH if longest is not None and longest > _LONG else Shape.LINE
