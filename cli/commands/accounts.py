"""The accounts in whose name things are done: opening, changing and closing them, and what a second person confirms."""

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from cli import read
from cli.lazy import group
from cli.options import DataOption, JsonOption
from cli.pages.words import when
from cli.say import _, answering, as_json, console, label, wait_for
from cli.stack.place import find
from desk import accounts
from desk.office import Office
from desk.views.account import AccountLineView, AccountView
from domain.accounts.events import Standing
from domain.accounts.giving import ACCOUNT_ROLES
from domain.actors import OPERATOR, Actor
from domain.reference import METROPOLISES
from domain.vocabulary import Role

app = group()

BOTH = "BOTH"

NameArgument = Annotated[str, typer.Argument(metavar="ACCOUNT")]
_ROLES = typer.Option(help=_("CASE_WORKER, SUPERVISOR, PLAN_LEAD, AUDITOR, ADMINISTRATOR or PARTNER."))
_TEAM = typer.Option(help=_("The team it acts for."))
GivenRole = Annotated[str, _ROLES]
RoleOption = Annotated[str | None, _ROLES]
GivenOrganisation = Annotated[str, _TEAM]
OrganisationOption = Annotated[str | None, _TEAM]
MetropolisOption = Annotated[str | None, typer.Option(help=_("MEL or AMP; BOTH for both."))]
ReasonOption = Annotated[str, typer.Option("--why", metavar="REASON", help=_("Why: it stands in the history."))]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ACCOUNT",
        help=_("The administrator who asks; left out, whoever runs the service, on its own machine."),
        show_default=False,
    ),
]


def by(office: Office, account: str | None) -> Actor:
    """The account that asks or, where none is named, whoever runs the service."""
    return OPERATOR if account is None else office.actor(account)


# --- Looking ---------------------------------------------------------------------------------------------


@app.command("list", help=_("The accounts in whose name things can be done."))
def list_accounts(
    every: Annotated[bool, typer.Option("--all", help=_("The closed ones too."))] = False,
    data: DataOption = None,
    account: ByOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        view = accounts.list_accounts(office, by(office, account), every=every)
        if machine:
            as_json(view)
            return
        table = Table(box=None, padding=(0, 2))
        for name in (_("Account"), _("Role"), _("Organisation"), _("Metropolis"), ""):
            table.add_column(name)
        for each in view.accounts:
            role = label(each.role, Role) if each.role else ""
            table.add_row(each.account, role, each.organisation or "", each.metropolis or "", _state(each))
        console.print(table)


@app.command("history", help=_("What happened to an account, or to all: by whom, when and why."))
def show_history(
    name: Annotated[str | None, typer.Argument(metavar="[ACCOUNT]")] = None,
    data: DataOption = None,
    account: ByOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        view = accounts.list_history(office, by(office, account), name)
        if machine:
            as_json(view)
            return
        for line in view.lines:
            console.print(Text(_told(line)))


# --- Changing --------------------------------------------------------------------------------------------


@app.command("add", help=_("Open an account; some roles wait for a second person to confirm them."))
def add_account(
    name: NameArgument,
    role: GivenRole,
    organisation: GivenOrganisation,
    why: ReasonOption,
    metropolis: MetropolisOption = None,
    data: DataOption = None,
    account: ByOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor = Actor.model_validate({"account": name, **_standing(role, organisation, metropolis)})
        opened = accounts.open_account(office, by(office, account), actor.account, Standing.of(actor), why)
        _answer(opened, machine)


def add_without_reason(
    name: NameArgument,
    role: GivenRole,
    organisation: GivenOrganisation,
    metropolis: MetropolisOption = None,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    """Opens an account as the versions before did, which asked for no reason."""
    add_account(name, role, organisation, "Opened with add-account.", metropolis, data, None, machine)


@app.command("change", help=_("Change the role, the organisation or the metropolis of an account."))
def change_account(
    name: NameArgument,
    why: ReasonOption,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    metropolis: MetropolisOption = None,
    data: DataOption = None,
    account: ByOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        changes = _standing(role, organisation, metropolis)
        _answer(accounts.change_account(office, by(office, account), name, changes, why), machine)


@app.command("close", help=_("Close an account: it is refused from then on, and its open cases are handed over."))
def close_account(
    name: NameArgument,
    why: ReasonOption,
    to: Annotated[
        str | None, typer.Option("--to", metavar="HOLDER", help=_("Who takes its open cases; nobody yet if left out."))
    ] = None,
    data: DataOption = None,
    account: ByOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        closed = wait_for(accounts.close_account(office, by(office, account), name, why, to))
        if machine:
            as_json(closed)
            return
        console.print(_("Closed."))
        if closed.programs:
            names = ", ".join(closed.programs)
            console.print(_("Programs that it had given access to, and that need another: {names}", names=names))
        if closed.cases:
            to_whom = closed.to or _("nobody yet: the supervisors are told")
            console.print(_("Open cases that are handed over: {count}, to {to}.", count=closed.cases, to=to_whom))
            if not closed.started:
                console.print(_("The engine does not answer: they are handed over within the hour once it does."))


@app.command("reopen", help=_("Open a closed account again, as it was. What it held stays with others."))
def reopen_account(
    name: NameArgument,
    why: ReasonOption,
    data: DataOption = None,
    account: ByOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        _answer(accounts.reopen_account(office, by(office, account), name, why), machine)


@app.command("confirm", help=_("Confirm what another administrator has proposed for an account."))
def confirm_account(
    name: NameArgument, data: DataOption = None, account: ByOption = None, machine: JsonOption = False
) -> None:
    with answering(machine):
        office = find(data)
        _answer(accounts.confirm_account(office, by(office, account), name), machine)


@app.command("reject", help=_("Reject what is proposed for an account: nothing changes."))
def reject_account(
    name: NameArgument,
    why: ReasonOption,
    data: DataOption = None,
    account: ByOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        _answer(accounts.reject_account(office, by(office, account), name, why), machine)


def _standing(role: str | None, organisation: str | None, metropolis: str | None) -> dict[str, Any]:
    """What was named of a standing."""
    named: dict[str, Any] = {}
    if role is not None:
        named["role"] = read.code(role, ACCOUNT_ROLES, "role")
    if organisation is not None:
        named["organisation"] = organisation
    if metropolis is not None:
        code = read.code(metropolis, [*METROPOLISES, BOTH], "metropolis")
        named["metropolis"] = None if code == BOTH else code
    return named


def _answer(view: AccountView, machine: bool) -> None:
    if machine:
        as_json(view)
    elif view.proposed:
        console.print(_("Proposed. Another administrator confirms it: account confirm {account}", account=view.account))
    else:
        console.print(_("Done."))


def _state(account: AccountView) -> str:
    if account.proposed:
        role = label(account.proposed.role, Role)
        return _("proposed by {by}: {role}", by=account.proposed.by, role=role)
    return "" if account.active else _("closed")


def _told(line: AccountLineView) -> str:
    standing = line.standing
    given = [label(standing.role, Role), standing.organisation, standing.metropolis or BOTH] if standing else []
    parts = [*given, *(f"{name}: {value}" for name, value in line.others.items()), *([line.why] if line.why else [])]
    if line.alone:
        parts.append(_("nobody else was there to confirm it"))
    return f"{line.number}  {when(line.at)}  {line.account}  {line.what}  {line.by}  {' · '.join(parts)}"
