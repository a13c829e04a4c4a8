"""Evidence files: attaching one, being given one."""

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.text import Text

from cli import read
from cli.asking import misuse, stopped_waiting
from cli.history import ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, path
from cli.out import ForceOption, written
from cli.say import Usage, _, answering, as_json, complaints, console, describe, label, wait_for
from cli.stack.place import find
from desk.attaching import Attached, attach_file, take_in
from desk.giving import CLEANED, Given, give_file
from desk.office import Office, engine_client
from domain.parts.files import remarked
from domain.vocabulary import ScanState
from kit.crypto.sealed_stream import PIECE
from kit.formats.one_line import one_line
from kit.refusals import reason
from models.evidence import too_large

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
        command_id = read.command_id(id) or str(uuid.uuid4())  # known here, to be told to whoever stops waiting
        filename = _named(file, name)
        office = find(data)
        reference, actor = read.reference(ref), office.actor(account)
        pieces = _pieces(office, file)
        upload = take_in(office, actor, reference, piece, pieces, filename=filename, description=description)
        with stopped_waiting(command_id, machine):
            attached: Attached = wait_for(attach_file(office, actor, upload, command_id=command_id))
        if machine:
            as_json(attached.file)
        else:
            _print_attached(attached)


def _print_attached(attached: Attached) -> None:
    file = attached.file
    line = Text.assemble((file.reference, "bold"), "  ", (file.id, "bold"), "  ", file.name, "  ")
    console.print(line.append(label(file.scan, ScanState), "green"))
    if file.same_as is not None:
        same = _(
            "The same file is in this case already: {id}, of {piece}.", id=file.same_as.id, piece=file.same_as.piece
        )
        console.print(Text(same, "yellow"))
    if (problem := remarked(file.id, file.remark)) is not None:
        wording = describe(problem)
        console.print(Text(f"{wording['message']} {wording['remedy']}", "yellow"))
    if attached.not_scanned is not None:
        complaints.print(Text(describe(attached.not_scanned)["message"], "yellow"))


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


def _pieces(office: Office, file: str) -> Iterator[bytes]:
    """The bytes of a file, piece by piece. It is opened when the first is asked for, once the engine has answered."""
    wait_for(engine_client(office))
    with _opened(file, office.evidence.limit) as source:
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
        office = find(data)
        reference, actor = read.reference(ref), office.actor(account)
        with misuse():
            copy = give_file(office, actor, reference, file, original=original, why=why)
        with written([out], "out", force=force) as (opened,):
            size = sum(opened.write(part) for part in copy.content)
        if machine:
            as_json(copy.file.model_dump(mode="json") | {"form": copy.form, "written": size})
        else:
            _print_given(copy, out)


def _print_given(copy: Given, out: Path) -> None:
    console.print(Text.assemble((copy.file.id, "bold"), "  ", _("written to {path}.", path=one_line(out))))
    if copy.form == CLEANED:
        console.print(_("A copy without scripts was written: the file as it was received is had with --original."))
    if copy.file.scan is ScanState.NOT_SCANNED:
        console.print(Text(_("It was not scanned for malware: open it with care."), "yellow"))
