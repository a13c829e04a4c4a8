"""The policy on the command line, as it is and as it was."""

from typing import Annotated

import typer
from rich.text import Text

from cli.options import DataOption, JsonOption
from cli.pages.policy import print_policy
from cli.pages.words import when
from cli.say import _, answering, as_json, console
from cli.stack.place import find
from desk.editions import policy_editions, policy_in_force
from desk.views.edition import EditionView
from domain.actors import OPERATOR


def show_policy(
    every: Annotated[bool, typer.Option("--all", help=_("Every version."))] = False,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        if every:
            history = policy_editions(find(data), OPERATOR)
            if machine:
                as_json(history)
                return
            for edition in history.editions:
                _print_heading(edition)
            return
        current = policy_in_force(find(data), OPERATOR)
        if machine:
            as_json(current)
            return
        _print_heading(current)
        print_policy(current.policy)


def _print_heading(edition: EditionView) -> None:
    made = _(
        "made by {account} on {day}: {reason}",
        account=edition.account,
        day=when(edition.made_at),
        reason=edition.reason,
    )
    version = (_("Version {version}", version=edition.version), "bold")
    console.print(Text.assemble(version, "  ", made if edition.version else ""))
