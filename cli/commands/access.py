"""Finding cases by a person or a respondent, the journal of who read what, and the certificate of an erased case."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli import read
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.words import held_by, when
from cli.say import Usage, _, answering, as_json, console, label, words
from cli.stack.place import find
from desk import certificate as certificates
from desk import finding, journal
from desk.views.certificate import CertificateView, ExportView
from desk.views.journal import JournalEntryView
from domain.identity import Mark, Trait, mark
from domain.vocabulary import Domain, ErasureReason, Outcome, Role, Step

# --- Finding ---------------------------------------------------------------------------------------------


def find_cases(
    name: Annotated[
        str | None, typer.Option(help=_("First and last name, in any order; - reads it from standard input."))
    ] = None,
    mail: Annotated[str | None, typer.Option(help=_("E-mail address; - reads it from standard input."))] = None,
    phone: Annotated[str | None, typer.Option(help=_("Telephone number; - reads it from standard input."))] = None,
    respondent: Annotated[
        str | None, typer.Option(help=_("Name of who is complained of; - reads it from standard input."))
    ] = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        sought = _mark({Trait.NAME: name, Trait.MAIL: mail, Trait.PHONE: phone, Trait.RESPONDENT: respondent})
        office = find(data)
        view = finding.find_cases(office, office.actor(account), sought, why)
        if machine:
            as_json(view)
            return
        for case in view.cases:
            about = (label(case.step, Step), label(case.domain, Domain), held_by(case.holder), when(case.received_at))
            console.print(Text.assemble((case.reference, "bold"), f"  {', '.join(about)}"))
        console.print(Text(_("Cases found: {count}.", count=view.total), "dim"))


def _mark(options: dict[Trait, str | None]) -> Mark:
    typed = [(trait, text) for trait, text in options.items() if text is not None]
    if len(typed) != 1:
        raise Usage(
            "find_by",
            "A search goes by one thing: a name, an e-mail, a telephone number or a respondent.",
            "Give one of the four.",
        )
    trait, text = typed[0]
    sought = mark(trait, sys.stdin.readline() if text == "-" else text)
    if sought is None:
        raise Usage("nothing_to_find", "There is nothing in it to search for.", "Write it as it is known.", field=trait)
    return sought


# --- The journal -----------------------------------------------------------------------------------------


def show_journal(
    of: Annotated[str | None, typer.Option("--of", metavar="ACCOUNT", help=_("Only what this account did."))] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="REF", help=_("Only what concerns this case."))] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=_("How many at most."))] = 100,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor = office.actor(account)
        reference = None if case is None else read.reference(case, "case")
        view = journal.read_journal(office, actor, account=of, reference=reference, limit=limit, why=why)
        if machine:
            as_json(view)
            return
        _print_entries(view.entries)
        if view.broken is not None:
            broken = _("Entry {number} does not follow from the one before it.", number=view.broken)
            console.print(Text(broken, "bold red"))


def _print_entries(entries: Sequence[JournalEntryView]) -> None:
    table = Table.grid(padding=(0, 2))
    for entry in entries:
        table.add_row(
            _("not chained yet") if entry.number is None else str(entry.number),
            when(entry.at),
            entry.account,
            label(entry.role, Role),
            words().access(entry.access),
            entry.reference or "",
            Text(entry.why or ("" if entry.found is None else str(entry.found)), "dim"),
        )
    console.print(table)


# --- The certificate of destruction ----------------------------------------------------------------------


def certificate(
    ref: Annotated[str, typer.Argument(metavar="REF", help=_("The reference of a case."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor = office.actor(account)
        view = certificates.certificate_of(office, actor, read.reference(ref))
        if machine:
            as_json(view)
        else:
            _print_certificate(view)


def _print_certificate(view: CertificateView) -> None:
    facts = view.facts
    rows = [
        (_("Case"), view.reference),
        (_("Erased"), f"{when(view.erased_at)}, {view.erased_by}"),
        (_("Proposed by"), facts.proposed_by or ""),
        (_("Reason"), label(facts.reason, ErasureReason)),
        (_("Key destroyed"), when(view.key_destroyed_at)),
        (_("Key"), f"{view.key_made_at.isoformat()} / {view.master_key}"),
        (_("Lines of history"), str(view.lines)),
        (_("Last line"), view.head),
        (_("Chain"), _("holds") if view.chain_holds else _("is broken")),
        (_("Domain"), label(facts.domain, Domain)),
        (_("Outcome"), label(facts.outcome, Outcome)),
        (_("Digest of this certificate"), view.digest),
    ]
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        if value:
            table.add_row(Text(name, "dim"), Text(value))
    console.print(Text(_("Certificate of destruction"), "bold"))
    console.print(table)
    console.print(Text(_("What is kept here of the case, also in back-ups, can be read no more."), "italic"))
    _print_exports(view.exports)


def _print_exports(exports: Sequence[ExportView]) -> None:
    """What left this system before the erasure, as far as the journal knows: no erasure reaches it."""
    if not exports:
        console.print(Text(_("The journal knows of nothing that was exported."), "italic"))
        return
    console.print(Text(_("Exported before, and out of reach of the erasure:"), "bold"))
    for export in exports:
        console.print(f"  {when(export.at)}  {export.account}  {export.file or ''}".rstrip())


# --- The engine's own pages ------------------------------------------------------------------------------


def codec(
    account: AsOption,
    why: Annotated[str, typer.Option("--why", metavar="REASON", help=_("Why: it stands in the access journal."))],
    port: Annotated[int, typer.Option(min=0, max=65535, help=_("Port on the loopback; 0: any."))] = 8081,
    listen: Annotated[
        str, typer.Option(metavar="ADDRESS", help=_("Where to listen, if the loopback is a container's own."))
    ] = "127.0.0.1",
    origin: Annotated[
        str | None,
        typer.Option(metavar="URL", help=_("The one page that may ask from a browser, as http://localhost:8233.")),
    ] = None,
    hours: Annotated[int, typer.Option(min=1, max=24, help=_("For how long the token is good."))] = 8,
    page_hours: Annotated[
        int,
        typer.Option("--page-hours", min=1, max=8, help=_("For how long the address for the engine's pages is good.")),
    ] = 1,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    from cli.commands.decode import serve  # loads the engine's library

    with answering(machine):
        office = find(data)
        actor, at = office.actor(account), (listen, port)
        serve(office, actor, why, at=at, origin=origin, hours=hours, page_hours=page_hours, machine=machine)
