"""Contacts with the person, and notes: each note has an audience, which is the team unless it says otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Refused
from domain.parts.base import NOT_ERASED, Chapter, Command, Event, Occurrence, Part, PartLine
from domain.parts.registry import applies, decides, next_id
from domain.sight import Sight, sight_of
from domain.telling import UNSAID, Says
from domain.values import PartId, Text, Written
from domain.vocabulary import Asked, Audience, Medium

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


_LEFT_OUT = Field(exclude_if=lambda value: value is None)
"""Left out while it says nothing, as in the histories of cases that began before notes had an audience."""

ForWhom = Literal[Audience.TEAM, Audience.PARTNER, Audience.COMPLAINANT]
"""The audiences that something can be written for."""


class Message(Part):
    """A note that somebody outside the team reads, or has written."""

    noun = "Addressed note"
    chapter = Chapter.LETTERS

    id: str
    text: Written
    audience: Audience
    referral: str | None
    """The referral whose partner reads it; None for the partners of all."""
    asks: Asked | None
    written: Occurrence
    written_by: str

    def line(self) -> PartLine:
        about = (self.audience, self.referral, self.asks)
        return PartLine(self.id, self.noun, about, self.text, urgent=self.asks is Asked.STOP)


class RecordContact(Command):
    """Record that the person was reached, or tried to reach us."""

    steps = NOT_ERASED
    kind: Literal["record_contact"] = "record_contact"
    medium: Medium
    by_complainant: bool = False
    reached: bool = True
    summary: Text


class AddNote(Command):
    """Write a note on the case, for the team or for an audience. A note is no progress: it moves no clock."""

    steps = NOT_ERASED
    kind: Literal["add_note"] = "add_note"
    text: Text
    audience: Annotated[ForWhom | None, _LEFT_OUT] = None
    """Who may read it; without it the team alone or, from outside the team, the team and whoever writes."""
    referral: Annotated[PartId | None, _LEFT_OUT] = None
    """The referral whose partner it is for; without it, the partners of all."""
    asks: Annotated[Asked | None, _LEFT_OUT] = None
    """Something that it asks of the team."""


class ContactRecorded(Event):
    progress = True
    tag: Literal["contact_recorded.1"] = "contact_recorded.1"
    medium: Medium
    by_complainant: Annotated[bool, Says("by the person")]
    reached: Annotated[bool, Says("not reached", unless=True)]
    summary: Written


class NoteAdded(Event):
    """A note for the team alone."""

    tag: Literal["note_added.1"] = "note_added.1"
    text: Written


class NoteAddressed(Event):
    """A note that somebody outside the team reads, too."""

    tag: Literal["note_added.2"] = "note_added.2"
    id: Annotated[PartId, UNSAID]
    text: Written
    audience: Annotated[Audience, Says("for: {value}")]
    referral: PartId | None = None
    asks: Annotated[Asked | None, Says("asks: {value}"), _LEFT_OUT] = None


@decides(RecordContact)
def record_contact(case: Case, command: RecordContact, actor: Actor, at: datetime) -> list[Event]:
    return [
        ContactRecorded(
            medium=command.medium,
            by_complainant=command.by_complainant,
            reached=command.reached,
            summary=command.summary,
        )
    ]


@applies(ContactRecorded)
def contact_recorded(case: Case, event: ContactRecorded, entry: Entry) -> dict[str, Any]:
    return {"last_contact_at": max(case.last_contact_at, entry.happened_at)} if event.reached else {}


@decides(AddNote)
def add_note(case: Case, command: AddNote, actor: Actor, at: datetime) -> list[Event]:
    audience, referral = _addressed(case, command, sight_of(actor, case))
    if audience is Audience.TEAM:
        return [NoteAdded(text=command.text)]
    id = next_id("M", case.messages)
    return [NoteAddressed(id=id, text=command.text, audience=audience, referral=referral, asks=command.asks)]


def _addressed(case: Case, command: AddNote, sight: Sight | None) -> tuple[Audience, str | None]:
    """The audience of a note, and the referral whose partner reads it."""
    if sight is not None and not sight.is_whole:
        return _from_outside(command, sight)
    audience = command.audience or Audience.TEAM
    if command.referral is not None:
        if audience is not Audience.PARTNER:
            raise Refused(
                "note_not_for_partner",
                "A note for the partner of {id} names its audience: PARTNER.",
                "Give audience PARTNER, or leave referral out.",
                field="referral",
                id=command.referral,
            )
        case.referral(command.referral)
    return audience, command.referral


def _from_outside(command: AddNote, sight: Sight) -> tuple[Audience, str | None]:
    """What somebody outside the team writes is read by the team and by themselves."""
    own = Audience.COMPLAINANT if sight.audience is Audience.COMPLAINANT else Audience.PARTNER
    mine = min(sight.referrals, default=None)
    if command.audience not in (None, own) or command.referral not in (None, *sight.referrals):
        raise Refused(
            "note_from_outside",
            "From outside the team, a note is read by the team and by whoever writes it.",
            "Leave audience and referral out.",
            field="audience",
        )
    return own, command.referral or mine


@applies(NoteAdded)
def note_added(case: Case, event: NoteAdded, entry: Entry) -> dict[str, Any]:
    return {"notes": case.notes + 1}


@applies(NoteAddressed)
def note_addressed(case: Case, event: NoteAddressed, entry: Entry) -> dict[str, Any]:
    message = Message(
        id=event.id,
        text=event.text,
        audience=event.audience,
        referral=event.referral,
        asks=event.asks,
        written=Occurrence.of(entry),
        written_by=entry.actor.account,
    )
    return {"messages": (*case.messages, message), "notes": case.notes + 1}
