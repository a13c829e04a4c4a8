"""Evidence: each piece of the checklist is received, asked for and refused, or explained; three legs are assessed."""

from datetime import datetime
from typing import Any

from domain.case import Assessment, Case, Mark, Piece
from domain.commands import (
    AddPiece,
    Assess,
    MarkUnobtainable,
    ReceivePiece,
    RecordPieceRefusal,
    RequestPiece,
    StartEvidence,
    WaivePieces,
)
from domain.errors import Refused
from domain.events import (
    Actor,
    ChecklistDrawnUp,
    Entry,
    Event,
    PieceAdded,
    PieceReceived,
    PieceRefused,
    PieceRequested,
    PiecesUnobtainable,
    PiecesWaived,
    ProofAssessed,
    StepEntered,
)
from domain.rules.registry import applies, decides, next_id, not_before, replace
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
            perishes_on=command.perishes_on,
        )
    ]


@applies(PieceAdded)
def piece_added(case: Case, event: PieceAdded, entry: Entry) -> dict[str, Any]:
    piece = Piece(
        id=event.id,
        label=event.label,
        held_by=event.held_by,
        perishes_on=event.perishes_on,
        known_since=day_of(entry.recorded_at),
    )
    return {"pieces": (*case.pieces, piece)}


@decides(RequestPiece)
def request_piece(case: Case, command: RequestPiece, actor: Actor, at: datetime) -> list[Event]:
    # A refusal may be asked about again by another lever; a piece already here may not.
    piece = case.piece(command.piece)
    if piece.status is PieceStatus.RECEIVED:
        raise Refused("piece_received", "{id} was received already.", "Nothing to do.", field="piece", id=piece.id)
    if command.from_whom is Party.RESPONDENT and case.consent_for(ConsentScope.RESPONDENT) is None:
        raise Refused(
            "consent_missing_respondent",
            "The person has not agreed that the respondent be told of the complaint.",
            "Record the consent first: record_consent with scope RESPONDENT.",
            field="from_whom",
        )
    not_before(command.due, at, "due")
    return [PieceRequested(id=piece.id, from_whom=command.from_whom, lever=command.lever, due=command.due)]


@applies(PieceRequested)
def piece_requested(case: Case, event: PieceRequested, entry: Entry) -> dict[str, Any]:
    return {
        "pieces": replace(
            case.pieces,
            event.id,
            status=PieceStatus.REQUESTED,
            from_whom=event.from_whom,
            lever=event.lever,
            due=event.due,
            requested=Mark.of(entry),
        )
    }


@decides(ReceivePiece)
def receive_piece(case: Case, command: ReceivePiece, actor: Actor, at: datetime) -> list[Event]:
    piece = case.piece(command.piece)
    if piece.status is PieceStatus.RECEIVED:
        raise Refused("piece_received", "{id} was received already.", "Nothing to do.", field="piece", id=piece.id)
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
        )
    }


@decides(RecordPieceRefusal)
def record_piece_refusal(case: Case, command: RecordPieceRefusal, actor: Actor, at: datetime) -> list[Event]:
    piece = case.piece(command.piece)
    if piece.status is not PieceStatus.REQUESTED:
        raise Refused(
            "piece_not_requested",
            "{id} was not asked for: nobody can have refused it.",
            "Ask for it first (request_piece), or explain why not (mark_unobtainable, waive_pieces).",
            field="piece",
            id=piece.id,
        )
    return [PieceRefused(id=piece.id, silent=command.silent, explanation=command.explanation)]


@applies(PieceRefused)
def piece_refused(case: Case, event: PieceRefused, entry: Entry) -> dict[str, Any]:
    return {"pieces": replace(case.pieces, event.id, status=PieceStatus.REFUSED, said=event.explanation, due=None)}


def _given_up(case: Case, ids: tuple[str, ...]) -> None:
    for id in ids:
        if case.piece(id, "pieces").status is PieceStatus.RECEIVED:
            raise Refused("piece_received", "{id} was received already.", "Leave it out.", field="pieces", id=id)


@decides(MarkUnobtainable)
def mark_unobtainable(case: Case, command: MarkUnobtainable, actor: Actor, at: datetime) -> list[Event]:
    _given_up(case, command.pieces)
    return [PiecesUnobtainable(ids=command.pieces, reason=command.reason)]


@decides(WaivePieces)
def waive_pieces(case: Case, command: WaivePieces, actor: Actor, at: datetime) -> list[Event]:
    _given_up(case, command.pieces)
    return [PiecesWaived(ids=command.pieces, reason=command.reason)]


@applies(PiecesUnobtainable, PiecesWaived)
def pieces_given_up(case: Case, event: PiecesUnobtainable | PiecesWaived, entry: Entry) -> dict[str, Any]:
    status = PieceStatus.WAIVED if isinstance(event, PiecesWaived) else PieceStatus.UNOBTAINABLE
    changes = {"status": status, "said": event.reason, "due": None}
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
