"""Finding cases by whom they are about, and the journal of who read what."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.words import when
from cli.say import Usage, _, answering, as_json, console, label
from cli.stack.place import find
from domain.errors import Refused
from domain.vocabulary import Domain, ErasureReason, Outcome, Role, Step
from models.keys import JOURNAL

if TYPE_CHECKING:
    from domain.identity import Mark
    from models.certificate import Certificate
    from models.journal import Noted

_LISTED = ("reference", "step", "domain", "holder", "organisation", "received_at")


def find_cases(
    name: Annotated[
        str | None, typer.Option(help=_("First and last name, in any order; - reads it from standard input."))
    ] = None,
    mail: Annotated[str | None, typer.Option(help=_("E-mail address; - reads it from standard input."))] = None,
    phone: Annotated[str | None, typer.Option(help=_("Telephone number; - reads it from standard input."))] = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from models import journal
    from models.finding import cases_marked

    with answering(machine):
        wanted = _wanted({"name": name, "mail": mail, "phone": phone})
        office = find(data)
        actor = office.actor(account)
        with office.writing() as tx:  # a search is noted, without what was searched for
            found = cases_marked(tx, actor, office.keys.digest, wanted)
            journal.note(tx, office.keys.of(JOURNAL), actor, journal.Access.FIND, why=why, found=len(found))
        if machine:
            listed = [{name: getattr(row, name) for name in _LISTED} for row in found]
            as_json({"total": len(found), "cases": listed})
            return
        for row in found:
            what = f"  {label(row.step, Step)}, {label(row.domain, Domain)}, {row.holder}, {when(row.received_at)}"
            console.print(Text.assemble((row.reference, "bold"), what))
        console.print(Text(_("Cases found: {count}.", count=len(found)), "dim"))


def _wanted(given: dict[str, str | None]) -> "Mark":
    from domain.identity import Trait, mark

    said = [(trait, text) for trait, text in given.items() if text is not None]
    if len(said) != 1:
        raise Usage(
            "find_by", "A search goes by one thing: a name, an e-mail or a telephone number.", "Give one of the three."
        )
    trait, text = said[0]
    found = mark(Trait(trait), sys.stdin.readline() if text == "-" else text)
    if found is None:
        raise Usage("nothing_to_find", "There is nothing in it to search for.", "Write it as it is known.", field=trait)
    return found


def show_journal(
    of: Annotated[str | None, typer.Option("--of", metavar="ACCOUNT", help=_("Only what this account did."))] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="REF", help=_("Only what concerns this case."))] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=_("How many at most."))] = 100,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from cli import read
    from models import journal

    with answering(machine):
        office = find(data)
        actor = office.actor(account)
        if actor.role is not Role.AUDITOR:
            raise Refused(
                "journal_for_auditors",
                "The access journal is read by auditors.",
                "Ask one of them.",
                field="as",
            )
        reference = None if case is None else read.reference(case, "case")
        key = office.keys.of(JOURNAL)
        with office.writing() as tx:  # reading it is itself an entry
            journal.note(tx, key, actor, journal.Access.JOURNAL, reference=reference, why=why)
            found = journal.entries(tx, key, account=of, reference=reference, limit=limit)
            broken = journal.broken_entry(tx)
        if machine:
            as_json(
                {
                    "broken": broken,
                    "entries": [
                        {"number": one.number, "at": one.at, **one.reading.model_dump(mode="json")} for one in found
                    ],
                }
            )
            return
        _print_journal(found)
        if broken is not None:
            console.print(Text(_("Entry {number} does not follow from the one before it.", number=broken), "bold red"))


def certificate(
    ref: Annotated[str, typer.Argument(metavar="REF", help=_("The reference of a case."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    from cli import read
    from models.certificate import certificate_of

    with answering(machine):
        office = find(data)
        actor = office.actor(account)
        reference = read.reference(ref)
        with office.writing() as tx:
            found = certificate_of(tx, office.keys, actor, reference)
        if machine:
            as_json(found.model_dump(mode="json"))
            return
        _print_certificate(found)


def _print_certificate(found: "Certificate") -> None:
    facts = found.facts
    said = [
        (_("Case"), found.reference),
        (_("Erased"), f"{when(found.erased_at)}, {found.erased_by}"),
        (_("Proposed by"), facts.proposed_by or ""),
        (_("Reason"), label(facts.reason, ErasureReason)),
        (_("Key destroyed"), when(found.key_destroyed_at)),
        (_("Key"), f"{found.key_made_at.isoformat()} / {found.master_key}"),
        (_("Lines of history"), str(found.lines)),
        (_("Last line"), found.head),
        (_("Chain"), _("holds") if found.chain_holds else _("is broken")),
        (_("Domain"), label(facts.domain, Domain)),
        (_("Outcome"), label(facts.outcome, Outcome)),
        (_("Digest of this certificate"), found.digest),
    ]
    table = Table.grid(padding=(0, 2))
    for name, value in said:
        if value:
            table.add_row(Text(name, "dim"), Text(value))
    console.print(Text(_("Certificate of destruction"), "bold"))
    console.print(table)
    console.print(Text(_("Nothing that a person said can be read again, here or in any copy."), "italic"))


def _print_journal(found: "list[Noted]") -> None:
    table = Table.grid(padding=(0, 2))
    for one in found:
        said = one.reading
        table.add_row(
            str(one.number),
            when(one.at),
            said.account,
            label(said.role, Role),
            said.access.value,
            said.reference or "",
            Text(said.why or "", "dim"),
        )
    console.print(table)


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
    from cli.commands.decode import Lasts, serve  # loads the engine's library

    with answering(machine):
        serve(find(data), account, why, (listen, port), origin, Lasts(hours, page_hours), machine)
