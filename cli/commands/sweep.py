"""The sweep on the command line: asks for one and follows it, or tells what the last one found."""

from typing import Annotated, Any

import typer
from rich.text import Text

from cli.asking import progress_told
from cli.options import DataOption, JsonOption
from cli.pages.words import when
from cli.say import _, answering, as_json, console, label, wait_for
from cli.stack.place import find
from desk.sweeping import last_sweep, sweep_now
from desk.views.sweep import SweepView
from domain.actors import OPERATOR
from domain.exchange.sweep import Finding
from domain.vocabulary import Disagreement

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
            tell = progress_told(lambda done: _("Cases looked at: {done}...", done=done), quiet=machine)
            wait_for(sweep_now(office, OPERATOR, per_second, tell))
        report = last_sweep(office, OPERATOR)
        if machine:
            as_json(report)
        else:
            _print(report)


def _print(report: SweepView) -> None:
    counts: dict[str, Any] = report.model_dump(include={"cases", "workflows", "found", "repaired", "overdue"})
    began = when(report.started_at)
    if report.finished_at is None:
        console.print(_("A sweep began on {day} and is under way.", day=began))
    else:
        console.print(_("Sweep of {day}. Cases: {cases}; running workflows: {workflows}.", day=began, **counts))
        verdict = _("Things that were not as they should be: {found}; repaired: {repaired}.", **counts)
        console.print(Text(verdict, "bold red" if report.found > report.repaired else "bold green"))
        console.print(_("Deadlines that had passed without anybody being told: {overdue}.", **counts))
    for finding in report.findings[:LISTED]:
        _print_finding(finding)
    if len(report.findings) > LISTED:
        console.print(Text(_("... and {count} more: --json lists all.", count=len(report.findings) - LISTED), "dim"))


def _print_finding(finding: Finding) -> None:
    state = Text(_("repaired"), "green") if finding.repaired else Text(_("to be looked into"), "bold red")
    about = finding.reference or _("Cases: {count}", count=finding.cases)
    console.print(Text.assemble((about, "bold"), "  ", label(finding.kind, Disagreement), "  ", state))
