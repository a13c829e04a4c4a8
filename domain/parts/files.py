"""Files: attached to a piece, scanned, taken out when they should not be there.

Their bytes never come here: a case knows a file by its digest, its size, and the name it is kept under.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Action, Refused
from domain.parts.base import NOT_ERASED, Chapter, Command, Event, Occurrence, Part, PartLine
from domain.parts.piece import PieceReceived
from domain.parts.registry import applies, decides, next_id, replace, where_some
from domain.telling import UNSAID, Says, phrase
from domain.values import Digest, FileName, Line, MediaType, PartId, StoredName, Text, Written, day_of
from domain.vocabulary import PieceStatus, ScanState

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class EvidenceFile(Part):
    """A file that was attached to a piece. Its bytes are in the store; a case only knows them again."""

    noun = "File"
    chapter = Chapter.PROOF

    id: str
    piece: str
    filename: Written
    """The name it was given with: it is shown, and written nowhere else."""
    stored: str
    sha256: str
    size: int
    media_type: str
    attached: Occurrence
    attached_by: str
    command_id: str
    """The id of the command that attached it."""
    scan: ScanState
    scanned_at: datetime | None = None
    finding: Written | None = None
    removed_at: datetime | None = None

    def line(self) -> PartLine:
        return PartLine(
            self.id, self.noun, (self.piece, self.filename), self.scan if self.is_held else phrase("removed")
        )

    @property
    def is_held(self) -> bool:
        """Its bytes are to be in the store."""
        return self.removed_at is None


class AttachFile(Command):
    """Attach a file to a piece; a piece that was not received is received by it.

    The bytes are in the store by then, sealed, under `stored`: what is asked here only says so.
    """

    volatile_fields = frozenset({"stored"})
    action = Action.ATTACH_FILE
    kind: Literal["attach_file"] = "attach_file"
    piece: PartId
    filename: FileName
    description: Text | None = None
    """Description of the piece; needed when it was not received yet."""
    stored: StoredName
    sha256: Digest
    size: Annotated[int, Field(gt=0, le=1 << 40)]
    """In bytes, as it was given."""
    media_type: MediaType
    to_scan: bool
    """A scan for malware follows: until then nobody is given the file."""


class RemoveFile(Command):
    """Take out a file that was attached by mistake, or that shows what this case may not hold. Its bytes go."""

    steps = NOT_ERASED
    kind: Literal["remove_file"] = "remove_file"
    file: PartId
    reason: Text


Scanned = Literal[ScanState.CLEAN, ScanState.INFECTED, ScanState.NOT_SCANNED]
"""The results of a scan."""


class RecordScan(Command):
    """Note what a scan of a file for malware found. Only the system asks this."""

    steps = NOT_ERASED
    kind: Literal["record_scan"] = "record_scan"
    file: PartId
    result: Scanned
    scanner: Line | None = None
    """The scanner, with the version of its signatures."""
    finding: Line | None = None
    """The name of the malware, or why there was no scan."""


class FileAttached(Event):
    progress = True
    tag: Literal["file_attached.1"] = "file_attached.1"
    id: PartId
    piece: PartId
    filename: Written
    stored: Annotated[str, UNSAID]
    sha256: Annotated[str, Says("digest {value}")]
    size: Annotated[int, Says("{value} B")]
    media_type: str
    scan: ScanState


class FileRemoved(Event):
    tag: Literal["file_removed.1"] = "file_removed.1"
    id: PartId
    reason: Written


class FileScanned(Event):
    tag: Literal["file_scanned.1"] = "file_scanned.1"
    id: PartId
    result: ScanState
    scanner: str | None = None
    finding: Written | None = None


def servable(case: Case, id: str) -> EvidenceFile:
    """A file whose bytes may be given to somebody. Refused while a scan is to come, and for ever once one found
    malware."""
    file = held(case, id)
    if file.scan is ScanState.INFECTED:
        raise Refused(
            "file_quarantined",
            "Malware was found in {id}: it is in quarantine and given to nobody.",
            "Ask whoever gave it for the same document in another form (printed, or as a picture).",
            field="file",
            id=file.id,
        )
    if file.scan is ScanState.PENDING:
        raise Refused(
            "file_to_be_scanned",
            "{id} was not scanned for malware yet.",
            "Try again in a moment; if it lasts, whoever runs the service can have it scanned.",
            field="file",
            action=Action.SCAN_STORE,
            id=file.id,
        )
    return file


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
            "Say it in a few words.",
            field="description",
            action=Action.DESCRIBE_FILE,
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
        attached=Occurrence.of(entry),
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
