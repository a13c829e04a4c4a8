"""What differs between two moments of a case, in words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.pages.words import on, when
from cli.say import _, console
from domain.changes import Change
from domain.events import Entry
from domain.values import Value
from domain.vocabulary import Term

_HEADINGS = {
    "step": "Step",
    "complaint": "Complaint",
    "metropolis": "Metropolis",
    "holder": "Holder",
    "organisation": "Organisation",
    "consents": "Consent",
    "referrals": "Referral",
    "pieces": "Piece",
    "assessment": "Proof",
    "filings": "Filing",
    "pauses": "Pause",
    "alerts": "Alert",
    "proposed_closure": "Proposed closure",
    "closures": "Closure",
    "last_contact_at": "Last contact",
    "notes": "Number of notes",
    "status": "status",
    "withdrawn_at": "withdrawn",
    "answered_at": "answered",
    "answered_by": "answered by",
    "decision": "decision",
    "requested": "asked for",
    "from_whom": "asked of",
    "due": "due",
    "said": "said",
    "sent": "sent",
    "until": "until",
    "ended_on": "ended",
    "outcome": "outcome",
    "result": "result",
    "refusal": "refusal",
    "lever": "lever",
    "register_number": "number",
    "domain": "domain",
    "criteria": "grounds",
    "acts": "acts",
    "treatment": "treatment",
    "ground": "ground",
    "link": "link",
    "reasoning": "reasoning",
}


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
        where = " ".join(_(_HEADINGS[part]) if part in _HEADINGS else part for part in change.path)
        before, after = _word(change.before), _word(change.after)
        table.add_row(Text(where, "bold"), Text.assemble((before, "dim"), " → ", after))
    console.print(table)


def _word(value: object) -> str:
    match value:
        case None | ():
            return "-"
        case Term():
            return _(value.label)
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return when(value)
        case date():
            return on(value)
        case tuple():
            return ", ".join(_word(one) for one in value)
        case Value():
            said = [getattr(value, name) for name in type(value).model_fields if name not in ("id", "key", "clock")]
            return ", ".join(_word(one) for one in said if one not in (None, (), False))
    return str(value)
