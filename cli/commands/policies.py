"""The policy on the command line, as it is and as it was."""

from typing import Annotated, Any

import typer
from rich.text import Text

from cli.options import DataOption, JsonOption
from cli.pages.words import when
from cli.say import _, answering, as_json, console
from cli.stack.place import find
from models import policies


def show_policy(
    every: Annotated[bool, typer.Option("--all", help=_("Every version."))] = False,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        with find(data).reading() as tx:
            found = policies.editions(tx) if every else [policies.in_force(tx)]
        if machine:
            shown = [_edition_json(edition) for edition in found]
            as_json({"editions": shown} if every else shown[0])
            return
        for edition in found:
            made = _(
                "made by {account} on {day}: {reason}",
                account=edition.account,
                day=when(edition.made_at),
                reason=edition.reason,
            )
            console.print(
                Text.assemble(
                    (_("Version {version}", version=edition.version), "bold"), "  ", made if edition.version else ""
                )
            )
            if not every:
                console.print_json(edition.policy.model_dump_json())


def _edition_json(edition: policies.Edition) -> dict[str, Any]:
    return {
        "version": edition.version,
        "policy": edition.policy.model_dump(mode="json"),
        "reason": edition.reason,
        "account": edition.account,
        "made_at": edition.made_at,
    }
