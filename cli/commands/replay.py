"""A case as it stood on the command line: replay, and the bundle for an auditor."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli import read
from cli.history import AtOption, ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption, path
from cli.out import ForceOption, written
from cli.say import Usage, _, answering, as_json, console, wait_for, words
from cli.stack.place import find
from desk.case import replay_case
from desk.exporting import export_bundle
from desk.office import Office
from desk.views.bundle import Bundle
from desk.views.case import ReplayView
from domain.actors import Actor


def replay(
    ref: ReferenceArgument,
    at: AtOption = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="VERSION|DATE|EVENT", help=_("Say what differs between the two moments.")),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.zip", parser=path, help=_("Write a sealed bundle that an auditor can verify without us.")
        ),
    ] = None,
    force: ForceOption = False,
    source: Annotated[
        str, typer.Option("--from", metavar="book|histories", help=_("Which of the two records to tell it from."))
    ] = "book",
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office, reference = find(data), read.reference(ref)
        actor = office.actor(account)
        if source not in ("book", "histories"):
            raise Usage(
                "unknown_source", "--from takes book or histories.", "For example: --from histories.", field="from"
            )
        if export is not None:
            _export(office, actor, reference, why, export, force=force, machine=machine)
            return
        from_histories = source == "histories"
        view: ReplayView = wait_for(
            replay_case(
                office, actor, reference, words(), at=at, against=against, from_histories=from_histories, why=why
            )
        )
        if machine:
            as_json(view)
        else:
            _print(view)


def _print(view: ReplayView) -> None:
    from cli.pages.difference import print_differences
    from cli.pages.show import print_case, print_history

    console.print(_as_it_stood(view))
    console.print()
    print_case(view.case)
    console.print()
    console.print(Text(_("Who had done what"), "bold"))
    print_history(view.history)
    if view.differences is not None and view.compared is not None:
        console.print()
        print_differences(view.differences, *view.compared)


def _as_it_stood(view: ReplayView) -> Text:
    from cli.pages.words import when

    moment = _(
        "As it stood at version {version} of {last}, {moment}, under version {policy} of the policy.",
        version=view.version,
        last=view.last_version,
        moment=when(view.moment),
        policy=view.policy_version,
    )
    return Text(moment, "italic")


def _export(
    office: Office, actor: Actor, reference: str, why: str | None, file: Path, *, force: bool, machine: bool
) -> None:
    bundle: Bundle = wait_for(export_bundle(office, actor, reference, why))
    with written([file], "export", force=force) as (opened,):
        opened.write(bundle.content)
    answer = {"file": str(file), **bundle.model_dump(mode="json")}
    if machine:
        as_json(answer)
    else:
        console.print(_("The bundle is in {file}. Lines: {lines}, of which sealed: {sealed}.", **answer))
        console.print(Text(_("Whoever gets it verifies it with: python verify.py FILE.zip"), "dim"))
