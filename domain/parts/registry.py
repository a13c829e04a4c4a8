"""The registry of the rules, which enter themselves: `@decides(Command)` and `@applies(Event)`.

A rule refuses for two kinds of reasons: what the command says, and how the case stands. Each reason of the second kind,
which no other content of the command would put right, is a function of its own: a check. The rule calls its checks, and
also names them where it registers (`where`, `where_some`). So the commands that `domain.lifecycle.offered` lists are
those that `decide` would accept with the right content. A check is named for what passes it, and raises Refused for
everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from domain.actors import Actor
from domain.errors import Refused
from domain.parts.base import Command, Event, Occurrence
from domain.values import day_of

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


Decide = Callable[["Case", Any, Actor, datetime], list[Event]]
"""A rule: turns a command into events, or raises Refused."""
Apply = Callable[["Case", Any, "Entry"], dict[str, Any]]
"""The effect of an event: the fields of the case that get a new value."""
Possible = Callable[["Case", Actor, datetime], bool]
"""True if a command could be accepted from this actor with the right content."""
Check = Callable[["Case", Actor, datetime], object]
"""Raises Refused if the case, as it stands, rules the command out whatever its content."""
PartCheck = Callable[["Case", Any, Actor, datetime], object]
"""The same for one part of the case."""
D = TypeVar("D", bound=Decide)
A = TypeVar("A", bound=Apply)

DECISIONS: dict[type[Command], Decide] = {}
POSSIBLE: dict[type[Command], Possible] = {}
EFFECTS: dict[type[Event], Apply] = {}


def always(case: Case, actor: Actor, at: datetime) -> bool:
    """Possible in every case: only the content of the command can be refused."""
    return True


def where(check: Check) -> Possible:
    """Possible where the case passes this check."""

    def possible(case: Case, actor: Actor, at: datetime) -> bool:
        return _passes(check, case, actor, at)

    return possible


def where_some(parts: Callable[[Case], Iterable[Any]], check: PartCheck) -> Possible:
    """Possible where at least one of these parts passes this check."""

    def possible(case: Case, actor: Actor, at: datetime) -> bool:
        return any(_passes(check, case, part, actor, at) for part in parts(case))

    return possible


def _passes(check: Callable[..., object], *arguments: object) -> bool:
    try:
        check(*arguments)
    except Refused:
        return False
    return True


def decides(command: type[Command], possible: Possible = always) -> Callable[[D], D]:
    """Registers the rule for a command: (case, command, actor, when it happened) -> events, or raises Refused.

    `possible` is built with `where` or `where_some` from the checks that the rule itself calls.
    """

    def register(rule: D) -> D:
        DECISIONS[command] = rule
        POSSIBLE[command] = possible
        return rule

    return register


def applies(*events: type[Event]) -> Callable[[A], A]:
    """Registers the effect of events: (case, event, entry) -> the fields of the case that get a new value."""

    def register(effect: A) -> A:
        for event in events:
            EFFECTS[event] = effect
        return effect

    return register


CLOCK_SKEW = timedelta(minutes=5)
"""The time by which the clock of whoever sends a command may be ahead of the engine's."""


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
    """Refuses the date of a past act that lies after the day on which it is reported."""
    if day > day_of(at):
        raise Refused(
            "date_future",
            "{field} is {day}, in the future.",
            "Give the day on which it happened.",
            field=field,
            day=day.isoformat(),
        )


def not_before_sent(sent: Occurrence | None, at: datetime, id: str) -> None:
    """Refuses an answer that is dated before what it answers was sent."""
    if sent is not None and day_of(at) < day_of(sent.happened_at):
        raise Refused(
            "before_sent",
            "{field} is {day}, before {id} was sent ({sent}).",
            "Check both dates.",
            field="happened_at",
            day=day_of(at).isoformat(),
            id=id,
            sent=day_of(sent.happened_at).isoformat(),
        )


def not_before_asked(asked: Occurrence | None, at: datetime, id: str) -> None:
    """Refuses what came of a request and is dated before it."""
    if asked is not None and day_of(at) < day_of(asked.happened_at):
        raise Refused(
            "before_asked",
            "{field} is {day}, before {id} was asked for ({asked}).",
            "Check both dates.",
            field="happened_at",
            day=day_of(at).isoformat(),
            id=id,
            asked=day_of(asked.happened_at).isoformat(),
        )


def replace(parts: tuple[Any, ...], id: str, **changes: Any) -> tuple[Any, ...]:
    """The same parts, with one of them changed."""
    return tuple(p.model_copy(update=changes) if p.id == id else p for p in parts)


def next_id(letter: str, parts: tuple[Any, ...]) -> str:
    """The id of the next part of this kind: R1, R2..."""
    number = 1 + sum(p.id[: len(letter)] == letter and p.id[len(letter) :].isdigit() for p in parts)
    if number > 9_999:
        raise Refused("too_many_parts", "This case has {count} parts of this kind.", "No more fit.", count=number - 1)
    return f"{letter}{number}"
