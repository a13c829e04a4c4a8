"""What may be asked of a case."""

import json
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli.actions import described
from cli.options import JsonOption
from cli.say import Usage, _, answering, as_json, console, how, label
from domain.commands import COMMANDS, OF_THE_SYSTEM
from domain.parts.base import NOT_ERASED, Command
from domain.permissions import grants
from domain.vocabulary import OPEN_STEPS, Role, Step


def commands(
    command: Annotated[str | None, typer.Argument(metavar="[COMMAND]", help=_("One command, with its schema."))] = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        shown = {name: kind for name, kind in COMMANDS.items() if name not in OF_THE_SYSTEM}
        if command is None:
            if machine:
                as_json({"commands": [_command_json(name) for name in shown]})
                return
            table = Table.grid(padding=(0, 2))
            table.add_column(no_wrap=True, style="bold")
            table.add_column(overflow="fold")
            for name, kind in shown.items():
                said = _command_json(name)
                by = ", ".join(label(role, Role) for role in said["roles"])
                at = "; ".join(filter(None, [_asked_at(kind), by]))
                table.add_row(name, Text.assemble(_described(kind), ("\n" + at, "dim")))
            console.print(table)
            return
        name = command.replace("-", "_").lower()
        if name not in shown:
            raise Usage(
                "unknown_command",
                "{command} is not a command that can be submitted.",
                "List them with: starter.py commands.",
                field="command",
                command=command[:40],
            )
        schema = shown[name].model_json_schema()
        if machine:
            as_json(_command_json(name) | {"schema": schema})
        else:
            console.print(Text(_described(shown[name]), "bold"))
            console.print_json(json.dumps(schema, ensure_ascii=False))


def _described(kind: type[Command]) -> str:
    return " ".join(filter(None, [_(kind.explained()), how(kind.action)]))


def _asked_at(kind: type[Command]) -> str:
    if kind.steps == OPEN_STEPS:
        return _("any open step")
    if kind.steps == NOT_ERASED:
        return _("open or closed")
    return ", ".join(label(step, Step) for step in Step if step in kind.steps)


def _command_json(name: str) -> dict[str, Any]:
    kind = COMMANDS[name]
    return {
        "name": name,
        "description": described(kind),
        "steps": [step for step in Step if step in kind.steps],
        "roles": [role for role in Role if role in grants(name)],
    }
