"""Where the rules announce themselves: `@decides(Command)` and `@applies(Event)`.

A rule refuses for two kinds of reasons: what the command says, and how the case stands. Whatever no other content could
put right is a check of its own, which the rule goes through and which it names where it announces itself (`where`,
`where_some`): so the door (`domain.lifecycle.decide`) and what is offered beside it (`offered`) say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from domain.actors import Actor
from domain.errors import Refused
from domain.parts.base import Command, Event
from domain.values import day_of

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


Decide = Callable[["Case", Any, Actor, datetime], list[Event]]
Apply = Callable[["Case", Any, "Entry"], dict[str, Any]]
Possible = Callable[["Case", Actor, datetime], bool]
Check = Callable[["Case", Actor, datetime], object]
"""Raises Refused when the case does not stand so that it could be done, whatever is said."""
PartCheck = Callable[["Case", Any, Actor, datetime], object]
"""The same of one part of the case."""
D = TypeVar("D", bound=Decide)
A = TypeVar("A", bound=Apply)

DECISIONS: dict[type[Command], Decide] = {}
POSSIBLE: dict[type[Command], Possible] = {}
EFFECTS: dict[type[Event], Apply] = {}


def always(case: Case, actor: Actor, at: datetime) -> bool:
    """Possible at any time: only what is said can be refused."""
    return True


def where(check: Check) -> Possible:
    """Possible where the case passes this check."""

    def possible(case: Case, actor: Actor, at: datetime) -> bool:
        return _passes(check, case, actor, at)

    return possible


def where_some(parts: Callable[[Case], Iterable[Any]], check: PartCheck) -> Possible:
    """Possible where some of these parts pass this check."""

    def possible(case: Case, actor: Actor, at: datetime) -> bool:
        return any(_passes(check, case, part, actor, at) for part in parts(case))

    return possible


def _passes(check: Callable[..., object], *about: object) -> bool:
    try:
        check(*about)
    except Refused:
        return False
    return True


def decides(command: type[Command], possible: Possible = always) -> Callable[[D], D]:
    """Registers the rule for a command: (case, command, actor, when it happened) -> events, or raises Refused.

    `possible` says of which cases it can be asked with some content or other. It is made of checks that the rule makes.
    """

    def register(rule: D) -> D:
        DECISIONS[command] = rule
        POSSIBLE[command] = possible
        return rule

    return register


def applies(*events: type[Event]) -> Callable[[A], A]:
    """Registers what an event changes: (case, event, entry) -> the fields of the case that get a new value."""

    def register(effect: A) -> A:
        for event in events:
            EFFECTS[event] = effect
        return effect

    return register


CLOCK_SKEW = timedelta(minutes=5)
"""By how much the clock of whoever speaks may be ahead of the engine's."""


def not_before(day: date, at: datetime, field: str) -> None:
    """Refuses a due date that lies before the day on which it is set."""
    if day < day_of(at):
        raise Refused(
            "date_past",
            "{field} is {day}, before the day this happened ({happened}).",
            "Give a later date, or the right happened_at.",
            field=field,
            day=day.isoformat(),
            happened=day_of(at).isoformat(),
        )


def not_after(day: date, at: datetime, field: str) -> None:
    """Refuses a date of something done that lies after the day on which it is said."""
    if day > day_of(at):
        raise Refused(
            "date_future",
            "{field} is {day}, in the future.",
            "Give the day on which it happened.",
            field=field,
            day=day.isoformat(),
        )


def replace(parts: tuple[Any, ...], id: str, **changes: Any) -> tuple[Any, ...]:
    """The same parts, with one of them changed."""
    return tuple(p.model_copy(update=changes) if p.id == id else p for p in parts)


def next_id(letter: str, parts: tuple[Any, ...]) -> str:
    """What the next part of this kind is called: R1, R2..."""
    number = 1 + sum(p.id[: len(letter)] == letter and p.id[len(letter) :].isdigit() for p in parts)
    if number > 9_999:
        raise Refused("too_many_parts", "This case has {count} parts of this kind.", "No more fit.", count=number - 1)
    return f"{letter}{number}"
