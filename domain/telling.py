"""Facts told of a case, in no language: messages, terms, days and texts, for each door to put into words.

A field of a part or of an event says beside its type how it is told: `Heading` where a change of it is named, `Says`
where an event is told in a line, `CodeOf` where its code has a name in the reference data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from domain.vocabulary import Term

M = TypeVar("M")


class Table(StrEnum):
    """A table of the reference data in which a code has a name."""

    ALERTS = "alerts"
    LEVERS = "levers"
    LIMITS = "limits"
    PIECES = "pieces"


@dataclass(frozen=True)
class Coded:
    """A code that has a name in the reference data. What the table does not have is told as it is written."""

    table: Table
    code: str


@dataclass(frozen=True)
class Within:
    """A term inside a sentence: without its capital."""

    term: Term


@dataclass(frozen=True)
class Phrase:
    """A message, with the facts that fill it."""

    message: str
    facts: Mapping[str, "Fact"] = field(default_factory=dict)


Fact: TypeAlias = "str | int | date | StrEnum | Coded | Within | Phrase | tuple[Fact, ...] | None"
"""A thing to be told. An instant is a date, too; several facts are told one after the other."""


def phrase(message: str, **facts: Fact) -> Phrase:
    """A message with its facts by name."""
    return Phrase(message, facts)


def pattern(template: str, **facts: Fact) -> Phrase:
    """Facts in an order and with signs that are the same in every language."""
    return Phrase(template, facts)


@dataclass(frozen=True)
class Heading:
    """The name of a field, as a message."""

    message: str


@dataclass(frozen=True)
class Says:
    """The telling of a field in the line of an event: a message in which {value} stands for what it holds."""

    message: str
    unless: bool = False
    """The value of a yes or no that is not worth a word."""


@dataclass(frozen=True)
class CodeOf:
    """The table that names the code in a field."""

    table: Table


def named(metadata: Iterable[Any], held: Any) -> Any:
    """What a field holds, with each code in it named by the table that the field says (`CodeOf`)."""
    code = mark_of(metadata, CodeOf)
    if code is None or held is None:
        return held
    return tuple(Coded(code.table, one) for one in held) if isinstance(held, tuple) else Coded(code.table, held)


UNSAID = Says("")
"""Marks a field that an event is not told with: `show` has it, or only the machine needs it."""


def mark_of(metadata: Iterable[Any], kind: type[M]) -> M | None:
    """The mark of this kind that stands beside a field's type, if there is one."""
    return next((mark for mark in metadata if isinstance(mark, kind)), None)
