"""Changing the policy that says when something asks for attention."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli import read
from cli.asking import misuse, progress_told
from cli.commands.policies import show_policy
from cli.lazy import group
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.say import _, answering, as_json, console, wait_for
from cli.stack.place import find
from desk.policies import preview_policy as ask_for_preview
from desk.policies import put_in_force
from domain.actors import OPERATOR
from domain.exchange.rollout import Rollout
from domain.time.preview import Preview

app = group()


app.command("show", help=_("The policy in force, or every version with who made it and why."))(show_policy)

PolicyArgument = Annotated[
    str, typer.Argument(metavar="FILE|-", help=_("The policy as JSON; what it leaves out stays as it is."))
]
_EXAMPLE = "starter.py policy show"


@app.command("preview", help=_("What a policy would change, before it is put in force."))
def preview_policy(file: PolicyArgument, data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        changes = ask_for_preview(find(data), OPERATOR, read.json_object(file, see=_EXAMPLE))
        if machine:
            as_json(changes)
        else:
            _print_preview(changes)


@app.command("set", help=_("Put a policy in force, with a reason. Then: policy rollout."))
def set_policy(
    file: PolicyArgument,
    reason: Annotated[str, typer.Option("--reason", help=_("Why the delays change."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor, policy = office.actor(account), read.json_object(file, see=_EXAMPLE)
        with misuse():
            changed = put_in_force(office, actor, policy, reason)
        if machine:
            as_json(changed)
        else:
            _print_preview(changed.preview)
            console.print(
                _("Version {version} is in force. Running cases follow with: policy rollout", version=changed.version)
            )


@app.command("rollout", help=_("Have every running case look at its deadlines under the policy in force."))
def roll_out(
    per_second: Annotated[float, typer.Option("--rate", min=0.1, max=500, help=_("Cases a second at most."))] = 20.0,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from desk import rollouts  # loads the engine's library

    with answering(machine):
        office = find(data)
        tell = progress_told(lambda done: _("Cases looked at: {done}...", done=done), quiet=machine)
        rollout: Rollout = wait_for(rollouts.roll_out(office, office.actor(account), per_second, tell))
        if machine:
            as_json(rollout)
            return
        console.print(_("Cases under version {version}: {done}.", done=rollout.done, version=rollout.version))
        if rollout.missing:
            console.print(Text(_("Not reached: {cases}", cases=", ".join(rollout.missing)), "bold red"))


def _print_preview(changes: Preview) -> None:
    table = Table.grid(padding=(0, 2))
    for what, count in (
        (_("open cases"), changes.cases),
        (_("would become stalled at once"), changes.would_stall),
        (_("alerts would be raised at once"), changes.alerts_at_once),
        (_("would be looked at sooner"), changes.sooner),
        (_("would be looked at later"), changes.later),
    ):
        table.add_row(Text(str(count), "bold"), what)
    console.print(table)
    if changes.alerted:
        console.print(Text(_("Alerted at once: {cases}", cases=", ".join(changes.alerted)), "dim"))
