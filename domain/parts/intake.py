"""The complaint: opened, amended, given its legal characterisation."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, JsonValue, ValidationError

from domain.actors import Actor
from domain.addresses import require_deliverable
from domain.complaint import Acts, Complaint, Criteria
from domain.errors import Action, Refused
from domain.law.proof import foreseen
from domain.merging import merged
from domain.parts.base import Command, Event
from domain.parts.consent import ConsentRecorded, require_possible
from domain.parts.piece import ChecklistDrawnUp
from domain.parts.referral import require_no_transfer
from domain.parts.registry import CLOCK_SKEW, applies, decides, not_after
from domain.parts.restriction import Accounts, Organisations, require_not_barred, restricted
from domain.permissions import in_territory, may_read
from domain.telling import UNSAID, Says
from domain.values import AccountId, OrganisationId, Text, Written, written_in_paris
from domain.vocabulary import OPEN_STEPS, Act, Domain

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Open(Command):
    """Open a case for a complaint that was received."""

    steps = frozenset()
    kind: Literal["open"] = "open"
    complaint: Complaint
    closed_to: Annotated[Organisations, Field(exclude_if=lambda names: not names)] = ()
    """Organisations to which the case is closed from its first line: the respondent's own, usually."""
    closed_to_accounts: Annotated[Accounts, Field(exclude_if=lambda names: not names)] = ()
    """The accounts to which it is closed likewise."""


class Qualify(Command):
    """Give the complaint its legal characterisation: domain, grounds, acts. It completes the evidence checklist."""

    kind: Literal["qualify"] = "qualify"
    domain: Domain
    criteria: Criteria
    acts: Acts
    reasoning: Text


class AmendComplaint(Command):
    """Correct or complete what the person told: the fields that change, or the whole complaint, and why."""

    steps = OPEN_STEPS
    kind: Literal["amend_complaint"] = "amend_complaint"
    complaint: Complaint | None = None
    """The whole complaint as it should read, instead of `changes`."""
    changes: Annotated[dict[str, JsonValue], Field(exclude_if=lambda changes: not changes, default_factory=dict)]
    """The fields that change, alone: facts.occurred_on, say. A field set to null is emptied (RFC 7396)."""
    reason: Text


class ComplaintOpened(Event):
    progress = True
    tag: Literal["complaint_opened.1"] = "complaint_opened.1"
    complaint: Annotated[Complaint, UNSAID]
    holder: Annotated[AccountId, Says("held by {value}")]
    organisation: OrganisationId
    metropolis: str | None


class ComplaintAmended(Event):
    tag: Literal["complaint_amended.1"] = "complaint_amended.1"
    complaint: Annotated[Complaint, UNSAID]
    reason: Written


class ComplaintQualified(Event):
    progress = True
    tag: Literal["complaint_qualified.1"] = "complaint_qualified.1"
    domain: Domain
    criteria: tuple[str, ...]
    acts: tuple[Act, ...]
    reasoning: Written


def open_case(command: Open, actor: Actor, at: datetime) -> list[Event]:
    """The first events of a case: the complaint, its consents, and the checklist, whose shortest clocks start today."""
    complaint = command.complaint
    _received(complaint, at)
    _require_addresses(complaint)
    for number, given in enumerate(complaint.consents):
        require_possible(given, complaint, at, f"consents.{number}")
    metropolis = complaint.facts.place.metropolis or actor.metropolis
    if not may_read(actor, {actor.organisation}, metropolis):
        raise Refused(
            "elsewhere",
            "This place lies in the other metropolis: whoever opens this case could not follow it up.",
            "Let a case worker open it, or a supervisor of that metropolis.",
            field="place",
        )
    opened = ComplaintOpened(
        complaint=complaint, holder=actor.account, organisation=actor.organisation, metropolis=metropolis
    )
    consents = [ConsentRecorded(id=f"C{n}", consent=given) for n, given in enumerate(complaint.consents, start=1)]
    checklist = ChecklistDrawnUp(pieces=tuple(item.code for item in foreseen(complaint)))
    if not (command.closed_to or command.closed_to_accounts):
        return [opened, *consents, checklist]
    closed = restricted(command.closed_to, command.closed_to_accounts, CLOSED_AT_OPENING)
    require_not_barred(closed, actor.account, actor.organisation)
    return [opened, closed, *consents, checklist]


CLOSED_AT_OPENING = "conflict of interest noted at the opening"


def _received(complaint: Complaint, at: datetime) -> None:
    if complaint.received_at > at + CLOCK_SKEW:
        raise Refused(
            "date_future",
            "{field} is {day}, in the future.",
            "Give the day on which it happened.",
            field="received_at",
            day=written_in_paris(complaint.received_at),
        )
    for number, step in enumerate(complaint.prior_steps):
        if step.taken_on is not None:  # time limits of the law count from it
            not_after(step.taken_on, at, f"prior_steps.{number}.taken_on")


def _require_addresses(complaint: Complaint, before: Complaint | None = None) -> None:
    """Raises Refused for an address to which no mail can be sent, unless it stood there before."""
    for field in ("complainant", "concerned_person"):
        person, earlier = getattr(complaint, field), getattr(before, field, None)
        if person is not None and (earlier is None or person.email != earlier.email):
            require_deliverable(person.email, f"{field}.email")


def _amended(case: Case, command: AmendComplaint) -> Complaint:
    """The complaint as it should read. Refuses what says nothing, or twice, and what a complaint cannot hold."""
    if (command.complaint is None) == (not command.changes):
        raise Refused(
            "amended_one_way",
            "An amendment gives the fields that change, or the whole complaint.",
            "Give changes (changes.facts.occurred_on, say), or complaint.",
            field="changes",
        )
    if command.complaint is not None:
        return command.complaint
    try:
        return Complaint.model_validate(merged(case.complaint.model_dump(mode="json"), command.changes))
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "changes"
        raise Refused(
            "amendment_invalid",
            "{field} cannot read like this.",
            "Check its name and its value.",
            field=f"changes.{where}",
            action=Action.LIST_COMMANDS,
        ) from None


@decides(AmendComplaint)
def amend_complaint(case: Case, command: AmendComplaint, actor: Actor, at: datetime) -> list[Event]:
    amended = _amended(case, command)
    _received(amended, at)
    _require_addresses(amended, case.complaint)
    if amended.source != case.complaint.source or amended.fictitious != case.complaint.fictitious:
        raise Refused(
            "origin_fixed",
            "Where a complaint comes from cannot be amended.",
            "Leave source and fictitious as they were.",
            field="source",
        )
    if amended.consents != case.complaint.consents:
        raise Refused(
            "consents_apart",
            "Consents are not amended with the complaint.",
            "Use record_consent or withdraw_consent.",
            field="consents",
        )
    _stays_in_sight(case, amended, actor)
    return [
        ComplaintAmended(complaint=amended, reason=command.reason),
        *_completed_checklist(case, amended),
    ]


def _stays_in_sight(case: Case, complaint: Complaint, actor: Actor) -> None:
    """Refuses an amendment that would take the case away from those who follow it up: that takes a transfer."""
    to = complaint.facts.place.metropolis
    if to is None or to == case.metropolis:
        return
    if case.metropolis is None and in_territory(actor, to):
        require_no_transfer(case)
        return
    raise Refused(
        "moves_elsewhere",
        "This place lies in another metropolis: those who follow this case up would lose sight of it.",
        "Propose it to that metropolis (propose_transfer): until somebody there accepts, it stays here.",
        field="place",
    )


def _completed_checklist(case: Case, complaint: Complaint) -> list[Event]:
    """Adds what the checklist of the complaint, as it now reads, has beyond the pieces already looked for."""
    known = {piece.id for piece in case.pieces}
    missing = tuple(item.code for item in foreseen(complaint) if item.code not in known)
    return [ChecklistDrawnUp(pieces=missing)] if missing else []


@applies(ComplaintAmended)
def complaint_amended(case: Case, event: ComplaintAmended, entry: Entry) -> dict[str, Any]:
    return {
        "complaint": event.complaint,
        "metropolis": event.complaint.facts.place.metropolis or case.metropolis,
    }


@decides(Qualify)
def qualify(case: Case, command: Qualify, actor: Actor, at: datetime) -> list[Event]:
    return [
        ComplaintQualified(
            domain=command.domain, criteria=command.criteria, acts=command.acts, reasoning=command.reasoning
        ),
        *_completed_checklist(case, _qualified(case, command)),
    ]


def _qualified(case: Case, said: Qualify | ComplaintQualified) -> Complaint:
    return case.complaint.model_copy(update={"domain": said.domain, "criteria": said.criteria, "acts": said.acts})


@applies(ComplaintQualified)
def complaint_qualified(case: Case, event: ComplaintQualified, entry: Entry) -> dict[str, Any]:
    return {"complaint": _qualified(case, event)}
