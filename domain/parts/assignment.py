"""The holder of the case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from domain.actors import Actor
from domain.errors import Refused
from domain.parts.base import Command, Event
from domain.parts.referral import require_consent_to_pass
from domain.parts.registry import applies, decides
from domain.parts.restriction import require_open_to
from domain.telling import Says
from domain.values import AccountId, OrganisationId, Text, Written
from domain.vocabulary import Role

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Assign(Command):
    """Give the case to somebody: there is always exactly one holder."""

    kind: Literal["assign"] = "assign"
    holder: AccountId
    organisation: OrganisationId
    reason: Text


class CaseAssigned(Event):
    tag: Literal["case_assigned.1"] = "case_assigned.1"
    holder: Annotated[AccountId, Says("held by {value}")]
    organisation: OrganisationId
    reason: Written


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
    return {"holder": event.holder, "organisation": event.organisation}
