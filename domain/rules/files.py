"""Files: attached to a piece, scanned, taken out when they should not be there.

Their bytes never come here: a case knows a file by its digest, its size, and the name it is kept under.
"""

from datetime import datetime
from typing import Any

from domain.case import Case, EvidenceFile, Mark
from domain.commands import AttachFile, RecordScan, RemoveFile
from domain.errors import Refused
from domain.events import Actor, Entry, Event, FileAttached, FileRemoved, FileScanned, PieceReceived
from domain.rules.registry import applies, decides, next_id, replace, where_some
from domain.values import day_of
from domain.vocabulary import PieceStatus, ScanState


@decides(AttachFile)
def attach_file(case: Case, command: AttachFile, actor: Actor, at: datetime) -> list[Event]:
    piece = case.piece(command.piece)
    attached = FileAttached(
        id=next_id("D", case.files),
        piece=piece.id,
        filename=command.filename,
        stored=command.stored,
        sha256=command.sha256,
        size=command.size,
        media_type=command.media_type,
        scan=ScanState.PENDING if command.to_scan else ScanState.NOT_SCANNED,
    )
    if piece.status is PieceStatus.RECEIVED:
        return [attached]
    if command.description is None:
        raise Refused(
            "description_missing",
            "{id} was not received yet: this file is what is received, and nothing says what it shows.",
            "Say it in a few words: --description.",
            field="description",
            id=piece.id,
        )
    return [PieceReceived(id=piece.id, description=command.description, sha256=command.sha256), attached]


@applies(FileAttached)
def file_attached(case: Case, event: FileAttached, entry: Entry) -> dict[str, Any]:
    file = EvidenceFile(
        id=event.id,
        piece=event.piece,
        filename=event.filename,
        stored=event.stored,
        sha256=event.sha256,
        size=event.size,
        media_type=event.media_type,
        attached=Mark.of(entry),
        attached_by=entry.actor.account,
        command_id=entry.command_id,
        scan=event.scan,
    )
    return {"files": (*case.files, file)}


def held(case: Case, id: str) -> EvidenceFile:
    """The file of that name, if it was not removed."""
    file = case.file(id)
    if not file.is_held:
        raise Refused(
            "file_removed",
            "{id} was removed on {day}: its content is no longer kept.",
            "The history of the case says why.",
            field="file",
            id=file.id,
            day=day_of(file.removed_at).isoformat() if file.removed_at else "?",
        )
    return file


def _files(case: Case) -> tuple[EvidenceFile, ...]:
    return case.files


def _is_held(case: Case, file: EvidenceFile, actor: Actor, at: datetime) -> None:
    held(case, file.id)


@decides(RemoveFile, where_some(_files, _is_held))
def remove_file(case: Case, command: RemoveFile, actor: Actor, at: datetime) -> list[Event]:
    return [FileRemoved(id=held(case, command.file).id, reason=command.reason)]


@applies(FileRemoved)
def file_removed(case: Case, event: FileRemoved, entry: Entry) -> dict[str, Any]:
    return {"files": replace(case.files, event.id, removed_at=entry.recorded_at)}


@decides(RecordScan, where_some(_files, _is_held))
def record_scan(case: Case, command: RecordScan, actor: Actor, at: datetime) -> list[Event]:
    # What was found once is never taken back: with other signatures, the same malware may go unseen.
    file = held(case, command.file)
    if file.scan is ScanState.INFECTED or (file.scan, file.finding) == (command.result, command.finding):
        return []
    return [FileScanned(id=file.id, result=command.result, scanner=command.scanner, finding=command.finding)]


@applies(FileScanned)
def file_scanned(case: Case, event: FileScanned, entry: Entry) -> dict[str, Any]:
    return {
        "files": replace(case.files, event.id, scan=event.result, scanned_at=entry.recorded_at, finding=event.finding)
    }
