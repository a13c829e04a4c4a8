"""A case and a history, as people read them on a terminal and as machines take them."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.pages.detail import detail
from cli.pages.due import deadline_json, print_alerts, print_deadlines, print_running, running_json
from cli.pages.facts import word
from cli.pages.words import command_purpose, criterion_name, event_name, place_name, when
from cli.say import _, console, label
from domain.case import Case
from domain.events import Entry
from domain.law.limitation import LimitationClock
from domain.parts.base import PartLine
from domain.shown import part_lines
from domain.time.deadline import Deadline
from domain.vocabulary import Act, Domain, Role, Step

# --- One case --------------------------------------------------------------------------------------------


def case_json(
    case: Case, agenda: Sequence[Deadline], offered: Sequence[str], limits: Sequence[LimitationClock]
) -> dict[str, Any]:
    """A case for machines. `limits` are those that a filing under way does not stop."""
    data = case.model_dump(mode="json")
    data |= {
        "stalled": case.is_stalled,
        "open": [piece.id for piece in case.pieces if piece.is_unexplained],
        "agenda": [deadline_json(deadline) for deadline in agenda],
        "offered": list(offered),
        "time_limits": running_json(limits),
    }
    return data


def print_case(
    case: Case, agenda: Sequence[Deadline], offered: Sequence[str], limits: Sequence[LimitationClock]
) -> None:
    """A case for people: where it stands, what it is about, its parts, what is due, what may be asked."""
    complaint = case.complaint
    title = Text.assemble((case.reference, "bold"), "  ", (label(case.step, Step), "bold cyan"), f"  v{case.version}")
    if case.is_stalled:
        title.append("  " + _("STALLED"), "bold red")
    if complaint.fictitious:
        title.append("  " + _("fictitious"), "magenta")
    console.print(title)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    place = complaint.facts.place
    rows = [
        (_("Holder"), f"{case.holder} ({case.organisation})"),
        (_("Received"), when(complaint.received_at)),
        (_("Domain"), label(complaint.domain, Domain)),
        (_("Grounds"), ", ".join(criterion_name(code) for code in complaint.criteria)),
        (_("Acts"), ", ".join(label(act, Act) for act in complaint.acts)),
        (
            _("Place"),
            ", ".join(filter(None, [place_name(place.commune, place.neighbourhood, case.metropolis), place.detail])),
        ),
        (_("Complainant"), _person(case)),
        (_("Respondent"), complaint.respondent.name or _("not known")),
        (_("Facts"), complaint.facts.narrative),
        (_("Last contact"), when(case.last_contact_at)),
    ]
    for name, value in rows:
        facts.add_row(name, Text(value))
    console.print(facts)
    _print_parts(part_lines(case))
    if case.standing_alerts:
        console.print()
        print_alerts(case.standing_alerts)
    if agenda:
        console.print()
        print_deadlines(agenda[:6])
    if limits:
        console.print()
        print_running(limits)
    if offered:
        console.print()
        _print_offered(offered)


def _print_offered(names: Sequence[str]) -> None:
    """The commands that can be asked now: their names are typed, so each is told."""
    console.print(
        Text.assemble((_("What may be asked now"), "bold"), ("  " + _("(see: starter.py commands NAME)"), "dim"))
    )
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", style="dim")
    for name in names:
        table.add_row(name, command_purpose(name))
    console.print(table)


def _person(case: Case) -> str:
    person = case.complaint.complainant
    if person is None:
        return _("anonymous report")
    reached = ", ".join(filter(None, [person.email, person.phone]))
    return f"{person.given_name} {person.family_name}" + (f" ({reached})" if reached else "")


def _print_parts(lines: Iterable[PartLine]) -> None:
    parts = Table(box=None, padding=(0, 2), show_header=False)
    for line in lines:
        noun = Text(_(line.noun), "red" if line.urgent else "")
        parts.add_row(line.id, noun, word(line.about), word(line.state))
    if parts.row_count:
        console.print()
        console.print(parts)


# --- A history -------------------------------------------------------------------------------------------


def entry_json(entry: Entry) -> dict[str, Any]:
    """A line of a history for machines."""
    return {
        "version": entry.version,
        "tag": entry.event.tag,
        "actor": entry.actor.account,
        "role": entry.actor.role,
        "organisation": entry.actor.organisation,
        "happened_at": entry.happened_at,
        "recorded_at": entry.recorded_at,
        "command_id": entry.command_id,
        "event": entry.event.model_dump(mode="json"),
    }


def print_history(entries: Sequence[Entry]) -> None:
    """A history for people: who did what, when it happened and, where that was not at once, when it was recorded."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for entry in entries:
        happened, recorded = when(entry.happened_at), when(entry.recorded_at)
        line = Text.assemble(
            happened,
            "  ",
            (event_name(entry.event.tag), "bold"),
            "  ",
            (f"{entry.actor.account} ({label(entry.actor.role, Role)})", "cyan"),
        )
        if recorded != happened:
            line.append("  " + _("recorded {instant}", instant=recorded), "dim")
        if said := detail(entry.event):
            line.append("\n" + said)
        table.add_row(str(entry.version), line)
    console.print(table)
