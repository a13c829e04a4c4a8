"""The store of the evidence files, for whoever runs the service: scanning, checking, sweeping."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from activities import care
from activities.care import scanner_of
from cli.commands.files import in_care, scanning_of
from cli.lazy import group
from cli.options import DataOption, JsonOption
from cli.say import _, answering, as_json, console, wait_for
from cli.stack.place import find
from desk.office import Office
from domain.errors import Refused
from domain.parts.files import EvidenceFile
from models import files

app = group()


@app.command(help=_("Have the files that wait for it scanned for malware."))
def scan(
    again: Annotated[bool, typer.Option("--again", help=_("All of them, as after new signatures."))] = False,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        scanner = scanner_of(office.settings)
        if scanner is None:
            raise Refused(
                "no_scanner",
                "No malware scanner is set.",
                "Name clamd's socket in ABOUTIR_CLAMD. Until then files are not scanned, and said not to be.",
            )
        found = wait_for(scanning_of(office, scanner).scan_all(again=again))
        if machine:
            as_json(found.model_dump())
        else:
            console.print(
                _(
                    "Files clean: {clean}; infected: {infected}; not scanned: {other}; unreadable: {failed}.",
                    clean=found.clean,
                    infected=found.infected,
                    other=found.not_scanned,
                    failed=found.failed,
                )
            )
        if found.failed:
            raise typer.Exit(1)


def _file(office: Office, reference: str, id: str) -> EvidenceFile:
    return in_care(office, reference).file(id)


def _fault(office: Office, reference: str, id: str) -> str | None:
    try:
        return office.evidence.fault(reference, _file(office, reference, id))
    except Refused:  # erased meanwhile
        return None


@app.command(help=_("Read every file and compare it with its digest."))
def check(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        office = find(data)
        with office.reading() as tx:
            held = files.all_held(tx)
        wrong = [(reference, id, code) for reference, id in held if (code := _fault(office, reference, id))]
        if machine:
            as_json({"files": len(held), "wrong": [{"reference": r, "id": i, "code": c} for r, i, c in wrong]})
        else:
            for reference, id, code in wrong:
                console.print(f"{reference}  {id}  {code}", style="bold red")
            console.print(_("Files read: {count}; not as they were: {wrong}.", count=len(held), wrong=len(wrong)))
        if wrong:
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
    ] = care.KEPT.days,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        swept = care.sweep(office.reading, office.evidence.store, datetime.now(UTC) - timedelta(days=days))
        if machine:
            as_json(swept.model_dump(include={"seen", "deleted"}))
        else:
            console.print(_("Let go of: {count} of {seen}.", count=swept.deleted, seen=swept.seen))
