"""What differs between two moments of a case, in words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.pages.facts import word
from cli.pages.words import when
from cli.say import _, console
from domain.changes import Change
from domain.events import Entry
from domain.values import Value


def differences_json(found: Sequence[Change]) -> list[dict[str, Any]]:
    """Each change with its path, for machines."""
    return [
        {"path": ".".join(change.path), "before": _plain(change.before), "after": _plain(change.after)}
        for change in found
    ]


def _plain(value: object) -> object:
    match value:
        case Value():
            return value.model_dump(mode="json")
        case tuple():
            return [_plain(one) for one in value]
        case datetime() | date():
            return value.isoformat()
    return value


def print_differences(found: Sequence[Change], earlier: Sequence[Entry], later: Sequence[Entry]) -> None:
    """What has changed, a line for each thing."""
    title = _(
        "What changed from version {first} ({day}) to version {last} ({other})",
        first=earlier[-1].version,
        day=when(earlier[-1].recorded_at),
        last=later[-1].version,
        other=when(later[-1].recorded_at),
    )
    console.print(Text(title, "bold"))
    if not found:
        console.print(_("Nothing."))
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for change in found:
        where = " ".join(word(name) for name in change.names)
        before, after = _word(change.before), _word(change.after)
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
            fields = [getattr(value, name) for name in type(value).model_fields if name not in _NAMES]
            return ", ".join(_word(field) for field in fields if field not in (None, (), False))
    return word(value)


_NAMES = frozenset({"id", "key", "clock"})
"""Fields that only say again which part it is."""
