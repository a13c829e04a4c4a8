"""Evidence files: attaching one, being given one."""

import os
import sys
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from pydantic import TypeAdapter
from rich.text import Text

from activities.care import Scanning, scanner_of
from cli import read
from cli.asking import asked, stopped_waiting
from cli.commands.file_list import file_json
from cli.history import ReferenceArgument, history_of
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, path
from cli.out import ForceOption, written
from cli.say import Usage, _, answering, as_json, complaints, console, describe, label, plain, wait_for
from cli.stack.place import find
from desk.office import Office, engine_client
from domain.actors import Actor
from domain.case import Case
from domain.errors import Away, Invalid, Problem, Refused
from domain.lifecycle import decide, fold
from domain.parts.base import Command
from domain.parts.files import AttachFile, EvidenceFile, servable
from domain.permissions import EXPORT_FILE, READ_FILE, require_file
from domain.values import Text as LongText
from domain.vocabulary import ScanState
from kit.crypto.sealed_stream import PIECE
from kit.errors import StackError
from kit.formats.clamd import Clamd
from kit.formats.pdf import NotCleaned, clean
from kit.refusals import reason
from models.custody import note_given
from models.evidence import TakenIn, checked_name, too_large
from models.reading import case_in_care

_REASON: TypeAdapter[str] = TypeAdapter(LongText)


# --- Attaching -------------------------------------------------------------------------------------------


def attach(
    ref: ReferenceArgument,
    piece: Annotated[str, typer.Argument(metavar="PIECE", help=_("The piece it belongs to, as show names it."))],
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=_("The file, or - for standard input."))],
    name: Annotated[str | None, typer.Option(help=_("What to call it; without it, the file's own name."))] = None,
    description: Annotated[
        str | None, typer.Option(help=_("What was received; needed when the piece was not received yet."))
    ] = None,
    id: Annotated[
        str | None, typer.Option("--id", help=_("Makes the command unique: sent twice, it counts once."))
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        command_id = read.command_id(id) or str(uuid.uuid4())
        filename = checked_name(_named(file, name))
        office = find(data)
        actor, reference, entries = history_of(office, account, ref, "files")
        case = fold(reference, entries)
        scanner = scanner_of(office.settings)
        nothing = TakenIn(filename, "0" * 32, "0" * 64, 1, "text/plain")
        # The rules are asked before anything is read: what they refuse is not worth an upload.
        decide(case, _attaching(piece, description, nothing, scanner), actor, datetime.now(UTC))
        wait_for(engine_client(office))  # is it there at all?
        with _opened(file, office.evidence.limit) as source:
            taken = office.evidence.take_in(reference, filename, _pieces(source, file))
        trouble: Problem | StackError | None = None
        with stopped_waiting(command_id, machine):
            _submit(office, account, reference, _attaching(piece, description, taken, scanner), command_id)
            attached = _found(office, reference, taken, command_id)
            if scanner is not None:
                try:
                    wait_for(scanning_of(office, scanner).scan(reference, attached.id))
                    attached = in_care(office, reference).file(attached.id)
                except (Problem, StackError) as error:
                    # It is attached all the same, and given to nobody until it was scanned.
                    trouble = error
        if machine:
            as_json(file_json(attached) | {"reference": reference})
        else:
            said = Text.assemble((reference, "bold"), "  ", (attached.id, "bold"), "  ", attached.filename, "  ")
            console.print(said.append(label(attached.scan, ScanState), "green"))
            if trouble is not None:
                complaints.print(Text(describe(trouble)["message"], "yellow"))


def _attaching(piece: str, description: str | None, taken: TakenIn, scanner: Clamd | None) -> AttachFile:
    return AttachFile(
        piece=piece,
        filename=taken.filename,
        description=description,
        stored=taken.stored,
        sha256=taken.sha256,
        size=taken.size,
        media_type=taken.media_type,
        to_scan=scanner is not None,
    )


def _submit(office: Office, account: str, reference: str, command: AttachFile, command_id: str) -> None:
    try:
        asked(office, account, lambda desk, actor: desk.submit(reference, command, actor, command_id=command_id))
    except (Refused, Invalid):
        # Nothing was recorded. After any other failure something may be, later: `store sweep` looks then.
        office.evidence.discard(command.stored)
        raise


def _found(office: Office, reference: str, taken: TakenIn, command_id: str) -> EvidenceFile:
    """The file as the case knows it: this one, or when the same command was sent before, the one of that time.

    Where the book cannot be read any more, whoever asks is told how to ask again without attaching it twice.
    """
    try:
        case = in_care(office, reference)
    except (Away, StackError):
        from workflows.cases import not_confirmed

        raise not_confirmed(command_id) from None
    for file in case.files:
        if file.stored == taken.stored:
            return file
    office.evidence.discard(taken.stored)
    return next(file for file in case.files if file.command_id == command_id)


def in_care(office: Office, reference: str) -> Case:
    """A case for what looks after its files."""
    with office.reading() as tx:
        return case_in_care(tx, office.keys, reference)


def _named(file: str, name: str | None) -> str:
    if not file:
        raise read.no_file()
    if name is None and file == "-":
        raise Usage(
            "no_name",
            "What comes on standard input has no name.",
            "Give it one with --name: its ending says what it is.",
            field="name",
        )
    return Path(file).name if name is None else name


@contextmanager
def _opened(file: str, limit: int) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            source = stack.enter_context(Path(file).open("rb", buffering=0))
            size = os.fstat(source.fileno()).st_size
        except (OSError, ValueError) as error:
            raise _unreadable(file, error) from None
        if size > limit:
            raise too_large(limit)
        yield source


def _pieces(source: BinaryIO, file: str) -> Iterator[bytes]:
    while True:
        try:
            piece = source.read(PIECE)
        except OSError as error:
            raise _unreadable(file, error) from None
        if not piece:
            return
        yield piece


def _unreadable(file: str, error: Exception) -> Usage:
    return Usage(
        "unreadable",
        "{file} cannot be read: {reason}.",
        "Check its path and its permissions.",
        field="file",
        file=Path(file).name,
        reason=reason(error),
    )


# --- Scanning --------------------------------------------------------------------------------------------


def scanning_of(office: Office, scanner: Clamd) -> Scanning:
    """How files are scanned from here: each verdict is noted by its case."""

    async def submit(reference: str, command: Command, actor: Actor, *, command_id: str) -> None:
        async with office.cases() as desk:
            await desk.submit(reference, command, actor, command_id=command_id)

    return Scanning(scanner, office.evidence, office.keys, office.reading, submit)


# --- Being given one -------------------------------------------------------------------------------------


def fetch(
    ref: ReferenceArgument,
    file: Annotated[str, typer.Argument(metavar="FILE", help=_("The file, as files names it: D1."))],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", parser=path, help=_("Where to write it: a new file."))],
    force: ForceOption = False,
    original: Annotated[
        bool, typer.Option("--original", help=_("As it was received, scripts and all; noted as an export."))
    ] = False,
    why: Annotated[
        str | None,
        typer.Option(metavar="REASON", help=_("What it is for: it stands in the journal. Needed with --original.")),
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        why = None if why is None else _REASON.validate_python(why)
        if original and why is None:
            raise Usage("no_reason", "--original needs a reason.", "Say what it is for: --why REASON.", field="why")
        office = find(data)
        actor, reference, entries = history_of(office, account, ref, "files", why)
        case = fold(reference, entries)
        require_file(actor, EXPORT_FILE if original else READ_FILE, case)
        wanted = servable(case, file)
        given = _given(office, reference, wanted, original=original)
        with office.writing() as tx:  # before the first byte: what cannot be written down is not given
            note_given(tx, office.keys, actor, reference, wanted, why, original=original)
        with written([out], "out", force=force) as (opened,):
            size = sum(opened.write(part) for part in given)
        shown = "original" if original or wanted.media_type != _PDF else "cleaned"
        if machine:
            as_json(file_json(wanted) | {"reference": reference, "form": shown, "written": size})
            return
        console.print(Text.assemble((wanted.id, "bold"), "  ", _("written to {path}.", path=plain(out))))
        if wanted.scan is ScanState.NOT_SCANNED:
            console.print(Text(_("It was not scanned for malware: open it with care."), "yellow"))


_PDF = "application/pdf"


def _given(office: Office, reference: str, file: EvidenceFile, *, original: bool) -> Iterator[bytes]:
    """What is given of a file: of a PDF a copy with nothing in it that acts, of anything else its bytes."""
    bytes_of = office.evidence.read(reference, file)
    return bytes_of if original or file.media_type != _PDF else _cleaned(bytes_of, file)


def _cleaned(pieces: Iterable[bytes], file: EvidenceFile) -> Iterator[bytes]:
    try:
        yield from clean(pieces)
    except NotCleaned as error:
        raise Refused(
            "pdf_not_cleaned",
            {
                "locked": "{id} is closed with a password: no copy without scripts can be made.",
                "too_large": "{id} is too large for a copy without scripts.",
                "broken": "{id} is damaged: no copy without scripts can be made.",
            }[error.why],
            "It can be had as it was received: --original --why REASON. Open it where nothing can be harmed.",
            field="file",
            id=file.id,
        ) from None
