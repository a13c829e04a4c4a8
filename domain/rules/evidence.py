"""Evidence: each piece of the checklist is received, asked for and refused, or explained; three legs are assessed."""

from datetime import datetime
from typing import Any

from domain.case import Assessment, Case, Letter, Mark, Piece
from domain.commands import (
    AddPiece,
    Assess,
    MarkUnobtainable,
    ReceivePiece,
    RecordPieceRefusal,
    RequestPiece,
    SendLetter,
    StartEvidence,
    WaivePieces,
)
from domain.errors import Refused
from domain.events import (
    Actor,
    ChecklistDrawnUp,
    Entry,
    Event,
    LetterSent,
    PieceAdded,
    PieceReceived,
    PieceRefused,
    PieceRequested,
    PiecesUnobtainable,
    PiecesWaived,
    ProofAssessed,
    StepEntered,
)
from domain.proof import answer_due, asked_of
from domain.reference import levers
from domain.rules.registry import applies, decides, next_id, not_before, replace, where_some
from domain.values import day_of
from domain.vocabulary import ConsentScope, Party, PieceStatus, Step


@decides(StartEvidence)
def start_evidence(case: Case, command: StartEvidence, actor: Actor, at: datetime) -> list[Event]:
    return [StepEntered(step=Step.EVIDENCE)]


@applies(StepEntered)
def step_entered(case: Case, event: StepEntered, entry: Entry) -> dict[str, Any]:
    return {"step": event.step}


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


def _pieces(case: Case) -> tuple[Piece, ...]:
    return case.pieces


def _not_received(case: Case, piece: Piece, actor: Actor, at: datetime) -> None:
    # A refusal may be asked about again by another lever; a piece already here may not.
    if piece.status is PieceStatus.RECEIVED:
        raise Refused("piece_received", "{id} was received already.", "Nothing to do.", field="piece", id=piece.id)


@decides(RequestPiece, where_some(_pieces, _not_received))
def request_piece(case: Case, command: RequestPiece, actor: Actor, at: datetime) -> list[Event]:
    piece = case.piece(command.piece)
    _not_received(case, piece, actor, at)
    _may_be_asked(case, command.from_whom)
    not_before(command.due, at, "due")
    return [PieceRequested(id=piece.id, from_whom=command.from_whom, lever=command.lever, due=command.due)]


def _may_be_asked(case: Case, whom: Party) -> None:
    if whom is Party.RESPONDENT and case.consent_for(ConsentScope.RESPONDENT) is None:
        raise Refused(
            "consent_missing_respondent",
            "The person has not agreed that the respondent be told of the complaint.",
            "Record the consent first: record_consent with scope RESPONDENT.",
            field="from_whom",
        )


@applies(PieceRequested)
def piece_requested(case: Case, event: PieceRequested, entry: Entry) -> dict[str, Any]:
    return {"pieces": replace(case.pieces, event.id, **_requested(event, entry))}


def _requested(event: PieceRequested | LetterSent, entry: Entry) -> dict[str, Any]:
    return {
        "status": PieceStatus.REQUESTED,
        "from_whom": event.from_whom,
        "lever": event.lever,
        "letter": event.id if isinstance(event, LetterSent) else None,
        "due": event.due,
        "requested": Mark.of(entry),
        "answered": None,
        "silent": False,
        "said": None,
    }


def _not_received_among_others(case: Case, piece: Piece, actor: Actor, at: datetime) -> None:
    """Refuses, among several, a piece that is here already."""
    if piece.status is PieceStatus.RECEIVED:
        raise Refused("piece_received", "{id} was received already.", "Leave it out.", field="pieces", id=piece.id)


@decides(SendLetter, where_some(_pieces, _not_received_among_others))
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
        _not_received_among_others(case, case.piece(id, "pieces"), actor, at)
    whom = command.from_whom or asked_of(lever, case.complaint)
    _may_be_asked(case, whom)
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
    said = event.model_dump(exclude={"tag"})
    asked = _requested(event, entry)
    return {
        "letters": (*case.letters, Letter(**said, sent=Mark.of(entry))),
        "pieces": tuple(p.model_copy(update=asked) if p.id in event.pieces else p for p in case.pieces),
    }


@decides(ReceivePiece, where_some(_pieces, _not_received))
def receive_piece(case: Case, command: ReceivePiece, actor: Actor, at: datetime) -> list[Event]:
    piece = case.piece(command.piece)
    _not_received(case, piece, actor, at)
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
            answered=Mark.of(entry),
            silent=False,
        )
    }


def _was_asked_for(case: Case, piece: Piece, actor: Actor, at: datetime) -> None:
    if piece.status is not PieceStatus.REQUESTED:
        raise Refused(
            "piece_not_requested",
            "{id} was not asked for: nobody can have refused it.",
            "Ask for it first (request_piece), or explain why not (mark_unobtainable, waive_pieces).",
            field="piece",
            id=piece.id,
        )


@decides(RecordPieceRefusal, where_some(_pieces, _was_asked_for))
def record_piece_refusal(case: Case, command: RecordPieceRefusal, actor: Actor, at: datetime) -> list[Event]:
    events: list[Event] = []
    for piece in _asked_by(case, command.piece) or (case.piece(command.piece),):
        _was_asked_for(case, piece, actor, at)
        _not_early(piece, command, at)
        events.append(PieceRefused(id=piece.id, silent=command.silent, explanation=command.explanation))
    return events


def _asked_by(case: Case, letter: str) -> tuple[Piece, ...]:
    """What a letter asked for and still awaits; nothing when there is no such letter, or all of it was answered."""
    return tuple(piece for piece in case.pieces if piece.letter == letter and piece.status is PieceStatus.REQUESTED)


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
            answered=Mark.of(entry),
            silent=event.silent,
            was_refused=True,
        )
    }


@decides(MarkUnobtainable, where_some(_pieces, _not_received_among_others))
def mark_unobtainable(case: Case, command: MarkUnobtainable, actor: Actor, at: datetime) -> list[Event]:
    for id in command.pieces:
        _not_received_among_others(case, case.piece(id, "pieces"), actor, at)
    return [PiecesUnobtainable(ids=command.pieces, reason=command.reason)]


@decides(WaivePieces, where_some(_pieces, _not_received_among_others))
def waive_pieces(case: Case, command: WaivePieces, actor: Actor, at: datetime) -> list[Event]:
    for id in command.pieces:
        _not_received_among_others(case, case.piece(id, "pieces"), actor, at)
    return [PiecesWaived(ids=command.pieces, reason=command.reason)]


@applies(PiecesUnobtainable, PiecesWaived)
def pieces_given_up(case: Case, event: PiecesUnobtainable | PiecesWaived, entry: Entry) -> dict[str, Any]:
    status = PieceStatus.WAIVED if isinstance(event, PiecesWaived) else PieceStatus.UNOBTAINABLE
    changes = {"status": status, "said": event.reason, "due": None, "answered": Mark.of(entry), "silent": False}
    return {"pieces": tuple(p.model_copy(update=changes) if p.id in event.ids else p for p in case.pieces)}


@decides(Assess)
def assess(case: Case, command: Assess, actor: Actor, at: datetime) -> list[Event]:
    return [
        ProofAssessed(
            treatment=command.treatment, ground=command.ground, link=command.link, reasoning=command.reasoning
        )
    ]


@applies(ProofAssessed)
def proof_assessed(case: Case, event: ProofAssessed, entry: Entry) -> dict[str, Any]:
    return {
        "assessment": Assessment(
            treatment=event.treatment, ground=event.ground, link=event.link, reasoning=event.reasoning
        )
    }
