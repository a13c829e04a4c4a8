"""Legal holds: nothing of a case is erased while one stands."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from domain.actors import Actor
from domain.errors import Refused
from domain.parts.base import NOT_ERASED, Command, Event, Occurrence, Part
from domain.parts.registry import applies, decides, not_before, where
from domain.values import Day, Text, Written

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class LegalHold(Part):
    """A legal hold: nothing of the case is erased while it stands."""

    noun = "Legal hold"

    reason: Written
    placed_by: str
    placed: Occurrence
    review_on: date


class Hold(Command):
    """Place a legal hold: nothing of the case is erased until it is released. It is looked at again on a date."""

    steps = NOT_ERASED
    kind: Literal["hold"] = "hold"
    reason: Text
    review_on: Day


class ReleaseHold(Command):
    """Release a legal hold: another supervisor than the one who placed it."""

    steps = NOT_ERASED
    irreversible = True
    kind: Literal["release_hold"] = "release_hold"
    reason: Text


class CaseHeld(Event):
    tag: Literal["case_held.1"] = "case_held.1"
    reason: Written
    review_on: date


class HoldReleased(Event):
    tag: Literal["hold_released.1"] = "hold_released.1"
    reason: Written


def _no_hold_yet(case: Case, actor: Actor, at: datetime) -> None:
    if case.hold is not None:
        raise Refused("already_held", "A legal hold stands already.", "Release it first (release_hold).")


@decides(Hold, where(_no_hold_yet))
def hold(case: Case, command: Hold, actor: Actor, at: datetime) -> list[Event]:
    _no_hold_yet(case, actor, at)
    not_before(command.review_on, at, "review_on")
    return [CaseHeld(reason=command.reason, review_on=command.review_on)]


@applies(CaseHeld)
def case_held(case: Case, event: CaseHeld, entry: Entry) -> dict[str, Any]:
    placed = Occurrence.of(entry)
    held = LegalHold(reason=event.reason, placed_by=entry.actor.account, placed=placed, review_on=event.review_on)
    return {"hold": held, "erasure_proposed_by": None}


def _held_by_another(case: Case, actor: Actor, at: datetime) -> None:
    if case.hold is None:
        raise Refused("not_held", "No legal hold stands.", "Nothing to do.")
    if case.hold.placed_by == actor.account:
        raise Refused(
            "same_person_hold", "Whoever placed a legal hold does not release it.", "Another supervisor looks at it."
        )


@decides(ReleaseHold, where(_held_by_another))
def release_hold(case: Case, command: ReleaseHold, actor: Actor, at: datetime) -> list[Event]:
    _held_by_another(case, actor, at)
    return [HoldReleased(reason=command.reason)]


@applies(HoldReleased)
def hold_released(case: Case, event: HoldReleased, entry: Entry) -> dict[str, Any]:
    return {"hold": None}
