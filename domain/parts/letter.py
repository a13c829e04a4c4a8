"""Letters that ask for pieces."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Action, Refused
from domain.law.proof import answer_due, asked_of
from domain.parts.base import Chapter, Command, Event, Occurrence, Part, PartLine
from domain.parts.piece import pieces_of, requested, require_may_be_asked, require_not_received_among_others
from domain.parts.registry import applies, decides, next_id, not_before, where_some
from domain.reference import LeverCode, levers
from domain.telling import Coded, CodeOf, Says, Table, pattern
from domain.values import Day, Digest, PartId, Text, Written, day_of
from domain.vocabulary import Medium, Party

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Letter(Part):
    """A letter that was sent to ask for pieces."""

    noun = "Letter"
    chapter = Chapter.LETTERS

    id: str
    lever: Annotated[str, CodeOf(Table.LEVERS)]
    pieces: tuple[str, ...]
    from_whom: Party
    addressee: Written | None
    medium: Medium
    due: date
    sent: Occurrence
    sha256: str | None = None
    """Digest of the letter as it was sent."""

    def line(self) -> PartLine:
        about = pattern("{lever} ({pieces})", lever=Coded(Table.LEVERS, self.lever), pieces=self.pieces)
        return PartLine(self.id, self.noun, about, self.due)


class SendLetter(Command):
    """Record that a letter asking for pieces was sent: the clock of its answer starts."""

    action = Action.WRITE_LETTER
    kind: Literal["send_letter"] = "send_letter"
    pieces: Annotated[tuple[PartId, ...], Field(min_length=1, max_length=40)]
    lever: LeverCode
    from_whom: Party | None = None
    """The party that is asked; without it, the one that the lever is for."""
    addressee: Text | None = None
    """Name and address, when it is not the respondent."""
    medium: Medium = Medium.POST
    due: Day | None = None
    """By when an answer is due; without it, as the law says of this lever, from the day it was sent."""
    sha256: Digest | None = None
    """The digest of the letter as it was sent."""


class LetterSent(Event):
    """It asks for its pieces: each is requested by it."""

    progress = True
    tag: Literal["letter_sent.1"] = "letter_sent.1"
    id: PartId
    lever: Annotated[str, CodeOf(Table.LEVERS)]
    pieces: tuple[PartId, ...]
    from_whom: Annotated[Party, Says("asked of {value}")]
    addressee: Written | None = None
    medium: Medium
    due: Annotated[date, Says("due {value}")]
    sha256: Annotated[str | None, Says("digest {value}")] = None


@decides(SendLetter, where_some(pieces_of, require_not_received_among_others))
def send_letter(case: Case, command: SendLetter, actor: Actor, at: datetime) -> list[Event]:
    lever = levers()[command.lever]
    due = command.due or answer_due(lever, day_of(at)).deadline_legal
    if not lever.signed_by or due is None:
        raise Refused(
            "nothing_to_send",
            "Nothing is sent by this lever: what it is about is published.",
            "Look it up, then record it with receive_piece.",
            field="lever",
        )
    if len(set(command.pieces)) < len(command.pieces):
        raise Refused("repeated", "The same code is named twice.", "Name each code once.", field="pieces")
    for id in command.pieces:
        require_not_received_among_others(case, case.piece(id, "pieces"), actor, at)
    whom = command.from_whom or asked_of(lever, case.complaint)
    require_may_be_asked(case, whom, at)
    not_before(due, at, "due")
    return [
        LetterSent(
            id=next_id("L", case.letters),
            lever=lever.code,
            pieces=command.pieces,
            from_whom=whom,
            addressee=command.addressee,
            medium=command.medium,
            due=due,
            sha256=command.sha256,
        )
    ]


@applies(LetterSent)
def letter_sent(case: Case, event: LetterSent, entry: Entry) -> dict[str, Any]:
    asked = requested(event, entry, letter=event.id)
    return {
        "letters": (*case.letters, Letter(**event.model_dump(exclude={"tag"}), sent=Occurrence.of(entry))),
        "pieces": tuple(p.model_copy(update=asked) if p.id in event.pieces else p for p in case.pieces),
    }
