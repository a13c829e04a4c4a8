"""Capabilities: by a link, somebody without an account sees and does a few things of one case, until a day.

The secret of the link is in no part and no event: it is derived where the link is made (`models.links`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import THE_PERSON, Actor, name_by_capability
from domain.capabilities import MAY_ASK, lives
from domain.errors import Refused
from domain.parts.base import NOT_ERASED, Chapter, Command, Event, Occurrence, Part, PartLine
from domain.parts.registry import applies, decides, next_id, not_before, replace, where_some
from domain.telling import UNSAID, Heading, Says, phrase
from domain.values import Day, PartId, Text, Written
from domain.vocabulary import Audience, Role

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry

Outside = Literal[Audience.PARTNER, Audience.COMPLAINANT]
"""The audiences that a capability can be for."""


class Capability(Part):
    """A capability: of the partner of one referral, or of the person who complains."""

    noun = "Access by a link"
    chapter = Chapter.PEOPLE

    id: str
    audience: Audience
    referral: str | None
    """The referral whose partner it is for. It ends with it."""
    organisation: str
    commands: tuple[str, ...]
    """The names of the commands that it allows, and `read_file` if it lets files be read."""
    until: Annotated[date, Heading("until")]
    """The last day, in Paris, on which it opens anything."""
    issued: Occurrence
    issued_by: str
    generation: Annotated[int, Heading("generation")] = 1
    """The number of the link that is good; the links of before open nothing."""
    revoked_at: Annotated[datetime | None, Heading("revoked")] = None

    def line(self) -> PartLine:
        state = phrase("revoked") if self.revoked_at else phrase("until {value}", value=self.until)
        return PartLine(self.id, self.noun, (self.audience, self.referral), state)

    def actor(self, reference: str) -> Actor:
        """Whoever acts by it on its case, the one of this reference."""
        role = Role.PARTNER if self.audience is Audience.PARTNER else Role.COMPLAINANT
        return Actor(account=name_by_capability(reference, self.id), role=role, organisation=self.organisation)


class IssueCapability(Command):
    """Give the partner of a referral, or the person, access to what is theirs by a link, until a day."""

    kind: Literal["issue_capability"] = "issue_capability"
    audience: Outside
    referral: PartId | None = None
    """The referral whose partner it is for; none for the person."""
    until: Day
    commands: Annotated[tuple[str, ...] | None, Field(max_length=20)] = None
    """The commands that it allows, and read_file; without it, all that it can. An empty list: for looking alone."""


class RenewCapability(Command):
    """Make a new link for an access, until another day: the link of before opens nothing any more."""

    kind: Literal["renew_capability"] = "renew_capability"
    capability: PartId
    until: Day


class RevokeCapability(Command):
    """End an access by a link, at once and for ever."""

    steps = NOT_ERASED
    kind: Literal["revoke_capability"] = "revoke_capability"
    capability: PartId
    reason: Text


class CapabilityIssued(Event):
    tag: Literal["capability_issued.1"] = "capability_issued.1"
    id: PartId
    audience: Annotated[Audience, Says("for: {value}")]
    referral: PartId | None = None
    organisation: Annotated[str, UNSAID]
    commands: Annotated[tuple[str, ...], Says("may: {value}")]
    until: Annotated[date, Says("until {value}")]


class CapabilityRenewed(Event):
    tag: Literal["capability_renewed.1"] = "capability_renewed.1"
    id: PartId
    until: Annotated[date, Says("until {value}")]


class CapabilityRevoked(Event):
    tag: Literal["capability_revoked.1"] = "capability_revoked.1"
    id: PartId
    reason: Written


# --- What happens to it ------------------------------------------------------------------------------------


def _require_known(commands: tuple[str, ...], audience: Audience) -> None:
    unknown = sorted(set(commands) - MAY_ASK[audience])
    if unknown:
        raise Refused(
            "too_much_for_a_link",
            "{commands}: nobody outside the team is allowed this by a link.",
            "Choose among: {possible}.",
            field="commands",
            commands=", ".join(unknown),
            possible=", ".join(sorted(MAY_ASK[audience])),
        )


def _organisation(case: Case, audience: Audience, id: str | None) -> str:
    """The organisation that a new capability is for. Refused if the referral does not fit, or is over."""
    if (audience is Audience.PARTNER) is (id is None):
        raise Refused(
            "link_for_whom",
            "The access of a partner names its referral; that of the person names none.",
            "Give referral with audience PARTNER, and only then.",
            field="referral",
        )
    if id is None:
        return THE_PERSON
    referral = case.referral(id)
    if not referral.is_open:
        raise Refused(
            "link_referral_over",
            "{id} is over: it is {status}.",
            "Send a new referral first.",
            field="referral",
            id=referral.id,
            status=referral.status,
        )
    return referral.partner


@decides(IssueCapability)
def issue_capability(case: Case, command: IssueCapability, actor: Actor, at: datetime) -> list[Event]:
    organisation = _organisation(case, command.audience, command.referral)
    not_before(command.until, at, "until")
    commands = tuple(MAY_ASK[command.audience]) if command.commands is None else command.commands
    _require_known(commands, command.audience)
    return [
        CapabilityIssued(
            id=next_id("K", case.capabilities),
            audience=command.audience,
            referral=command.referral,
            organisation=organisation,
            commands=tuple(sorted(set(commands))),
            until=command.until,
        )
    ]


@applies(CapabilityIssued)
def capability_issued(case: Case, event: CapabilityIssued, entry: Entry) -> dict[str, Any]:
    capability = Capability(
        id=event.id,
        audience=event.audience,
        referral=event.referral,
        organisation=event.organisation,
        commands=event.commands,
        until=event.until,
        issued=Occurrence.of(entry),
        issued_by=entry.actor.account,
    )
    return {"capabilities": (*case.capabilities, capability)}


def _capabilities(case: Case) -> Iterable[Capability]:
    return case.capabilities


def _lives(case: Case, capability: Capability, actor: Actor, at: datetime) -> None:
    require_alive(case, capability)


def require_alive(case: Case, capability: Capability) -> None:
    """Refuses a capability that has ended for ever. One whose last day is past can be renewed."""
    if not lives(case, capability):
        raise Refused(
            "link_over",
            "{id} has ended: it was revoked, or what it was for is over.",
            "Issue another one, if it is still needed.",
            field="capability",
            id=capability.id,
        )


@decides(RenewCapability, where_some(_capabilities, _lives))
def renew_capability(case: Case, command: RenewCapability, actor: Actor, at: datetime) -> list[Event]:
    capability = case.capability(command.capability)
    require_alive(case, capability)
    not_before(command.until, at, "until")
    return [CapabilityRenewed(id=capability.id, until=command.until)]


@applies(CapabilityRenewed)
def capability_renewed(case: Case, event: CapabilityRenewed, entry: Entry) -> dict[str, Any]:
    generation = case.capability(event.id).generation + 1
    return {"capabilities": replace(case.capabilities, event.id, until=event.until, generation=generation)}


@decides(RevokeCapability, where_some(_capabilities, _lives))
def revoke_capability(case: Case, command: RevokeCapability, actor: Actor, at: datetime) -> list[Event]:
    capability = case.capability(command.capability)
    require_alive(case, capability)
    return [CapabilityRevoked(id=capability.id, reason=command.reason)]


@applies(CapabilityRevoked)
def capability_revoked(case: Case, event: CapabilityRevoked, entry: Entry) -> dict[str, Any]:
    return {"capabilities": replace(case.capabilities, event.id, revoked_at=entry.recorded_at)}
