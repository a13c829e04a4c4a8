"""Contacts with the person, and notes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from domain.actors import Actor
from domain.parts.base import NOT_ERASED, Command, Event
from domain.parts.registry import applies, decides
from domain.telling import Says
from domain.values import Text, Written
from domain.vocabulary import Medium

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class RecordContact(Command):
    """Record that the person was reached, or tried to reach us."""

    steps = NOT_ERASED
    kind: Literal["record_contact"] = "record_contact"
    medium: Medium
    by_complainant: bool = False
    reached: bool = True
    summary: Text


class AddNote(Command):
    """Write a note on the case. A note is no progress: it moves no clock."""

    steps = NOT_ERASED
    kind: Literal["add_note"] = "add_note"
    text: Text


class ContactRecorded(Event):
    progress = True
    tag: Literal["contact_recorded.1"] = "contact_recorded.1"
    medium: Medium
    by_complainant: Annotated[bool, Says("by the person")]
    reached: Annotated[bool, Says("not reached", unless=True)]
    summary: Written


class NoteAdded(Event):
    tag: Literal["note_added.1"] = "note_added.1"
    text: Written


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
    return [NoteAdded(text=command.text)]


@applies(NoteAdded)
def note_added(case: Case, event: NoteAdded, entry: Entry) -> dict[str, Any]:
    return {"notes": case.notes + 1}
