"""Compares a case at one moment with the same case at another. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.case import Case
from domain.shown import part_kinds
from domain.telling import Fact, Heading, mark_of, named, phrase
from domain.values import Value


@dataclass(frozen=True)
class Change:
    """One thing that is not what it was. None stands for what was not there, or is no more."""

    path: tuple[str, ...]
    """The way to it: a field of the case, the name of a part, a field of that part."""
    before: Any
    after: Any
    names: tuple[Fact, ...] = ()
    """The same way as people are told it: a field by its heading, if it has one."""
    told: tuple[Any, Any] = (None, None)
    """Both values as people are told them: codes by their names."""


_FOLLOWS = frozenset({"version", "progress"})
"""Fields that change with every event, or only say which event was the last."""


def changes(before: Case, after: Case) -> list[Change]:
    """Everything that differs, in the order of the case's fields."""
    return [change for change in _between(before, after, _Way()) if change.path[0] not in _FOLLOWS]


@dataclass(frozen=True)
class _Way:
    """The way from the case to something in it."""

    path: tuple[str, ...] = ()
    names: tuple[Fact, ...] = ()
    marks: tuple[Any, ...] = ()
    """What stands beside the type of the last field."""

    def to(self, step: str, name: Fact, marks: Iterable[Any] = ()) -> "_Way":
        return _Way((*self.path, step), (*self.names, name), tuple(marks))


def _between(before: Any, after: Any, way: _Way) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Value) and type(before) is type(after):
        for name, field in type(before).model_fields.items():
            on = way.to(name, _heading(before, name), field.metadata)
            yield from _between(getattr(before, name), getattr(after, name), on)
    elif isinstance(before, tuple) and isinstance(after, tuple) and _are_parts(before + after):
        was, now = _named(before), _named(after)
        for name in [*was, *(name for name in now if name not in was)]:
            yield from _between(was.get(name), now.get(name), way.to(name, name))
    else:
        yield Change(way.path, before, after, way.names, (named(way.marks, before), named(way.marks, after)))


def _heading(of: Value, name: str) -> Fact:
    """The heading of a field, which for the parts of a case is their noun; its own name if it has none."""
    if isinstance(of, Case) and (kind := part_kinds().get(name)):
        return phrase(kind.noun)
    heading = mark_of(type(of).model_fields[name].metadata, Heading)
    return name if heading is None else phrase(heading.message)


def _are_parts(values: tuple[Any, ...]) -> bool:
    return all(isinstance(value, Value) for value in values)


def _named(parts: tuple[Any, ...]) -> Mapping[str, Any]:
    """Parts by what they are called; those without a name by their place, from 1."""
    return {
        getattr(part, "id", None) or getattr(part, "key", None) or str(n): part for n, part in enumerate(parts, start=1)
    }
