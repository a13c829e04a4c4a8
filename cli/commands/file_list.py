"""The files of a case, and who was given which."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.history import ReferenceArgument, history_of
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.words import when
from cli.say import _, answering, as_json, console, label
from cli.stack.place import find
from domain.case import Case
from domain.lifecycle import fold
from domain.parts.files import EvidenceFile
from domain.vocabulary import Role, ScanState
from models.custody import Action, Custody, custody_of


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
        _actor, reference, entries = history_of(office, account, ref, "files", why)
        case, told = fold(reference, entries), None
        if tells_custody:
            with office.reading() as tx:
                told = custody_of(tx, office.keys, reference, entries)
        if machine:
            said: dict[str, Any] = {"files": [file_json(file) for file in case.files]}
            as_json(said if told is None else said | {"custody": [one.model_dump(mode="json") for one in told]})
        else:
            _print_files(case, told or [])


def file_json(file: EvidenceFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "piece": file.piece,
        "name": file.filename,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "scan": file.scan,
        "scanned_at": file.scanned_at,
        "finding": file.finding,
        "attached_at": file.attached.recorded_at,
        "attached_by": file.attached_by,
        "removed_at": file.removed_at,
    }


_SAID = {
    Action.ADDED: "attached by {account} ({role})",
    Action.READ: "read by {account} ({role})",
    Action.EXPORTED: "exported by {account} ({role})",
    Action.REMOVED: "removed by {account} ({role})",
}


def _print_files(case: Case, told: list[Custody]) -> None:
    if not case.files:
        console.print(_("No file is attached to this case."))
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for file in case.files:
        state = label(file.scan, ScanState) if file.is_held else _("removed")
        colour = "red" if file.scan is ScanState.INFECTED else "cyan"
        line = Text.assemble(f"{file.piece}  {file.filename}  {file.media_type}  ", _size(file.size), "  ")
        line.append(state, colour)
        line.append(f"\nSHA-256 {file.sha256}", "dim")
        for one in told:
            if one.file == file.id:
                said = _(_SAID[one.action], account=one.account, role=label(one.role, Role))
                line.append(f"\n{when(one.at)}  {said}" + (f"  {one.reason}" if one.reason else ""), "dim")
        table.add_row(file.id, line)
    console.print(table)


def _size(size: int) -> str:
    return _("{count} MB", count=f"{size / 1e6:.1f}") if size >= 1e5 else _("{count} B", count=size)
