"""Attaching a file to a piece: read, checked and sealed first, then recorded by the case, then scanned.

There are two steps, as reading lasts as long as somebody's connection takes, and recording must not: `take_in` reads,
`attach_file` records.
"""

import asyncio
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from activities.care import scanner_of
from desk.histories import look_at
from desk.office import Office
from desk.scanning import case_with_files, scanning_of
from desk.submitting import submit_command
from desk.views.file import FileAttachedView, SameFile
from domain.actors import Actor
from domain.case import Case
from domain.errors import Away, Invalid, Problem, Refused
from domain.exchange.cases import id_taken
from domain.lifecycle import decide
from domain.parts.files import AttachFile, EvidenceFile, same_file
from domain.vocabulary import ScanState
from kit.errors import StackError
from kit.process.streams import in_a_thread
from models.evidence import TakenIn, checked_name
from models.intakes import forget_intake, note_intake
from models.journal import Access


@dataclass(frozen=True)
class Upload:
    """A file that was read and stored sealed, and that no case holds yet."""

    reference: str
    piece: str
    description: str | None
    taken: TakenIn
    intake: str
    """The id of its record, by which it is attached."""


@dataclass(frozen=True)
class Attached:
    """A file that a case holds now."""

    file: FileAttachedView
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
    look = look_at(office, actor, reference, Access.FILES)
    decide(look.whole, AttachFile(piece=piece, description=description), look.actor, datetime.now(UTC))
    taken = office.evidence.take_in(reference, filename, chunks)
    return Upload(reference, piece, description, taken, _noted(office, actor, reference, taken))


async def take_in_stream(
    office: Office,
    actor: Actor,
    reference: str,
    piece: str,
    chunks: AsyncIterable[bytes],
    *,
    filename: str,
    description: str | None = None,
) -> Upload:
    """Takes in a file as `take_in` does, from a stream: no more of it is held than a chunk.

    When the stream raises, or whoever awaits this is cancelled, nothing is kept.
    """
    read = partial(take_in, office, actor, reference, piece, filename=filename, description=description)
    return await in_a_thread(read, chunks)


def _noted(office: Office, actor: Actor, reference: str, taken: TakenIn) -> str:
    """Writes down what was stored; gives the id of the record.

    Raises Refused, and keeps nothing, for bytes in which malware was found before. Bytes whose record could not be
    written are left to the sweep of the store.
    """
    to_scan, now = scanner_of(office.settings) is not None, datetime.now(UTC)
    try:
        with office.writing() as tx:
            return note_intake(tx, office.keys, reference, taken, to_scan=to_scan, by=actor.account, at=now)
    except Refused:
        office.evidence.discard(taken.stored)
        raise


async def attach_file(office: Office, actor: Actor, upload: Upload, *, command_id: str) -> Attached:
    """Has the case record a file that was taken in, and scans it at once where there is a scanner.

    Raises Refused when the rules say no, and deletes the stored file then; Away when it is not known whether the
    command was recorded: sent again with the same command id, the file is attached once.
    """
    command = AttachFile(piece=upload.piece, description=upload.description, intake=upload.intake)
    try:
        await submit_command(office, actor, upload.reference, command, command_id=command_id)
    except (Refused, Invalid):
        # Nothing was recorded. After any other failure the command may still be: `store sweep` cleans up if it is not.
        _let_go(office, upload)
        raise
    case = _recorded(office, upload, command_id)
    file = next(file for file in case.files if file.command_id == command_id)
    if file.stored != upload.taken.stored:  # the command was sent before
        _let_go(office, upload)
        if file.sha256 != upload.taken.sha256:
            raise id_taken()
    twin = same_file(case, file)
    try:
        file = await _looked_at(office, upload.reference, file)
    except (Problem, StackError) as error:
        return Attached(_view(upload, file, twin), error)
    return Attached(_view(upload, file, twin))


def _view(upload: Upload, file: EvidenceFile, twin: EvidenceFile | None) -> FileAttachedView:
    same = twin and SameFile(id=twin.id, piece=twin.piece)
    return FileAttachedView.of(file, reference=upload.reference, same_as=same)


def _let_go(office: Office, upload: Upload) -> None:
    """Deletes a file that came to nothing, unless a case has it: its record first, so that no record lacks bytes."""
    with office.writing() as tx:
        is_unused = forget_intake(tx, upload.intake)
    if is_unused:
        office.evidence.discard(upload.taken.stored)


def _recorded(office: Office, upload: Upload, command_id: str) -> Case:
    """The case that has recorded the file.

    Raises Away when the book cannot be read any more: that error says how to ask again without attaching the file
    twice.
    """
    try:
        return case_with_files(office, upload.reference)
    except (Away, StackError):
        from workflows.cases import not_confirmed

        raise not_confirmed(command_id) from None


async def _looked_at(office: Office, reference: str, file: EvidenceFile) -> EvidenceFile:
    """Scans the file if there is a scanner, and has its copy made; gives it with the verdict that the case recorded."""
    scanning = scanning_of(office, scanner_of(office.settings))
    if file.scan is not ScanState.PENDING:
        await asyncio.to_thread(scanning.make_copy, reference, file.id)
        return file
    if scanner_of(office.settings) is None:
        return file
    await scanning.scan(reference, file.id)
    return case_with_files(office, reference).file(file.id)
