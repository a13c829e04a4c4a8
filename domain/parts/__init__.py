"""The parts of a case: one module for each, with its state, what may be asked of it, what happens to it, and its rules.

`domain.commands` and `domain.events` are collected from them.
"""

from collections.abc import Iterator
from importlib import import_module
from inspect import isclass
from typing import TypeVar

from pydantic import BaseModel

PARTS = (
    "contact",
    "consent",
    "intake",
    "assignment",
    "transfer",
    "restriction",
    "capability",
    "step",
    "referral",
    "piece",
    "letter",
    "files",
    "assessment",
    "filing",
    "time_limits",
    "alert",
    "pause",
    "closure",
    "hold",
    "erasure",
    "notice",
)
"""The modules, in the order of the life of a case: people are shown the commands that they may ask in this order."""


def place_of(kind: type) -> int:
    """The place in `PARTS` of the module that defines a class."""
    return PARTS.index(kind.__module__.rpartition(".")[2])


M = TypeVar("M", bound=BaseModel)


def tagged(base: type[M], tag: str) -> Iterator[type[M]]:
    """The classes of every part that derive from `base` and are told apart by the field `tag`, part after part."""
    for part in PARTS:
        module = import_module(f"{__name__}.{part}")
        for member in vars(module).values():
            if isclass(member) and issubclass(member, base) and member.__module__ == module.__name__:
                field = member.model_fields.get(tag)
                if field is not None and not field.is_required():
                    yield member
