"""The store of the evidence files, for whoever runs the service: scanning, checking, sweeping."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from cli.files import in_care, scan_and_note, scanner_of
from cli.lazy import group
from cli.options import DataOption, JsonOption
from cli.place import Place, find
from cli.say import _, answering, as_json, console, wait_for
from domain.case import EvidenceFile
from domain.errors import Away, Problem, Refused
from domain.vocabulary import ScanState
from kit.logs import get_logger
from models import files

log = get_logger("store")

app = group()


@app.command(help=_("Have the files that wait for it scanned for malware."))
def scan(
    again: Annotated[bool, typer.Option("--again", help=_("All of them, as after new signatures."))] = False,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        place = find(data)
        scanner = scanner_of(place)
        if scanner is None:
            raise Refused(
                "no_scanner",
                "No malware scanner is set.",
                "Name clamd's socket in ABOUTIR_CLAMD. Until then files are not scanned, and said not to be.",
            )
        with place.reading() as tx:
            waiting = files.to_scan(tx, again=again)
        found = dict.fromkeys((ScanState.CLEAN, ScanState.INFECTED, ScanState.NOT_SCANNED), 0)
        failed = 0
        for reference, id in waiting:
            try:
                found[wait_for(scan_and_note(place, scanner, reference, _file(place, reference, id)))] += 1
            except Away:
                raise
            except Problem as problem:  # of one file: the others are scanned all the same
                failed += 1
                log.warning("file_not_scanned", reference=reference, code=problem.code)
        if machine:
            as_json({state.lower(): count for state, count in found.items()} | {"failed": failed})
        else:
            console.print(
                _(
                    "{clean} files are clean, {infected} infected, {other} could not be scanned, {failed} not be read.",
                    clean=found[ScanState.CLEAN],
                    infected=found[ScanState.INFECTED],
                    other=found[ScanState.NOT_SCANNED],
                    failed=failed,
                )
            )
        if failed:
            raise typer.Exit(1)


def _file(place: Place, reference: str, id: str) -> EvidenceFile:
    return in_care(place, reference).file(id)


def _fault(place: Place, reference: str, id: str) -> str | None:
    try:
        return place.evidence.fault(reference, _file(place, reference, id))
    except Refused:  # erased meanwhile
        return None


@app.command(help=_("Read every file and compare it with its digest."))
def check(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        place = find(data)
        with place.reading() as tx:
            held = files.all_held(tx)
        wrong = [(reference, id, code) for reference, id in held if (code := _fault(place, reference, id))]
        if machine:
            as_json({"files": len(held), "wrong": [{"reference": r, "id": i, "code": c} for r, i, c in wrong]})
        else:
            for reference, id, code in wrong:
                console.print(f"{reference}  {id}  {code}", style="bold red")
            console.print(
                _("{count} files were read, {wrong} are not as they were.", count=len(held), wrong=len(wrong))
            )
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
    ] = 30,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        place = find(data)
        store = place.evidence.store
        # First what is there, then what is held: what is attached in between was written after.
        there = set(store.names(datetime.now(UTC) - timedelta(days=days)))
        with place.reading() as tx:
            gone = there - files.held(tx, there)
        for name in sorted(gone):
            store.delete(name)
        if machine:
            as_json({"seen": len(there), "deleted": len(gone)})
        else:
            console.print(_("{count} of {seen} were let go of.", count=len(gone), seen=len(there)))
