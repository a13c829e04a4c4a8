"""A case and a history, as people read them on a terminal and as machines take them."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.pages.detail import detail
from cli.pages.due import deadline_json, print_alerts, print_deadlines, print_running, running_json
from cli.pages.words import (
    command_purpose,
    criterion_name,
    event_name,
    lever_name,
    on,
    piece_name,
    place_name,
    some,
    when,
)
from cli.say import _, console, label
from domain.case import Case
from domain.events import Entry
from domain.law.grounds import GROUNDS
from domain.law.limitation import LimitationClock
from domain.time.deadline import Deadline
from domain.vocabulary import (
    Act,
    ClosureReason,
    ConsentScope,
    Domain,
    FilingChannel,
    FilingStatus,
    MailReason,
    Outcome,
    PauseReason,
    PieceStatus,
    ReferralStatus,
    Role,
    ScanState,
    Standing,
    Step,
)

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
    _print_parts(case)
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


def _print_parts(case: Case) -> None:
    parts = Table(box=None, padding=(0, 2), show_header=False)
    for consent in case.consents:
        state = _("withdrawn") if consent.withdrawn_at else _("standing")
        given = ", ".join(filter(None, [label(consent.given.scope, ConsentScope), consent.given.recipient]))
        parts.add_row(consent.id, _("Consent"), given, state)
    for referral in case.referrals:
        parts.add_row(referral.id, _("Referral"), referral.partner, label(referral.status, ReferralStatus))
    for toll in case.tolls:
        state = _("taken back") if toll.retracted else _("standing")
        days = f"{on(toll.toll.from_day)} - {on(toll.toll.until) if toll.toll.until else ''}"
        about = f"{_(GROUNDS[toll.toll.ground].label)}, {some(toll.toll.clocks)}"
        parts.add_row(toll.id, _("Suspension or interruption"), about, f"{days} ({state})")
    for start in case.starts:
        state = _("taken back") if start.retracted else _("standing")
        parts.add_row(start.id, _("Starting point"), start.start.clock, f"{on(start.start.on)} ({state})")
    for letter in case.letters:
        parts.add_row(letter.id, _("Letter"), f"{lever_name(letter.lever)} ({some(letter.pieces)})", on(letter.due))
    for filing in case.filings:
        way = ", ".join(filter(None, [label(filing.channel, FilingChannel), filing.register_number]))
        parts.add_row(filing.id, _("Filing"), way, label(filing.status, FilingStatus))
        for request in filing.open_requests:
            until = _("answer due {day}", day=on(request.due))
            parts.add_row(f"{filing.id} {request.id}", _("The Defender awaits an answer"), request.asked, until)
    wanted = [piece for piece in case.pieces if piece.status is PieceStatus.WANTED]
    for piece in case.pieces:
        if piece.status is not PieceStatus.WANTED:
            parts.add_row(piece.id, _("Piece"), piece_name(piece.id, piece.label), label(piece.status, PieceStatus))
    if wanted:
        parts.add_row("", _("Pieces"), some([p.id for p in wanted]), _("{count} wanted", count=len(wanted)))
    for file in case.files:
        state = label(file.scan, ScanState) if file.is_held else _("removed")
        parts.add_row(file.id, _("File"), f"{file.piece}, {file.filename}", state)
    if (found := case.assessment) is not None:
        legs = ((_("treatment"), found.treatment), (_("ground"), found.ground), (_("link"), found.link))
        parts.add_row("", _("Proof"), ", ".join(f"{leg}: {label(s, Standing).lower()}" for leg, s in legs), "")
    for failed in case.undelivered:
        parts.add_row("!", Text(_("Not delivered"), "red"), failed.account, label(failed.reason, MailReason))
    if case.pause is not None:
        until = _("until {day}", day=on(case.pause.until))
        parts.add_row("", _("Pause"), label(case.pause.reason, PauseReason), until)
    for closure in case.closures:
        parts.add_row("", _("Closure"), label(closure.reason, ClosureReason), label(closure.outcome, Outcome))
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
