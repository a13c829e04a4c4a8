"""The end of a case, for which two people are needed when it comes before its time."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field
from pydantic.fields import FieldInfo

from domain.actors import Actor
from domain.complaint import Place
from domain.errors import Refused
from domain.law.limitation import has_no_known_end
from domain.parts.base import CLOSED, Command, Event
from domain.parts.registry import applies, decides, not_before, where
from domain.telling import UNSAID, Says
from domain.values import AccountId, Day, Text, Value, Written, day_of
from domain.vocabulary import Act, ClosureReason, DeadlineKind, Domain, ErasureReason, Outcome, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class ProposeErasure(Command):
    """Propose to erase a closed case before the end of its retention: another supervisor decides (erase)."""

    steps = CLOSED
    kind: Literal["propose_erasure"] = "propose_erasure"
    reason: Text


class Erase(Command):
    """Erase a closed case for ever: its key is destroyed, and only anonymous facts are left."""

    steps = CLOSED
    irreversible = True
    kind: Literal["erase"] = "erase"
    reason: ErasureReason


class SetArchiveEnd(Command):
    """Set the end of the archive of a case whose rights have no known end: the day until which it is kept."""

    steps = CLOSED
    kind: Literal["set_archive_end"] = "set_archive_end"
    until: Day
    reason: Text


class ArchiveEndSet(Event):
    tag: Literal["archive_end_set.1"] = "archive_end_set.1"
    until: Annotated[date, Says("until {value}")]
    reason: Written


class ErasureProposed(Event):
    tag: Literal["erasure_proposed.1"] = "erasure_proposed.1"
    reason: Written


class CaseErased(Event):
    """The last line of a case: what of it is kept for statistics. Codes and dates, no word that anybody wrote."""

    in_clear = True
    tag: Literal["case_erased.1"] = "case_erased.1"
    reason: ErasureReason
    proposed_by: Annotated[AccountId | None, Says("proposed by {value}")] = None
    """None at the end of retention: then one supervisor suffices."""
    domain: Domain
    criteria: tuple[str, ...]
    acts: tuple[Act, ...]
    metropolis: str | None
    commune: str | None
    neighbourhood: str | None
    received_on: date
    opened_on: date
    closed_on: date
    outcome: Outcome
    closure_reason: ClosureReason
    fictitious: bool
    closed_to: Annotated[tuple[str, ...], Field(exclude_if=lambda names: not names), UNSAID] = ()
    """Whom the case was closed to, as `Restriction.names` has it: it stays closed to them."""


GONE = "-"
"""Stands where a text stood that no case is without."""

KEPT = frozenset(
    {
        "reference",
        "metropolis",
        "holder",
        "organisation",
        "opened_at",
        "progress",
        "unheld",
        "last_contact_at",
    }
)
"""The fields of a case that an erasure leaves: where it stood and when, which lists and the right to read them go by.

A field that is not named here takes its default, and so does one that is added later, until somebody decides.
"""

KEPT_OF_COMPLAINT = frozenset({"received_at", "channel", "domain", "criteria", "acts", "fictitious"})
"""Those of a complaint: codes for statistics, and the day from which a command may be dated."""

KEPT_OF_CLOSURE = frozenset({"outcome", "reason", "proposed_by", "at"})
"""Those of each closure: how it ended, for statistics, and who had proposed it."""


def _not_held(case: Case, actor: Actor, at: datetime) -> None:
    if case.hold is not None:
        raise Refused(
            "held",
            "A legal hold stands: nothing of this case may be erased.",
            "Have it released first (release_hold), by another supervisor than {account}.",
            account=case.hold.placed_by,
        )


def _end_not_known(case: Case, actor: Actor, at: datetime) -> None:
    if not has_no_known_end(case):
        raise Refused(
            "archive_end_known",
            "The end of the archive of this case is computed from its time limits.",
            "Nothing to set: its end is in the agenda. To keep the case longer, place a legal hold (hold).",
        )


@decides(SetArchiveEnd, where(_end_not_known))
def set_archive_end(case: Case, command: SetArchiveEnd, actor: Actor, at: datetime) -> list[Event]:
    _end_not_known(case, actor, at)
    not_before(command.until, at, "until")
    return [ArchiveEndSet(until=command.until, reason=command.reason)]


@applies(ArchiveEndSet)
def archive_end_set(case: Case, event: ArchiveEndSet, entry: Entry) -> dict[str, Any]:
    return {"archive_until": event.until}


@decides(ProposeErasure, where(_not_held))
def propose_erasure(case: Case, command: ProposeErasure, actor: Actor, at: datetime) -> list[Event]:
    _not_held(case, actor, at)
    return [ErasureProposed(reason=command.reason)]


@applies(ErasureProposed)
def erasure_proposed(case: Case, event: ErasureProposed, entry: Entry) -> dict[str, Any]:
    return {"erasure_proposed_by": entry.actor.account}


def retention_is_over(case: Case) -> bool:
    """True if the end of retention has come since the case was closed last: its alert says so."""
    return case.has_announced(DeadlineKind.ARCHIVE_END)


def _due_or_agreed(case: Case, actor: Actor, at: datetime) -> None:
    """Refuses an erasure that comes before its time and is not the wish of two people."""
    _not_held(case, actor, at)
    over = retention_is_over(case)
    if not over and case.erasure_proposed_by is None:
        raise Refused(
            "erasure_not_proposed",
            "Before the end of retention, erasing takes two people.",
            "Have it proposed first (propose_erasure), by somebody else.",
        )
    if not over and case.erasure_proposed_by == actor.account:
        raise Refused(
            "same_person_erasure", "Whoever proposed to erase a case does not erase it.", "Another supervisor does."
        )


@decides(Erase, where(_due_or_agreed))
def erase(case: Case, command: Erase, actor: Actor, at: datetime) -> list[Event]:
    _not_held(case, actor, at)
    over = retention_is_over(case)
    if command.reason is ErasureReason.RETENTION_ENDED and not over:
        raise Refused(
            "retention_runs",
            "The retention of this case has not ended.",
            "Its end is in the agenda. Before it, give another reason; it takes two people: see propose_erasure.",
            field="reason",
        )
    _due_or_agreed(case, actor, at)
    told, closure = case.complaint, case.closures[-1]
    return [
        CaseErased(
            reason=command.reason,
            proposed_by=None if over else case.erasure_proposed_by,
            domain=told.domain,
            criteria=told.criteria,
            acts=told.acts,
            metropolis=case.metropolis,
            commune=told.facts.place.commune,
            neighbourhood=told.facts.place.neighbourhood,
            received_on=day_of(told.received_at),
            opened_on=day_of(case.opened_at),
            closed_on=day_of(closure.at),
            outcome=closure.outcome,
            closure_reason=closure.reason,
            fictitious=told.fictitious,
            closed_to=case.restriction.names if case.restriction else (),
        )
    ]


@applies(CaseErased)
def case_erased(case: Case, event: CaseErased, entry: Entry) -> dict[str, Any]:
    complaint = case.complaint
    place = Place.model_construct(commune=event.commune, neighbourhood=event.neighbourhood)
    facts = blank(complaint.facts, frozenset()) | {"place": place}
    told = blank(complaint, KEPT_OF_COMPLAINT) | {"facts": complaint.facts.model_copy(update=facts)}
    return blank(case, KEPT) | {
        "step": Step.ERASED,
        "complaint": complaint.model_copy(update=told),
        "restriction": case.restriction and case.restriction.model_copy(update={"reason": GONE}),
        "closures": tuple(closure.model_copy(update=blank(closure, KEPT_OF_CLOSURE)) for closure in case.closures),
    }


def blank(value: Value, kept: frozenset[str]) -> dict[str, Any]:
    """Blanks every field that is not kept: its default or, where a value is required, a dash or None."""
    return {name: _nothing(field) for name, field in type(value).model_fields.items() if name not in kept}


def _nothing(field: FieldInfo) -> Any:
    if not field.is_required():
        return field.get_default(call_default_factory=True)
    return GONE if field.annotation is str else None
