"""Tells the differences between two moments of a case."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.pages.facts import word
from cli.pages.words import when
from cli.say import _, console
from desk.views.case import ChangeView, EntryView
from domain.telling import named
from domain.values import Value


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
        before, after = (_word(value) for value in change.told)
        table.add_row(Text(where, "bold"), Text.assemble((before, "dim"), " → ", after))
    console.print(table)


def _word(value: Any) -> str:
    match value:
        case None | ():
            return "-"
        case bool():
            return _("yes") if value else _("no")
        case tuple():
            return ", ".join(_word(part) for part in value)
        case Value():
            kinds = type(value).model_fields.items()
            fields = [named(kind.metadata, getattr(value, name)) for name, kind in kinds if name not in _NAMES]
            return ", ".join(_word(field) for field in fields if field not in (None, (), False))
    return word(value)


_NAMES = frozenset({"id", "key", "clock"})
"""Fields that only say again which part it is."""
