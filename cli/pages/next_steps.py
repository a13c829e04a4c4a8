"""The next steps of a case on the terminal: each with its reason, and what is typed for it."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cli.say import _, console
from desk.views.next_step import NextStepView


def print_next_steps(steps: Sequence[NextStepView]) -> None:
    """What to do next, the most urgent first; nothing where nothing is recommended."""
    if not steps:
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for step in steps:
        line = Text(step.why)
        if step.command is not None:
            line.append("\n" + " ".join([step.command, *map(_typed, step.given.items())]), "dim")
        table.add_row("›", line)
    console.print(Text(_("What to do next"), "bold"))
    console.print(table)


def _typed(setting: tuple[str, str]) -> str:
    name, value = setting
    return f"--set {name}={value}"
