"""A case and a history, as people read them on a terminal and as machines take them."""

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table
from rich.text import Text

from cli.pages.closure import print_closure_review
from cli.pages.detail import detail
from cli.pages.due import print_alerts, print_deadlines, print_running
from cli.pages.facts import word
from cli.pages.next_steps import print_next_steps
from cli.pages.words import command_purpose, criterion_name, event_name, held_by, on, place_name, when
from cli.say import _, console, label, words
from desk.views.case import CaseView, EntryView
from domain.case import Case
from domain.parts.base import PartLine
from domain.parts.erasure import GONE
from domain.shown import part_lines
from domain.vocabulary import Act, Audience, Domain, Door, Role, Step
from words.complaint import beyond_the_headlines

# --- One case --------------------------------------------------------------------------------------------


def print_case(case: CaseView) -> None:
    """A case for people: where it stands, what it is about, its parts, what is due, what may be asked."""
    complaint = case.complaint
    title = Text.assemble((case.reference, "bold"), "  ", (label(case.step, Step), "bold cyan"), f"  v{case.version}")
    if case.stalled:
        title.append("  " + _("STALLED"), "bold red")
    if complaint.fictitious:
        title.append("  " + _("fictitious"), "magenta")
    console.print(title)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    place = complaint.facts.place
    rows: list[tuple[str, str]] = [
        *_for_outside(case),
        (_("Holder"), f"{held_by(case.holder)} ({case.organisation})"),
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
        *beyond_the_headlines(complaint, words()),
        (_("Last contact"), when(case.last_contact_at) if case.last_contact_at else ""),
    ]
    for name, value in rows:
        if case.summary is None or value not in ("", GONE):
            facts.add_row(name, Text(value))
    console.print(facts)
    _print_parts(part_lines(case))
    if case.closure_review:
        console.print()
        print_closure_review(case.closure_review)
    if case.standing_alerts:
        console.print()
        print_alerts(case.standing_alerts)
    if case.next_steps:
        console.print()
        print_next_steps(case.next_steps)
    if case.agenda:
        console.print()
        print_deadlines(case.agenda[:_SOONEST])
    if case.time_limits:
        console.print()
        print_running(case.time_limits)
    if case.offered:
        console.print()
        _print_offered(case.offered)


def _for_outside(case: CaseView) -> Iterator[tuple[str, str]]:
    """The rows for whoever sees a part of the case only: as whom, and what is told instead of the whole."""
    if case.summary is None:
        return
    yield _("Seen as"), label(case.audience, Audience)
    if case.summary.act_by:
        yield _("Act by"), on(case.summary.act_by)
    if case.summary.language:
        yield _("Language"), words().language_name(case.summary.language)
    if case.summary.special_needs:
        yield _("Needs"), _("yes: ask the team")


_SOONEST = 6
"""The number of our own deadlines that are shown."""


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
        return _("anonymous report") if case.complaint.facts.narrative != GONE else GONE
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


def print_history(entries: Sequence[EntryView]) -> None:
    """A history for people: who did what, when it happened and, where that was not at once, when it was recorded."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for entry in entries:
        happened, recorded = when(entry.happened_at), when(entry.recorded_at)
        line = Text.assemble(
            happened,
            "  ",
            (event_name(entry.tag), "bold"),
            "  ",
            (f"{entry.actor} ({label(entry.role, Role)})", "cyan"),
        )
        if entry.door not in (Door.LOCAL, Door.SYSTEM):
            line.append("  " + label(entry.door, Door), "dim")
        if recorded != happened:
            line.append("  " + _("recorded {instant}", instant=recorded), "dim")
        if facts := detail(entry.event):
            line.append("\n" + facts)
        table.add_row(str(entry.version), line)
    console.print(table)
