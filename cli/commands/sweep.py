"""The sweep on the command line: asks for one and follows it, or tells what the last one found."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.options import DataOption, JsonOption
from cli.pages.words import when
from cli.say import _, answering, as_json, console, label, wait_for
from cli.stack.place import find
from domain.errors import NotFound
from domain.exchange.sweep import Finding, Report
from domain.vocabulary import Disagreement
from models import sweeps

LISTED = 50
"""Findings that are printed for people; for machines, all of them."""


def sweep(
    last: Annotated[
        bool, typer.Option("--last", help=_("Tell what the last sweep found; look at nothing now."))
    ] = False,
    per_second: Annotated[float, typer.Option("--rate", min=0.1, max=500, help=_("Cases a second at most."))] = 20.0,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        if not last:
            from cli.engine import follow_sweep

            wait_for(follow_sweep(office, per_second, quiet=machine))
        with office.reading() as tx:
            report = sweeps.last(tx)
            found = sweeps.found_by(tx, report.id) if report else []
        if report is None:
            raise NotFound("no_sweep", "There was no sweep yet.", "One runs every night; or ask for one with: sweep.")
        if machine:
            as_json(report.model_dump(mode="json") | {"findings": [one.model_dump(mode="json") for one in found]})
        else:
            _print(report, found)


def _print(report: Report, found: Sequence[Finding]) -> None:
    counts: dict[str, Any] = report.model_dump(include={"cases", "workflows", "found", "repaired", "overdue"})
    began = when(report.started_at)
    if report.finished_at is None:
        console.print(_("A sweep began on {day} and is under way.", day=began))
    else:
        console.print(_("Sweep of {day}. Cases: {cases}; running workflows: {workflows}.", day=began, **counts))
        said = _("Things that were not as they should be: {found}; repaired: {repaired}.", **counts)
        console.print(Text(said, "bold red" if report.found > report.repaired else "bold green"))
        console.print(_("Deadlines that had passed without anybody being told: {overdue}.", **counts))
    for one in found[:LISTED]:
        state = Text(_("repaired"), "green") if one.repaired else Text(_("to be looked into"), "bold red")
        about = one.reference or _("Cases: {count}", count=one.cases)
        console.print(Text.assemble((about, "bold"), "  ", label(one.kind, Disagreement), "  ", state))
    if len(found) > LISTED:
        console.print(Text(_("... and {count} more: --json lists all.", count=len(found) - LISTED), "dim"))
