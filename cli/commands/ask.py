"""Asking something of cases: opening them, one or a spreadsheet of them, and submitting commands."""

import json
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli import read
from cli.asking import asked, seen_afterwards, stopped_waiting
from cli.history import ReferenceArgument, history_of
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, path
from cli.say import INTERRUPTED, Usage, _, answering, as_json, console, describe, label, wait_for, warn
from cli.stack.place import find
from desk.office import Office
from domain.complaint import Complaint
from domain.errors import Problem
from domain.lifecycle import fold
from domain.parts.filing import File
from domain.vocabulary import Step

if TYPE_CHECKING:
    from domain.law.limitation import LimitationClock


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
        reference = _reference_for(command_id)
        with stopped_waiting(command_id, machine):
            receipt = asked(
                office,
                account,
                lambda desk, actor: desk.open(complaint, actor, reference=reference, command_id=command_id),
            )
        answer.recorded = receipt.reference
        alike = seen_afterwards(lambda: _alike(office, account, complaint, receipt.reference))
        warning = _NOT_LOOKED_FOR if alike is None else None
        if machine:
            warned = warning and describe(warning)
            as_json({"reference": receipt.reference, "possible_duplicates": alike, "warning": warned})
            return
        console.print(Text.assemble((receipt.reference, "bold"), "  ", _("opened."), "  ", label(receipt.step, Step)))
        if alike:
            said = _("The same person may have complained of this already: {references}.", references=", ".join(alike))
            console.print(Text(said, "yellow"))
        warn(warning)


_NOT_LOOKED_FOR = Problem(
    "duplicates_unknown",
    "It could not be looked up whether the same person has complained of this already.",
    "Look when the database is back: starter.py find.",
)


def _alike(office: Office, account: str, complaint: Complaint, reference: str) -> list[str]:
    from models.finding import possible_duplicates

    with office.reading() as tx:
        return possible_duplicates(tx, office.actor(account), office.keys.digest, complaint, reference)


def _reference_for(command_id: str) -> str:
    """The same opening sent twice must name the same case: its reference follows from its id."""
    import hashlib

    from domain.values import reference_from

    return reference_from(int.from_bytes(hashlib.sha256(command_id.encode()).digest()[:8]))


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
        typer.Option("--expect", min=0, help=_("The version you looked at: refused if the case has moved on.")),
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine) as answer:
        reference = read.reference(ref)
        wanted = read.command(command, file, settings or [])
        command_id = read.command_id(id) or str(uuid.uuid4())  # known here, to be told to whoever stops waiting
        office = find(data)
        with stopped_waiting(command_id, machine):
            receipt = asked(
                office,
                account,
                lambda desk, actor: desk.submit(
                    reference, wanted, actor, command_id=command_id, expected_version=expect
                ),
            )
        answer.recorded = receipt.reference
        files = isinstance(wanted, File)
        limits = seen_afterwards(lambda: _still_running(office, account, reference)) if files else None
        warning = _limits_unknown(reference) if files and limits is None else None
        if machine:
            from cli.pages.due import running_json

            said = receipt.model_dump(mode="json", exclude={"asked"})
            if files:
                said["time_limits"] = None if limits is None else running_json(limits)
                said["warning"] = warning and describe(warning)
            as_json(said)
        else:
            from cli.pages.due import print_running
            from cli.pages.words import event_name

            what = ", ".join(event_name(tag) for tag in receipt.events)
            console.print(
                Text.assemble(
                    (receipt.reference, "bold"),
                    f"  v{receipt.version}  ",
                    (what, "green"),
                    "  ",
                    label(receipt.step, Step),
                )
            )
            if limits is not None:
                print_running(limits)
            warn(warning)


def _limits_unknown(reference: str) -> Problem:
    return Problem(
        "time_limits_unknown",
        "It could not be looked up which time limits keep running: the filing alone stops none.",
        "See: starter.py agenda {reference}.",
        reference=reference,
    )


def _still_running(office: Office, account: str, ref: str) -> Sequence["LimitationClock"]:
    """The time limits that a filing has not stopped: whoever files is reminded of them."""
    from activities.calendar import french_calendar
    from domain.law.limitation import time_bars

    _actor, reference, entries = history_of(office, account, ref, "agenda")
    return time_bars(fold(reference, entries), french_calendar())


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", parser=path, help=_("The spreadsheet."))],
    mapping: Annotated[
        Path, typer.Option("--mapping", metavar="FILE.toml", parser=path, help=_("What its columns mean."))
    ],
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
    from cli.commands.bring import bring, tell, where

    with answering(machine):
        office, actor = where(data, account, rehearse=rehearse)
        brought = wait_for(bring(file, mapping, office, actor, rehearse=rehearse, quiet=machine, refused_file=refused))
        tell(brought, machine=machine)
        if brought.interrupted:
            raise typer.Exit(INTERRUPTED)
