"""Files: attached to a piece, scanned, taken out when they should not be there.

Their bytes never come here: a case knows a file by its digest, its size, and the name it is kept under.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Action, Problem, Refused
from domain.parts.base import NOT_ERASED, Chapter, Command, Event, Occurrence, Part, PartLine
from domain.parts.piece import PieceReceived, require_asked_by_then
from domain.parts.registry import applies, decides, next_id, replace, where_some
from domain.telling import UNSAID, Says, phrase
from domain.values import Digest, FileName, Line, MediaType, PartId, StoredName, Text, Written, day_of
from domain.vocabulary import FileRemark, PieceStatus, ScanState

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


def _is_absent(value: object) -> bool:
    return value is None


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
    remark: Annotated[FileRemark | None, Field(exclude_if=_is_absent)] = None

    def line(self) -> PartLine:
        state = self.scan if self.is_held else phrase("removed")
        return PartLine(self.id, self.noun, (self.piece, self.filename, self.remark), state)

    @property
    def is_held(self) -> bool:
        """Its bytes are to be in the store."""
        return self.removed_at is None


_FILLED_IN = Field(exclude_if=_is_absent)


class AttachFile(Command):
    """Attach a file to a piece; a piece that was not received is received by it.

    The bytes were taken in by then, and are named by the id of their intake. What they are (name, digest, size, type,
    scan) is said by nobody: the book fills it in from the record of the intake.
    """

    volatile_fields = frozenset({"stored", "intake"})
    action = Action.ATTACH_FILE
    kind: Literal["attach_file"] = "attach_file"
    piece: PartId
    filename: Annotated[FileName | None, _FILLED_IN] = None
    """Filled in by the book, as the six below: a command that comes with any of them is refused."""
    description: Text | None = None
    """Description of the piece; needed when it was not received yet."""
    stored: Annotated[StoredName | None, _FILLED_IN] = None
    sha256: Annotated[Digest | None, _FILLED_IN] = None
    size: Annotated[Annotated[int, Field(gt=0, le=1 << 40)] | None, _FILLED_IN] = None
    """In bytes, as it was given."""
    media_type: Annotated[MediaType | None, _FILLED_IN] = None
    to_scan: Annotated[bool | None, _FILLED_IN] = None
    """A scan for malware follows: until then nobody is given the file."""
    remark: Annotated[FileRemark | None, _FILLED_IN] = None
    intake: Annotated[StoredName | None, _FILLED_IN] = None
    """The id of the intake, as taking in gave it."""


FACTS = frozenset({"filename", "stored", "sha256", "size", "media_type", "to_scan", "remark"})
"""Fields of the command that only the book fills in."""


class RemoveFile(Command):
    """Take out a file that was attached by mistake, or that shows what this case may not hold. Its bytes go."""

    steps = NOT_ERASED
    irreversible = True
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


class FileRemarked(Event):
    """What our look at a file found when it was taken in."""

    tag: Literal["file_remarked.1"] = "file_remarked.1"
    id: PartId
    remark: FileRemark


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


def quarantined(file: EvidenceFile) -> Refused:
    """The refusal of a file in which malware was found, in this case or in another that has the same bytes."""
    return Refused(
        "file_quarantined",
        "Malware was found in {id}: it is in quarantine and given to nobody.",
        "Ask whoever gave it for the same document in another form (printed, or as a picture).",
        field="file",
        id=file.id,
    )


def remarked(id: str, remark: FileRemark | None) -> Problem | None:
    """What is to be known of a file before anybody opens it, with what follows and the remedy; None for nothing."""
    match remark:
        case FileRemark.LOCKED:
            return Problem(
                "file_locked",
                "{id} is closed with a password: it can be neither scanned nor looked into, no copy without scripts "
                "can be made, and whoever it is passed on to cannot open it.",
                "Ask for it without its password, or printed as PDF again, attach that one, and remove {id}.",
                field="file",
                id=id,
            )
        case FileRemark.HOLDS_FILES:
            return Problem(
                "file_holds_files",
                "Other files stand in {id}: the copy that is given to be read is without them, and nobody has "
                "looked at them.",
                "Take them out of it, and attach those that matter one by one.",
                field="file",
                id=id,
            )
        case FileRemark.UNREAD:
            return Problem(
                "file_unread",
                "{id} could not be looked into: it is damaged, or takes too much. No copy without scripts can be made.",
                "Check that it opens; print it as PDF again, and attach that one.",
                field="file",
                id=id,
            )
    return None


def _is_malware_in(other: EvidenceFile, file: EvidenceFile) -> bool:
    return other.scan is ScanState.INFECTED and (other.sha256 == file.sha256 or other.stored == file.stored)


def servable(case: Case, id: str) -> EvidenceFile:
    """A file whose bytes may be given to somebody. Refused while a scan is to come, and for ever once one found
    malware."""
    file = held(case, id)
    if any(_is_malware_in(other, file) for other in case.files):
        raise quarantined(file)
    for other in case.files:
        # In books of before, two files may stand on the same bytes.
        if other.stored == file.stored and not other.is_held:
            raise _removed(other)
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


def same_file(case: Case, file: EvidenceFile) -> EvidenceFile | None:
    """The first other file of the case that has the same content, if there is one."""
    return next((o for o in case.files if o.is_held and o.id != file.id and o.sha256 == file.sha256), None)


@decides(AttachFile)
def attach_file(case: Case, command: AttachFile, actor: Actor, at: datetime) -> list[Event]:
    piece = case.piece(command.piece)
    received: list[Event] = []
    if piece.status is not PieceStatus.RECEIVED:
        if command.description is None:
            raise Refused(
                "description_missing",
                "{id} was not received yet: this file is what is received, and nothing says what it shows.",
                "Say it in a few words.",
                field="description",
                action=Action.DESCRIBE_FILE,
                id=piece.id,
            )
        require_asked_by_then(piece, at)
        received = [PieceReceived(id=piece.id, description=command.description, sha256=command.sha256)]
    facts = command.model_dump(include=set(FACTS))
    if not facts:
        return []  # the rules alone were asked: the book fills in what the file is
    scan = ScanState.PENDING if facts.pop("to_scan") else ScanState.NOT_SCANNED
    id, remark = next_id("D", case.files), facts.pop("remark", None)
    remarked = [FileRemarked(id=id, remark=remark)] if remark is not None else []
    return [*received, FileAttached(id=id, piece=piece.id, scan=scan, **facts), *remarked]


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


@applies(FileRemarked)
def file_remarked(case: Case, event: FileRemarked, entry: Entry) -> dict[str, Any]:
    return {"files": replace(case.files, event.id, remark=event.remark)}


def held(case: Case, id: str) -> EvidenceFile:
    """The file of that name, if it was not removed."""
    file = case.file(id)
    if not file.is_held:
        raise _removed(file)
    return file


def _removed(file: EvidenceFile) -> Refused:
    return Refused(
        "file_removed",
        "{id} was removed on {day}: its content is no longer kept.",
        "The history of the case says why.",
        field="file",
        id=file.id,
        day=day_of(file.removed_at).isoformat() if file.removed_at else "?",
    )


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
