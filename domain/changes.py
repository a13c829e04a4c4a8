"""What differs between a case at one moment and at another. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.case import Case
from domain.values import Value


@dataclass(frozen=True)
class Change:
    """One thing that is not what it was. None stands for what was not there, or is no more."""

    path: tuple[str, ...]
    """Where: a field of the case, the name of a part, a field of that part."""
    before: Any
    after: Any


_FOLLOWS = frozenset({"version", "progress"})
"""What changes with every event, or only says which event was the last."""


def changes(before: Case, after: Case) -> list[Change]:
    """Everything that differs, in the order of the case's fields."""
    return [change for change in _between(before, after, ()) if change.path[0] not in _FOLLOWS]


def _between(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Value) and type(before) is type(after):
        for name in type(before).model_fields:
            yield from _between(getattr(before, name), getattr(after, name), (*path, name))
    elif isinstance(before, tuple) and isinstance(after, tuple) and _are_parts(before + after):
        was, now = _named(before), _named(after)
        for name in [*was, *(name for name in now if name not in was)]:
            yield from _between(was.get(name), now.get(name), (*path, name))
    else:
        yield Change(path, before, after)


def _are_parts(values: tuple[Any, ...]) -> bool:
    return all(isinstance(value, Value) for value in values)


def _named(parts: tuple[Any, ...]) -> Mapping[str, Any]:
    """Parts by what they are called; those without a name by their place, from 1."""
    return {
        getattr(part, "id", None) or getattr(part, "key", None) or str(n): part for n, part in enumerate(parts, start=1)
    }
