"""Pieces of evidence: each one of the checklist is received, asked for and refused, or explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Refused
from domain.law.proof import levers_for
from domain.parts.base import Chapter, Command, Event, Occurrence, Part, PartLine
from domain.parts.registry import applies, decides, next_id, not_before, not_before_asked, replace, where_some
from domain.parts.step import StepEntered
from domain.telling import UNSAID, Coded, CodeOf, Fact, Heading, Says, Table, phrase
from domain.values import Day, Digest, Line, PartId, Text, Written, day_of
from domain.vocabulary import ConsentScope, Leg, Party, PieceStatus, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry
    from domain.parts.letter import LetterSent


THE_DECISION = frozenset({"EV027", "EV031", "EV054"})
"""The pieces that are the decision complained of itself, in the person's hands: dismissal, decision, reminders."""


class Piece(Part):
    """A piece of evidence and what was done to obtain it."""

    noun = "Piece"
    chapter = Chapter.PROOF

    id: str
    label: Written | None = None
    """None for a piece of the checklist: its label is in the reference data."""
    held_by: Party | None = None
    legs: tuple[Leg, ...] = ()
    """The legs that it helps to show, for a piece that somebody added; the reference data have those of the others."""
    perishes_on: date | None = None
    status: Annotated[PieceStatus, Heading("status")] = PieceStatus.WANTED
    from_whom: Annotated[Party | None, Heading("asked of")] = None
    lever: Annotated[Written | None, Heading("lever"), CodeOf(Table.LEVERS)] = None
    """The code of a lever of the reference data, or what somebody wrote."""
    letter: Annotated[str | None, Heading("by letter")] = None
    """The letter by which it was asked for last, if it was one."""
    due: Annotated[date | None, Heading("due")] = None
    known_since: date | None = None
    """The day on which it was recorded that it perishes."""
    requested: Annotated[Occurrence | None, Heading("asked for")] = None
    answered: Occurrence | None = None
    """The day on which it was received, refused or given up."""
    silent: bool = False
    """Refused by silence."""
    was_refused: bool = False
    """Refused at least once, whatever came of it since: that stays a fact of the case."""
    sha256: str | None = None
    said: Annotated[Written | None, Heading("said")] = None
    """A description of what was received, how it was refused, or why it was given up."""

    @property
    def name(self) -> Fact:
        """Its own label, or its name in the reference data."""
        return Coded(Table.PIECES, self.id) if self.label is None else self.label

    @classmethod
    def lines(cls, parts: Sequence[Piece]) -> Iterator[PartLine]:
        """Each piece for which something was done; those that are only wanted in one line."""
        wanted = tuple(piece.id for piece in parts if piece.status is PieceStatus.WANTED)
        for piece in parts:
            if piece.status is not PieceStatus.WANTED:
                yield PartLine(piece.id, cls.noun, piece.name, piece.status)
        if wanted:
            yield PartLine("", "Pieces", wanted, phrase("{count} wanted", count=len(wanted)))

    @property
    def was_never_sought(self) -> bool:
        """Never asked for, never refused, not here: wanted still, or given up unasked."""
        return self.requested is None and not self.was_refused and self.status is not PieceStatus.RECEIVED

    @property
    def is_unexplained(self) -> bool:
        """Neither received, nor refused, nor explained: lack of proof cannot be said yet."""
        return self.status in (PieceStatus.WANTED, PieceStatus.REQUESTED)


class StartEvidence(Command):
    """Begin to gather evidence in earnest."""

    steps = frozenset({Step.INTAKE, Step.REFERRAL, Step.ESCALATION})
    kind: Literal["start_evidence"] = "start_evidence"


class RequestPiece(Command):
    """Record that a piece was asked for: from whom, by which lever, by when."""

    kind: Literal["request_piece"] = "request_piece"
    piece: PartId
    from_whom: Party
    lever: Line
    due: Day


class ReceivePiece(Command):
    """Record that a piece was received."""

    kind: Literal["receive_piece"] = "receive_piece"
    piece: PartId
    description: Text
    sha256: Digest | None = None


class RecordPieceRefusal(Command):
    """Record that a requested piece was refused, or that silence stands for a refusal: itself a fact of the case."""

    kind: Literal["record_piece_refusal"] = "record_piece_refusal"
    piece: PartId
    """A piece; or a letter, for all that it asked for and that has not come."""
    silent: bool = False
    explanation: Text


class AddPiece(Command):
    """Add a piece to look for, beyond the checklist."""

    kind: Literal["add_piece"] = "add_piece"
    label: Line
    held_by: Party
    legs: Annotated[tuple[Leg, ...], Field(max_length=len(Leg))] = ()
    """The legs that it helps to show."""
    perishes_on: Day | None = None


class MarkUnobtainable(Command):
    """Record that pieces of one kind cannot be obtained, and why."""

    kind: Literal["mark_unobtainable"] = "mark_unobtainable"
    pieces: Annotated[tuple[PartId, ...], Field(min_length=1, max_length=200)]
    reason: Text


class WaivePieces(Command):
    """Record that pieces of one kind are not needed in this case, and why."""

    kind: Literal["waive_pieces"] = "waive_pieces"
    pieces: Annotated[tuple[PartId, ...], Field(min_length=1, max_length=200)]
    reason: Text


class ChecklistDrawnUp(Event):
    tag: Literal["checklist_drawn_up.1"] = "checklist_drawn_up.1"
    pieces: Annotated[tuple[PartId, ...], UNSAID]


class PieceAdded(Event):
    tag: Literal["piece_added.1"] = "piece_added.1"
    id: PartId
    label: Written
    held_by: Annotated[Party, Says("held by {value}")]
    legs: tuple[Leg, ...] = ()
    perishes_on: Annotated[date | None, Says("perishes on {value}")] = None


class PieceRequested(Event):
    progress = True
    tag: Literal["piece_requested.1"] = "piece_requested.1"
    id: PartId
    from_whom: Annotated[Party, Says("asked of {value}")]
    lever: Annotated[Written, CodeOf(Table.LEVERS)]
    due: Annotated[date, Says("due {value}")]


class PieceReceived(Event):
    progress = True
    tag: Literal["piece_received.1"] = "piece_received.1"
    id: PartId
    description: Written
    sha256: Annotated[str | None, Says("digest {value}")] = None


class PieceRefused(Event):
    progress = True
    tag: Literal["piece_refused.1"] = "piece_refused.1"
    id: PartId
    silent: Annotated[bool, Says("no answer came")]
    explanation: Written


class PiecesUnobtainable(Event):
    progress = True
    tag: Literal["pieces_unobtainable.1"] = "pieces_unobtainable.1"
    ids: tuple[PartId, ...]
    reason: Written


class PiecesWaived(Event):
    progress = True
    tag: Literal["pieces_waived.1"] = "pieces_waived.1"
    ids: tuple[PartId, ...]
    reason: Written


@decides(StartEvidence)
def start_evidence(case: Case, command: StartEvidence, actor: Actor, at: datetime) -> list[Event]:
    return [StepEntered(step=Step.EVIDENCE)]


@applies(ChecklistDrawnUp)
def checklist_drawn_up(case: Case, event: ChecklistDrawnUp, entry: Entry) -> dict[str, Any]:
    return {"pieces": case.pieces + tuple(Piece(id=id) for id in event.pieces)}


@decides(AddPiece)
def add_piece(case: Case, command: AddPiece, actor: Actor, at: datetime) -> list[Event]:
    return [
        PieceAdded(
            id=next_id("P", case.pieces),
            label=command.label,
            held_by=command.held_by,
            legs=command.legs,
            perishes_on=command.perishes_on,
        )
    ]


@applies(PieceAdded)
def piece_added(case: Case, event: PieceAdded, entry: Entry) -> dict[str, Any]:
    piece = Piece(
        id=event.id,
        label=event.label,
        held_by=event.held_by,
        legs=event.legs,
        perishes_on=event.perishes_on,
        known_since=day_of(entry.recorded_at),
    )
    return {"pieces": (*case.pieces, piece)}


def pieces_of(case: Case) -> tuple[Piece, ...]:
    return case.pieces


def _not_received(case: Case, piece: Piece, actor: Actor, at: datetime) -> None:
    # A refusal may be asked about again by another lever; a piece already here may not.
    if piece.status is PieceStatus.RECEIVED:
        raise Refused("piece_received", "{id} was received already.", "Nothing to do.", field="piece", id=piece.id)


@decides(RequestPiece, where_some(pieces_of, _not_received))
def request_piece(case: Case, command: RequestPiece, actor: Actor, at: datetime) -> list[Event]:
    piece = case.piece(command.piece)
    _not_received(case, piece, actor, at)
    require_may_be_asked(case, command.from_whom, at)
    not_before(command.due, at, "due")
    return [PieceRequested(id=piece.id, from_whom=command.from_whom, lever=command.lever, due=command.due)]


def require_may_be_asked(case: Case, whom: Party, at: datetime) -> None:
    """Refuses to turn to the respondent before the day on which the person agreed to it."""
    if whom is not Party.RESPONDENT or case.consent_for(ConsentScope.RESPONDENT, on=day_of(at)) is not None:
        return
    if (consent := case.consent_for(ConsentScope.RESPONDENT)) is not None:
        raise Refused(
            "consent_later",
            "This is dated {day}; the person agreed to it on {agreed}.",
            "Check both dates.",
            field="happened_at",
            day=day_of(at).isoformat(),
            agreed=consent.given.given_on.isoformat(),
        )
    raise Refused(
        "consent_missing_respondent",
        "The person has not agreed that the respondent be told of the complaint.",
        "Record the consent first: record_consent with scope RESPONDENT.",
        field="from_whom",
    )


@applies(PieceRequested)
def piece_requested(case: Case, event: PieceRequested, entry: Entry) -> dict[str, Any]:
    return {"pieces": replace(case.pieces, event.id, **requested(event, entry))}


def requested(event: PieceRequested | LetterSent, entry: Entry, letter: str | None = None) -> dict[str, Any]:
    """The changes to a piece that is asked for, in a letter or without one."""
    return {
        "status": PieceStatus.REQUESTED,
        "from_whom": event.from_whom,
        "lever": event.lever,
        "letter": letter,
        "due": event.due,
        "requested": Occurrence.of(entry),
        "answered": None,
        "silent": False,
        "said": None,
    }


def require_not_received_among_others(case: Case, piece: Piece, actor: Actor, at: datetime) -> None:
    """Refuses, among several, a piece that is here already."""
    if piece.status is PieceStatus.RECEIVED:
        raise Refused("piece_received", "{id} was received already.", "Leave it out.", field="pieces", id=piece.id)


def require_asked_by_then(piece: Piece, at: datetime) -> None:
    """Refuses the answer to a request that still waits for one, if it is dated before the request."""
    if piece.status is PieceStatus.REQUESTED:
        not_before_asked(piece.requested, at, piece.id)


@decides(ReceivePiece, where_some(pieces_of, _not_received))
def receive_piece(case: Case, command: ReceivePiece, actor: Actor, at: datetime) -> list[Event]:
    piece = case.piece(command.piece)
    _not_received(case, piece, actor, at)
    require_asked_by_then(piece, at)
    return [PieceReceived(id=piece.id, description=command.description, sha256=command.sha256)]


@applies(PieceReceived)
def piece_received(case: Case, event: PieceReceived, entry: Entry) -> dict[str, Any]:
    return {
        "pieces": replace(
            case.pieces,
            event.id,
            status=PieceStatus.RECEIVED,
            sha256=event.sha256,
            said=event.description,
            due=None,
            answered=Occurrence.of(entry),
            silent=False,
        )
    }


def _was_asked_for(case: Case, piece: Piece, actor: Actor, at: datetime) -> None:
    if piece.status is not PieceStatus.REQUESTED and piece.requested is not None:
        raise Refused(
            "piece_answered",
            "{id} was asked for, and what came of it is recorded already: {status}.",
            "Ask for it again first (send_letter, request_piece), if another answer came.",
            field="piece",
            id=piece.id,
            status=piece.status,
        )
    if piece.status is not PieceStatus.REQUESTED:
        raise Refused(
            "piece_not_requested",
            "{id} was not asked for: nobody can have refused it.",
            "Ask for it first (request_piece), or explain why not (mark_unobtainable, waive_pieces).",
            field="piece",
            id=piece.id,
        )


@decides(RecordPieceRefusal, where_some(pieces_of, _was_asked_for))
def record_piece_refusal(case: Case, command: RecordPieceRefusal, actor: Actor, at: datetime) -> list[Event]:
    events: list[Event] = []
    for piece in _asked_by(case, command.piece) or (case.piece(command.piece),):
        _was_asked_for(case, piece, actor, at)
        require_asked_by_then(piece, at)
        _not_early(piece, command, at)
        events.append(PieceRefused(id=piece.id, silent=command.silent, explanation=command.explanation))
    return events


def _asked_by(case: Case, letter: str) -> tuple[Piece, ...]:
    """Pieces that a letter asked for and still awaits or, if all were answered, those; none if it is no letter."""
    asked = tuple(piece for piece in case.pieces if piece.letter == letter)
    return tuple(piece for piece in asked if piece.status is PieceStatus.REQUESTED) or asked


def _not_early(piece: Piece, command: RecordPieceRefusal, at: datetime) -> None:
    """Refuses to take for silence what may still be answered."""
    if command.silent and piece.due is not None and day_of(at) <= piece.due:
        raise Refused(
            "silence_early",
            "{id} may still come: the answer is due on {due}.",
            "Record a silence once that day has passed.",
            field="silent",
            id=piece.id,
            due=piece.due.isoformat(),
        )


@applies(PieceRefused)
def piece_refused(case: Case, event: PieceRefused, entry: Entry) -> dict[str, Any]:
    return {
        "pieces": replace(
            case.pieces,
            event.id,
            status=PieceStatus.REFUSED,
            said=event.explanation,
            due=None,
            answered=Occurrence.of(entry),
            silent=event.silent,
            was_refused=True,
        )
    }


@decides(MarkUnobtainable, where_some(pieces_of, require_not_received_among_others))
def mark_unobtainable(case: Case, command: MarkUnobtainable, actor: Actor, at: datetime) -> list[Event]:
    _given_up_alike(case, command.pieces, actor, at)
    return [PiecesUnobtainable(ids=command.pieces, reason=command.reason)]


def _needed_or_not(case: Case, piece: Piece, actor: Actor, at: datetime) -> None:
    """Refuses to waive what is here, and what no case can do without."""
    require_not_received_among_others(case, piece, actor, at)
    if piece.label is None and piece.id in THE_DECISION:
        raise Refused(
            "never_waived",
            "{id} is the decision complained of: time limits run from it, and no case does without it.",
            "Ask the person for it; if it cannot be had, say why (mark_unobtainable).",
            field="pieces",
            id=piece.id,
        )


@decides(WaivePieces, where_some(pieces_of, _needed_or_not))
def waive_pieces(case: Case, command: WaivePieces, actor: Actor, at: datetime) -> list[Event]:
    for id in command.pieces:
        _needed_or_not(case, case.piece(id, "pieces"), actor, at)
    _given_up_alike(case, command.pieces, actor, at)
    return [PiecesWaived(ids=command.pieces, reason=command.reason)]


def _given_up_alike(case: Case, ids: Sequence[str], actor: Actor, at: datetime) -> None:
    """Refuses one reason for pieces of several kinds: a witness is not missing for the reason that a file is."""
    pieces = [case.piece(id, "pieces") for id in ids]
    for piece in pieces:
        require_not_received_among_others(case, piece, actor, at)
    if len(kinds := by_kind(case, pieces)) > 1:
        raise Refused(
            "reason_for_each_kind",
            "These pieces are of several kinds: {kinds}.",
            "Give up each kind by itself, with a reason of its own.",
            field="pieces",
            kinds="; ".join(", ".join(piece.id for piece in alike) for alike in kinds),
        )


def by_kind(case: Case, pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces by their kind: by the lever with which they are usually asked for or, where none is, by who holds them."""
    kinds: dict[str, list[Piece]] = {}
    for piece in pieces:
        levers = levers_for(piece, case.complaint)
        kinds.setdefault(levers[0].code if levers else str(piece.held_by), []).append(piece)
    return list(kinds.values())


@applies(PiecesUnobtainable, PiecesWaived)
def pieces_given_up(case: Case, event: PiecesUnobtainable | PiecesWaived, entry: Entry) -> dict[str, Any]:
    status = PieceStatus.WAIVED if isinstance(event, PiecesWaived) else PieceStatus.UNOBTAINABLE
    changes = {"status": status, "said": event.reason, "due": None, "answered": Occurrence.of(entry), "silent": False}
    return {"pieces": tuple(p.model_copy(update=changes) if p.id in event.ids else p for p in case.pieces)}
