"""The holder of the case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from domain.actors import Actor
from domain.errors import Refused
from domain.levels import authority_of
from domain.parts.base import Command, Event, Occurrence
from domain.parts.referral import require_consent_to_pass
from domain.parts.registry import applies, decides
from domain.parts.restriction import require_open_to
from domain.telling import Says
from domain.values import NOBODY, AccountId, OrganisationId, Text, Written
from domain.vocabulary import AlertDecision, DeadlineKind, Role

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry
    from domain.parts.alert import Alert


class Assign(Command):
    """Give the case to somebody: there is always exactly one holder."""

    kind: Literal["assign"] = "assign"
    holder: AccountId
    organisation: OrganisationId
    reason: Text


class RecordDeparture(Command):
    """Record that whoever held the case has left. Only the hand-over asks this, once an account is closed.

    The book fills in who takes the case over; nobody, where nobody was named who could.
    """

    volatile_fields = frozenset({"to"})
    kind: Literal["record_departure"] = "record_departure"
    holder: AccountId
    """Who held the case and has left."""
    to: AccountId | None = None


class CaseAssigned(Event):
    tag: Literal["case_assigned.1"] = "case_assigned.1"
    holder: Annotated[AccountId, Says("held by {value}")]
    organisation: OrganisationId
    reason: Written


class HolderLeft(Event):
    tag: Literal["holder_left.1"] = "holder_left.1"
    holder: Annotated[AccountId, Says("{value} has left")]
    to: Annotated[AccountId | None, Says("held by {value}")] = None
    """Who holds the case from then on; None for nobody yet."""


@decides(Assign)
def assign(case: Case, command: Assign, actor: Actor, at: datetime) -> list[Event]:
    if (command.holder, command.organisation) == (case.holder, case.organisation):
        raise Refused(
            "already_holder",
            "{holder} already holds this case.",
            "Nothing to do.",
            field="holder",
            holder=case.holder,
        )
    if actor.role is Role.CASE_WORKER and command.organisation != case.organisation:
        # It would pass the person's words to somebody else without their saying yes.
        raise Refused(
            "assign_elsewhere",
            "A case worker gives a case to somebody of the same organisation only.",
            "Refer it with handover, or ask a supervisor.",
            field="organisation",
        )
    require_open_to(case, command.holder, command.organisation, "holder")
    if command.organisation not in case.parties:
        require_consent_to_pass(case, command.organisation, at, "organisation")
    return [CaseAssigned(holder=command.holder, organisation=command.organisation, reason=command.reason)]


@applies(CaseAssigned)
def case_assigned(case: Case, event: CaseAssigned, entry: Entry) -> dict[str, Any]:
    return {
        "holder": event.holder,
        "organisation": event.organisation,
        "unheld": None,
        "reassigned": Occurrence.of(entry),
        "alerts": tuple(
            answered(alert, entry, AlertDecision.REASSIGN) if alert.kind is DeadlineKind.NO_HOLDER else alert
            for alert in case.alerts
        ),
    }


def answered(alert: Alert, entry: Entry, decision: AlertDecision) -> Alert:
    """An alert that this line of the history answers by what it does, if it still stands."""
    if not alert.stands:
        return alert
    return alert.model_copy(
        update={
            "answered_at": entry.recorded_at,
            "answered_by": entry.actor.account,
            "authority": authority_of(entry.actor.role),
            "decision": decision,
        }
    )


@decides(RecordDeparture)
def record_departure(case: Case, command: RecordDeparture, actor: Actor, at: datetime) -> list[Event]:
    if case.holder != command.holder:
        return []  # somebody else was given the case meanwhile
    return [HolderLeft(holder=command.holder, to=command.to)]


@applies(HolderLeft)
def holder_left(case: Case, event: HolderLeft, entry: Entry) -> dict[str, Any]:
    return {"holder": event.to or NOBODY, "unheld": None if event.to else Occurrence.of(entry)}
