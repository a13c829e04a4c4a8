"""A case, a history and a list of cases, as people read them on a terminal and as machines take them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.say import _, console, label
from domain.case import Case
from domain.deadline import Deadline
from domain.events import Entry
from domain.reference import criteria, evidence, territories
from domain.values import PARIS
from domain.vocabulary import (
    Act,
    ClosureReason,
    DeadlineKind,
    Domain,
    FilingStatus,
    Level,
    Outcome,
    PieceStatus,
    ReferralStatus,
    Role,
    Standing,
    Step,
)
from kit.i18n import language
from models.cases import Page


def when(instant: datetime | None, *, minutes: bool = True) -> str:
    """An instant as people here write it: Paris time."""
    if instant is None:
        return ""
    local = instant.astimezone(PARIS)
    if language() == "fr":
        return local.strftime("%d/%m/%Y %H:%M" if minutes else "%d/%m/%Y")
    return local.strftime("%Y-%m-%d %H:%M" if minutes else "%Y-%m-%d")


def place_name(commune: str | None, neighbourhood: str | None, metropolis: str | None) -> str:
    """Where it is, by name."""
    names = [territories()[code].name for code in (neighbourhood, commune) if code]
    return ", ".join(names) or (metropolis or "")


def criterion_name(code: str) -> str:
    """What a ground is called."""
    found = criteria()[code]
    return found.label_fr if language() == "fr" else found.label_en


def piece_name(code: str, own: str | None) -> str:
    """What a piece is called."""
    if own is not None:
        return own
    item = evidence()[code]
    return item.label_fr if language() == "fr" else item.label_en


# --- One case --------------------------------------------------------------------------------------------


def case_json(case: Case, agenda: Sequence[Deadline], offered: Sequence[str]) -> dict[str, Any]:
    """A case for machines."""
    data = case.model_dump(mode="json")
    data |= {
        "stalled": case.is_stalled,
        "agenda": [d.model_dump(mode="json") | {"key": d.key} for d in agenda],
        "offered": list(offered),
    }
    return data


def print_case(case: Case, agenda: Sequence[Deadline], offered: Sequence[str]) -> None:
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
    _print_agenda(agenda)
    if offered:
        console.print(Text.assemble((_("May be asked:") + " ", "dim"), ", ".join(offered)))


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
        parts.add_row(consent.id, _("Consent"), f"{consent.given.scope} {consent.given.recipient or ''}", state)
    for referral in case.referrals:
        parts.add_row(referral.id, _("Referral"), referral.partner, label(referral.status, ReferralStatus))
    for filing in case.filings:
        number = filing.register_number or ""
        parts.add_row(filing.id, _("Filing"), f"{filing.channel} {number}", label(filing.status, FilingStatus))
    wanted = [piece for piece in case.pieces if piece.status is PieceStatus.WANTED]
    for piece in case.pieces:
        if piece.status is not PieceStatus.WANTED:
            parts.add_row(
                piece.id, _("Piece"), Text(piece_name(piece.id, piece.label)), label(piece.status, PieceStatus)
            )
    if wanted:
        named = ", ".join(piece.id for piece in wanted[:8]) + (" ..." if len(wanted) > 8 else "")
        parts.add_row("", _("Pieces"), named, _("{count} wanted", count=len(wanted)))
    if (found := case.assessment) is not None:
        legs = ((_("treatment"), found.treatment), (_("ground"), found.ground), (_("link"), found.link))
        parts.add_row("", _("Proof"), ", ".join(f"{leg}: {label(s, Standing).lower()}" for leg, s in legs), "")
    for alert in case.standing_alerts:
        parts.add_row("!", Text(label(alert.level, Level), "red"), label(alert.kind, DeadlineKind), alert.key)
    if case.pause is not None:
        parts.add_row("", _("Pause"), case.pause.reason, _("until {day}", day=case.pause.until.isoformat()))
    for closure in case.closures:
        parts.add_row("", _("Closure"), label(closure.reason, ClosureReason), label(closure.outcome, Outcome))
    if parts.row_count:
        console.print(parts)


def _print_agenda(agenda: Sequence[Deadline]) -> None:
    if not agenda:
        return
    table = Table(box=None, padding=(0, 2), show_header=False)
    for deadline in agenda[:6]:
        counted = _(deadline.counted, days=deadline.days or "")
        about = f"{label(deadline.kind, DeadlineKind)} {deadline.part or ''}".strip()
        table.add_row(when(deadline.due), about, label(deadline.level, Level), Text(counted, "dim"))
    console.print(Text(_("What comes next"), "bold"))
    console.print(table)


# --- A history -------------------------------------------------------------------------------------------


def entry_json(entry: Entry) -> dict[str, Any]:
    """A line of a history for machines."""
    return {
        "version": entry.version,
        "tag": entry.event.tag,
        "actor": entry.actor.account,
        "role": entry.actor.role,
        "organisation": entry.actor.organisation,
        "happened_at": entry.happened_at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "command_id": entry.command_id,
        "event": entry.event.model_dump(mode="json"),
    }


def print_history(entries: Sequence[Entry]) -> None:
    """A history for people: who did what, when it happened and when it was recorded."""
    table = Table(box=None, padding=(0, 2))
    for name in ("", _("Event"), _("By"), _("Happened"), _("Recorded"), ""):
        table.add_column(name, style="dim" if name == "" else None, overflow="fold")
    for entry in entries:
        who = f"{entry.actor.account} ({label(entry.actor.role, Role)})"
        said = entry.event.model_dump(mode="json", exclude={"tag", "complaint", "pieces"}, exclude_none=True)
        detail = ", ".join(f"{key}={value}" for key, value in said.items())
        table.add_row(
            str(entry.version),
            event_name(entry.event.tag),
            who,
            when(entry.happened_at),
            when(entry.recorded_at),
            Text(detail[:160], "dim"),
        )
    console.print(table)


def event_name(tag: str) -> str:
    """What an event is called: its tag in words."""
    return _(tag.partition(".")[0].replace("_", " ").capitalize())


# --- A list of cases -------------------------------------------------------------------------------------

_LISTED = (
    "reference",
    "version",
    "step",
    "domain",
    "metropolis",
    "commune",
    "neighbourhood",
    "holder",
    "organisation",
    "received_at",
    "opened_at",
    "progress_at",
    "stalled",
    "next_due",
    "next_kind",
    "outcome",
    "closure_reason",
    "fictitious",
)


def page_json(page: Page) -> dict[str, Any]:
    """A page of a list for machines."""
    return {
        "total": page.total,
        "cases": [{name: _plain(getattr(row, name)) for name in _LISTED} for row in page.rows],
        "next": page.next,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def print_page(page: Page) -> None:
    """A page of a list for people."""
    table = Table(box=None, padding=(0, 2))
    for name in (_("Case"), _("Step"), _("Domain"), _("Place"), _("Holder"), _("Received"), _("What comes next"), ""):
        table.add_column(name, overflow="fold", no_wrap=name == _("Case"))
    for row in page.rows:
        due = f"{when(row.next_due, minutes=False)} {label(row.next_kind, DeadlineKind)}" if row.next_due else ""
        table.add_row(
            row.reference,
            label(row.step, Step),
            label(row.domain, Domain),
            place_name(row.commune, row.neighbourhood, row.metropolis),
            row.holder,
            when(row.received_at, minutes=False),
            due,
            Text(_("STALLED"), "bold red") if row.stalled else "",
        )
    console.print(table)
    console.print(Text(_("{shown} of {total} cases.", shown=len(page.rows), total=page.total), "dim"))
    if page.next:
        console.print(Text(_("Go on with: --after {reference}", reference=page.next), "dim"))
