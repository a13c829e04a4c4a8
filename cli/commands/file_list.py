"""The files of a case, and who was given which."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli import read
from cli.history import ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.words import when
from cli.say import _, answering, as_json, console, label
from cli.stack.place import find
from desk import files
from desk.views.file import FileView
from desk.views.files import FilesWithCustodyView
from domain.access import Action, Custody
from domain.vocabulary import FileRemark, Role, ScanState


def list_files(
    ref: ReferenceArgument,
    tells_custody: Annotated[
        bool, typer.Option("--custody", help=_("With who attached, read, exported and removed each, and when."))
    ] = False,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        reference = read.reference(ref)
        actor = office.actor(account)
        listing = files.list_files_with_custody if tells_custody else files.list_files
        view = listing(office, actor, reference, why)
        if machine:
            as_json(view)
        else:
            _print_files(view.files, view.custody if isinstance(view, FilesWithCustodyView) else ())


_LINES = {
    Action.ADDED: "attached by {account} ({role})",
    Action.READ: "read by {account} ({role})",
    Action.EXPORTED: "exported by {account} ({role})",
    Action.REMOVED: "removed by {account} ({role})",
}


def _print_files(listed: Sequence[FileView], custody: Sequence[Custody]) -> None:
    if not listed:
        console.print(_("No file is attached to this case."))
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for file in listed:
        table.add_row(file.id, _paragraph(file, [line for line in custody if line.file == file.id]))
    console.print(table)


def _paragraph(file: FileView, custody: Sequence[Custody]) -> Text:
    state = label(file.scan, ScanState) if file.removed_at is None else _("removed")
    colour = "red" if file.scan is ScanState.INFECTED else "cyan"
    text = Text.assemble(f"{file.piece}  {file.name}  {file.media_type}  ", _size(file.size), "  ", (state, colour))
    if file.remark is not None:
        text.append(f"  {label(file.remark, FileRemark)}", "yellow")
    text.append(f"\nSHA-256 {file.sha256}", "dim")
    for line in custody:
        event = _(_LINES[line.action], account=line.account, role=label(line.role, Role))
        text.append(f"\n{when(line.at)}  {event}" + (f"  {line.reason}" if line.reason else ""), "dim")
    return text


def _size(size: int) -> str:
    return _("{count} MB", count=f"{size / 1e6:.1f}") if size >= 1e5 else _("{count} B", count=size)
