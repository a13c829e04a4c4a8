"""The store of the evidence files, for whoever runs the service: scanning, checking, sweeping."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.lazy import group
from cli.options import DataOption, JsonOption
from cli.say import _, answering, as_json, console, wait_for
from cli.stack.place import find
from desk.store import KEPT, check_files, scan_files, sweep_store
from domain.actors import OPERATOR
from domain.exchange.housekeeping import FilesScanned

app = group()


@app.command(help=_("Have the files that wait for it scanned for malware."))
def scan(
    again: Annotated[bool, typer.Option("--again", help=_("All of them, as after new signatures."))] = False,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        scanned: FilesScanned = wait_for(scan_files(find(data), OPERATOR, again=again))
        if machine:
            as_json(scanned)
        else:
            console.print(
                _(
                    "Files clean: {clean}; infected: {infected}; not scanned: {other}; unreadable: {failed}.",
                    clean=scanned.clean,
                    infected=scanned.infected,
                    other=scanned.not_scanned,
                    failed=scanned.failed,
                )
            )
        if scanned.failed:
            raise typer.Exit(1)


@app.command(help=_("Read every file and compare it with its digest."))
def check(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        checked = check_files(find(data), OPERATOR)
        if machine:
            as_json(checked)
        else:
            for fault in checked.wrong:
                console.print(f"{fault.reference}  {fault.id}  {fault.code}", style="bold red")
            counts = {"count": checked.files, "copies": checked.copies, "wrong": len(checked.wrong)}
            console.print(_("Files read: {count}; copies of them: {copies}; not as they were: {wrong}.", **counts))
        if checked.wrong:
            raise typer.Exit(1)


@app.command(help=_("Let go of what no case holds: uploads that came to nothing, removed files, erased cases."))
def sweep(
    days: Annotated[
        int,
        typer.Option(
            "--older-than",
            min=0,
            metavar="DAYS",
            help=_("Only what was written before. A command that waits for the engine may still name a file."),
        ),
    ] = KEPT.days,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        swept = sweep_store(find(data), OPERATOR, timedelta(days=days))
        if machine:
            as_json(swept.model_dump(include={"seen", "deleted"}))
        else:
            console.print(_("Let go of: {count} of {seen}.", count=swept.deleted, seen=swept.seen))
