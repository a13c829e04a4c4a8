"""Attaching a file to a piece: read, checked and sealed first, then recorded by the case, then scanned.

There are two steps, as reading lasts as long as somebody's connection takes, and recording must not: `take_in` reads,
`attach_file` records.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from activities.care import scanner_of
from desk.histories import look_at
from desk.office import Office
from desk.scanning import case_with_files, scanning_of
from desk.submitting import submit_command
from desk.views.file import FileOfCase
from domain.actors import Actor
from domain.errors import Away, Invalid, Problem, Refused
from domain.lifecycle import decide
from domain.parts.files import AttachFile, EvidenceFile
from kit.errors import StackError
from models.evidence import TakenIn, checked_name
from models.journal import Access


@dataclass(frozen=True)
class Upload:
    """A file that was read and stored sealed, and that no case holds yet."""

    reference: str
    piece: str
    description: str | None
    taken: TakenIn


@dataclass(frozen=True)
class Attached:
    """A file that a case holds now."""

    file: FileOfCase
    not_scanned: Problem | StackError | None = None
    """The failure of its scan: the file is attached all the same, and given to nobody until it is scanned."""


def take_in(
    office: Office,
    actor: Actor,
    reference: str,
    piece: str,
    chunks: Iterable[bytes],
    *,
    filename: str,
    description: str | None = None,
) -> Upload:
    """Reads a file chunk by chunk, checks it and stores it sealed. The rules are asked before the first byte is read.

    Raises Refused when they say no, Invalid for a file of a kind or size that is not accepted; then nothing is kept.
    """
    filename = checked_name(filename)
    case = look_at(office, actor, reference, Access.FILES).whole
    # The rules look at a whole command, and nothing is read yet: digest, size and type are stand-ins.
    unread = TakenIn(filename, "0" * 32, "0" * 64, 1, "text/plain")
    decide(case, _command(office, Upload(reference, piece, description, unread)), actor, datetime.now(UTC))
    taken = office.evidence.take_in(reference, filename, chunks)
    return Upload(reference, piece, description, taken)


async def attach_file(office: Office, actor: Actor, upload: Upload, *, command_id: str) -> Attached:
    """Has the case record a file that was taken in, and scans it at once where there is a scanner.

    Raises Refused when the rules say no, and deletes the stored file then; Away when it is not known whether the
    command was recorded: sent again with the same command id, the file is attached once.
    """
    try:
        await submit_command(office, actor, upload.reference, _command(office, upload), command_id=command_id)
    except (Refused, Invalid):
        # Nothing was recorded. After any other failure the command may still be: `store sweep` cleans up if it is not.
        office.evidence.discard(upload.taken.stored)
        raise
    file = _recorded(office, upload, command_id)
    try:
        file = await _scanned(office, upload.reference, file)
    except (Problem, StackError) as error:
        return Attached(FileOfCase.of(file, reference=upload.reference), error)
    return Attached(FileOfCase.of(file, reference=upload.reference))


def _command(office: Office, upload: Upload) -> AttachFile:
    taken = upload.taken
    return AttachFile(
        piece=upload.piece,
        filename=taken.filename,
        description=upload.description,
        stored=taken.stored,
        sha256=taken.sha256,
        size=taken.size,
        media_type=taken.media_type,
        to_scan=scanner_of(office.settings) is not None,
    )


def _recorded(office: Office, upload: Upload, command_id: str) -> EvidenceFile:
    """The file as the case knows it: this one, or the earlier one if the same command was sent before.

    Deletes this one in the second case. Raises Away when the book cannot be read any more: that error says how to ask
    again without attaching the file twice.
    """
    try:
        case = case_with_files(office, upload.reference)
    except (Away, StackError):
        from workflows.cases import not_confirmed

        raise not_confirmed(command_id) from None
    for file in case.files:
        if file.stored == upload.taken.stored:
            return file
    office.evidence.discard(upload.taken.stored)
    return next(file for file in case.files if file.command_id == command_id)


async def _scanned(office: Office, reference: str, file: EvidenceFile) -> EvidenceFile:
    """Scans the file if there is a scanner, and gives it with the verdict that the case recorded."""
    scanner = scanner_of(office.settings)
    if scanner is None:
        return file
    await scanning_of(office, scanner).scan(reference, file.id)
    return case_with_files(office, reference).file(file.id)
