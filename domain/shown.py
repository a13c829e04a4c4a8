"""Gathers what is shown of a case and told of an event from what its parts say of themselves."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

from domain.case import Case
from domain.parts import place_of
from domain.parts.base import Event, Part, PartLine
from domain.telling import CodeOf, Fact, Says, mark_of, named, phrase
from domain.values import Value


@cache
def part_kinds() -> Mapping[str, type[Part]]:
    """The kind of part in each field of a case that holds some, in the order in which lists have them."""
    kinds = {name: kind for name, field in Case.model_fields.items() if (kind := _part_in(field.annotation))}
    return dict(sorted(kinds.items(), key=lambda item: (item[1].chapter, place_of(item[1]))))


def _part_in(annotation: Any) -> type[Part] | None:
    """The kind of part that a field holds: one, one or none, or several."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((kind for argument in get_args(annotation) if (kind := _part_in(argument))), None)


def part_lines(case: Case) -> Iterator[PartLine]:
    """The parts of a case, a line for each that lists show."""
    for name, kind in part_kinds().items():
        parts = getattr(case, name)
        yield from kind.lines(parts if isinstance(parts, tuple) else () if parts is None else (parts,))


def facts(event: Event) -> Iterator[Fact]:
    """The facts of an event, in the order of its fields, those of a value inside it in its place."""
    return _facts(event)


def _facts(value: Value) -> Iterator[Fact]:
    for name, field in type(value).model_fields.items():
        held = getattr(value, name)
        says = mark_of(field.metadata, Says) or _AS_IT_IS
        if not says.message or name == _TAG or held in (None, (), says.unless):
            continue
        if isinstance(held, Value):
            yield from _facts(held)
        elif mark_of(field.metadata, CodeOf):
            yield named(field.metadata, held)
        elif says is _AS_IT_IS or _is_sentence(held):
            yield held
        else:
            yield phrase(says.message, value=held)


def _is_sentence(held: Any) -> bool:
    """True for a text of several words, which speaks for itself."""
    return isinstance(held, str) and " " in held


_TAG = "tag"
_AS_IT_IS = Says("{value}")
