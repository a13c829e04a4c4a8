"""Values as they are seen: the kinds in which a field may be None that somebody outside the team is not shown."""

from collections.abc import Iterable, Iterator
from functools import cache, reduce
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from domain.audience import SEEN_EVENTS, seen_fields
from domain.parts.base import Event
from domain.values import Value

V = TypeVar("V", bound=Value)


@cache
def as_seen(kind: type[V]) -> type[V]:
    """The kind of value that answers hold: what an audience is not shown is optional in it. Itself if that is nothing.

    Texts stay as they are: a dash stands for one that is not shown, as in an erased case.
    """
    fields = dict(_optional(kind))
    return cast("type[V]", create_model(f"Seen{kind.__name__}", __base__=kind, **fields)) if fields else kind


def to_be_seen(value: Any) -> Any:
    """The same value in the kind that answers hold, and so are those within it."""
    if isinstance(value, tuple):
        return tuple(map(to_be_seen, value))
    if not isinstance(value, Value):
        return value
    kind = as_seen(type(value))
    if kind is type(value):  # so are those within it: each would have made it another
        return value
    return kind.model_construct(**{name: to_be_seen(held) for name, held in value})


def _optional(kind: type[Value]) -> Iterator[tuple[str, Any]]:
    """The fields that differ: those that may be None, and those that hold values of a kind that differs."""
    hidden = frozenset(_hidden(kind))
    for name, field in kind.model_fields.items():
        annotation = _seen_in(field.annotation)
        if name in hidden:
            yield name, (_marked(annotation, field.metadata) | None, None)
        elif annotation != field.annotation:
            yield name, (_marked(annotation, field.metadata), _default(field))


def _hidden(kind: type[Value]) -> Iterator[str]:
    """The fields that no such value is without, and that some audience is not shown of it."""
    seen = (SEEN_EVENTS.get(kind) if issubclass(kind, Event) else seen_fields().get(kind)) or {}
    outside: set[str] = set().union(*seen.values())
    for name, field in kind.model_fields.items():
        if field.is_required() and field.annotation is not str and not outside <= set(seen.get(name, "")):
            yield name


def _seen_in(annotation: Any) -> Any:
    """A type in which each kind of value is the one that answers hold."""
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return as_seen(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    inner = tuple(map(_seen_in, arguments))
    if inner == arguments:
        return annotation
    if origin is Annotated:
        return _marked(inner[0], annotation.__metadata__)
    return Union[inner] if origin in (Union, UnionType) else origin[inner]  # noqa: UP007 - of any number


def _marked(annotation: Any, marks: Iterable[Any]) -> Any:
    return reduce(lambda kind, mark: Annotated[kind, mark], marks, annotation)


def _default(field: FieldInfo) -> Any:
    if field.is_required():
        return Field(exclude_if=field.exclude_if)
    return Field(default=to_be_seen(field.default), exclude_if=field.exclude_if)
