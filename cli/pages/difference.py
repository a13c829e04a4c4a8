"""Tells the differences between two moments of a case."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cli.pages.facts import word
from cli.pages.words import when
from cli.say import _, console, words
from desk.views.case import ChangeView, EntryView


def print_differences(changes: Sequence[ChangeView], earlier: EntryView, later: EntryView) -> None:
    """The changes from one line of a history to a later one, a line for each."""
    title = _(
        "What changed from version {first} ({day}) to version {last} ({other})",
        first=earlier.version,
        day=when(earlier.recorded_at),
        last=later.version,
        other=when(later.recorded_at),
    )
    console.print(Text(title, "bold"))
    if not changes:
        console.print(_("Nothing."))
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for change in changes:
        where = " ".join(word(name) for name in change.names)
        before, after = (words().held(value) for value in change.told)
        table.add_row(Text(where, "bold"), Text.assemble((before, "dim"), " → ", after))
    console.print(table)
