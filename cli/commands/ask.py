"""Asking something of cases: opening them, one or a spreadsheet of them, and submitting commands."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cli import read
from cli.asking import stopped_waiting, version_decided_on
from cli.history import ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, path
from cli.say import INTERRUPTED, REFUSED, Usage, _, answering, as_json, console, describe, label, wait_for, warn, words
from cli.stack.place import find
from desk.opening import open_case as ask_to_open
from desk.opening import opened_case
from desk.submitting import submit_command, submitted_command
from desk.views.next_step import NextStepView
from desk.views.recorded import Conflict, Opened, Submitted
from domain.vocabulary import Step

if TYPE_CHECKING:
    from domain.exchange.cases import Receipt

_EXAMPLE = "starter.py open --print-example"


def open_case(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE|-", help=_("A JSON file, or - for standard input."))
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    id: Annotated[
        str | None, typer.Option("--id", help=_("Makes the opening unique: sent twice, it counts once."))
    ] = None,
    closed_to: Annotated[
        list[str] | None,
        typer.Option(
            "--closed-to",
            metavar="ORG|ACCOUNT",
            help=_("Close it to whoever has a conflict of interest, from its first line; may be repeated."),
        ),
    ] = None,
    print_example: Annotated[
        bool, typer.Option("--print-example", help=_("Print a complaint that can be opened as it is."))
    ] = False,
    machine: JsonOption = False,
) -> None:
    from cli.demo.examples import COMPLAINT

    if print_example:
        sys.stdout.write(json.dumps(COMPLAINT, ensure_ascii=False, indent=2) + "\n")
        return
    with answering(machine) as answer:
        if file is None:
            raise Usage(
                "no_file",
                "No file was given.",
                "Give a JSON file, or - for standard input. See --print-example.",
                field="file",
            )
        complaint = read.complaint(read.json_object(file, see=_EXAMPLE))
        command_id = read.command_id(id) or str(uuid.uuid4())  # known here, to be told to whoever stops waiting
        office = find(data)
        with stopped_waiting(command_id, machine):
            actor = office.actor(account)
            barred = tuple(closed_to or ())
            receipt: Receipt = wait_for(ask_to_open(office, actor, complaint, closed_to=barred, command_id=command_id))
        answer.recorded = receipt.reference
        opened = opened_case(office, actor, complaint, receipt, closed_to=barred)
        if machine:
            as_json(_opened_json(opened))
        else:
            _print_opened(opened)


def _opened_json(opened: Opened) -> dict[str, Any]:
    from cli.pages.urgent import urgent_json

    return {
        "reference": opened.reference,
        "possible_duplicates": opened.possible_duplicates,
        "warning": opened.warning and describe(opened.warning),
        "urgent": opened.urgent and urgent_json(opened.urgent),
        "conflicts": [_conflict_json(conflict) for conflict in opened.conflicts],
        "next_steps": [step.model_dump(mode="json") for step in _next_steps(opened)],
    }


def _conflict_json(conflict: Conflict) -> dict[str, Any]:
    return {
        "organisation": conflict.organisation,
        "refused": conflict.refused and describe(conflict.refused),
    }


def _print_conflict(conflict: Conflict, reference: str) -> None:
    hint = _("The respondent may be {organisation}, which has accounts here.", organisation=conflict.organisation)
    console.print(Text(hint, "yellow"))
    if conflict.refused is not None:
        warn(conflict.refused)
        return
    command = f"starter.py submit {reference} restrict --set organisations={conflict.organisation} --set reason=..."
    console.print(Text(_("If it is, close the case to it: {command}", command=command), "yellow"))


def _next_steps(opened: Opened) -> list[NextStepView]:
    return [NextStepView.of(step, words()) for step in opened.next_steps]


def _print_opened(opened: Opened) -> None:
    from cli.pages.next_steps import print_next_steps
    from cli.pages.urgent import print_urgent

    console.print(Text.assemble((opened.reference, "bold"), "  ", _("opened."), "  ", label(opened.step, Step)))
    if opened.possible_duplicates:
        references = ", ".join(opened.possible_duplicates)
        hint = _("The same person may have complained of this already: {references}.", references=references)
        console.print(Text(hint, "yellow"))
    warn(opened.warning)
    for conflict in opened.conflicts:
        _print_conflict(conflict, opened.reference)
    if opened.urgent is not None:
        print_urgent(opened.urgent, opened.reference)
    print_next_steps([step for step in _next_steps(opened) if step.day is None])  # the others are told above


def submit(
    ref: ReferenceArgument,
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", help=_("What is asked: starter.py commands lists them."))
    ],
    file: Annotated[str | None, typer.Argument(metavar="[FILE|-]", help=_("Its fields as JSON."))] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=_("One field; may be repeated."))
    ] = None,
    id: Annotated[
        str | None, typer.Option("--id", help=_("Makes the command unique: sent twice, it counts once."))
    ] = None,
    expect: Annotated[
        int | None,
        typer.Option(
            "--expect",
            min=0,
            help=_("The version you looked at; what cannot be undone needs it. Refused if the case has moved on."),
        ),
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine) as answer:
        reference = read.reference(ref)
        content = read.command(command, file, settings or [])
        command_id = read.command_id(id) or str(uuid.uuid4())  # known here, to be told to whoever stops waiting
        office = find(data)
        if content.irreversible and expect is None and not machine and sys.stdin.isatty():
            expect = version_decided_on(office, office.actor(account), reference, content)
        with stopped_waiting(command_id, machine):
            actor = office.actor(account)
            receipt: Receipt = wait_for(
                submit_command(office, actor, reference, content, command_id=command_id, expected_version=expect)
            )
        answer.recorded = receipt.reference
        submitted = submitted_command(office, actor, content, receipt)
        if machine:
            as_json(_submitted_json(submitted))
        else:
            _print_submitted(submitted)


def _submitted_json(submitted: Submitted) -> dict[str, Any]:
    from cli.pages.due import running_json

    answer = submitted.receipt.model_dump(mode="json", exclude={"asked"})
    if not submitted.is_filing:
        return answer
    limits = submitted.time_limits
    return answer | {
        "time_limits": None if limits is None else running_json(limits),
        "warning": submitted.warning and describe(submitted.warning),
    }


def _print_submitted(submitted: Submitted) -> None:
    from cli.pages.due import print_running
    from cli.pages.words import event_name

    receipt = submitted.receipt
    events = ", ".join(event_name(tag) for tag in receipt.events)
    what = (f"  v{receipt.version}  ", (events, "green"), "  ", label(receipt.step, Step))
    console.print(Text.assemble((receipt.reference, "bold"), *what))
    if submitted.time_limits is not None:
        print_running(submitted.time_limits)
    warn(submitted.warning)


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", parser=path, help=_("The spreadsheet."))],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="FILE.toml", parser=path, help=_("What its columns mean."))
    ] = None,
    look: Annotated[
        bool,
        typer.Option("--look", help=_("Show what is in the file, and a mapping to begin with; import nothing.")),
    ] = False,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help=_("How its accents are written: utf-8, cp1252, cp850..."))
    ] = None,
    refused: Annotated[
        Path | None,
        typer.Option(
            "--refused",
            metavar="FILE",
            parser=path,
            help=_("Where the rows that are refused go (default: beside the spreadsheet)."),
        ),
    ] = None,
    rehearse: Annotated[bool, typer.Option("--dry-run", help=_("Go through the rules only; open nothing."))] = False,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from cli.commands.bring import bring, print_outcome, where_to_import
    from cli.commands.look_at_file import show_file

    with answering(machine):
        if look:
            show_file(file, encoding=encoding, machine=machine)
            return
        if mapping is None:
            raise Usage(
                "no_mapping",
                "An import needs a mapping, which says what the columns mean.",
                "Give it with --mapping; --look proposes one to begin with.",
                field="mapping",
            )
        office, actor = where_to_import(data, account, rehearse=rehearse)
        outcome = wait_for(
            bring(
                file,
                mapping,
                office,
                actor,
                rehearse=rehearse,
                quiet=machine,
                refused_file=refused,
                encoding=encoding,
            )
        )
        print_outcome(outcome, machine=machine)
        if outcome.interrupted:
            raise typer.Exit(INTERRUPTED)
        if outcome.all_refused:
            raise typer.Exit(REFUSED)
