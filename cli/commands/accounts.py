"""The accounts in whose name things are done."""

from typing import Annotated

import typer
from rich.table import Table

from cli import read
from cli.options import DataOption, JsonOption
from cli.say import _, answering, as_json, console, label
from cli.stack.place import find
from desk.accounts import ACCOUNT_ROLES, active_accounts
from desk.accounts import add_account as add
from domain.actors import OPERATOR, Actor
from domain.reference import METROPOLISES
from domain.vocabulary import Role


def list_accounts(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        view = active_accounts(find(data), OPERATOR)
        if machine:
            as_json(view)
            return
        table = Table(box=None, padding=(0, 2))
        for name in (_("Account"), _("Role"), _("Organisation"), _("Metropolis")):
            table.add_column(name)
        for account in view.accounts:
            table.add_row(account.account, label(account.role, Role), account.organisation, account.metropolis or "")
        console.print(table)


def add_account(
    name: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    role: Annotated[str, typer.Option(help=_("CASE_WORKER, SUPERVISOR, PLAN_LEAD, AUDITOR or PARTNER."))],
    organisation: Annotated[str, typer.Option(help=_("The team it acts for."))],
    metropolis: Annotated[str | None, typer.Option(help=_("MEL or AMP; none for both."))] = None,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:

    with answering(machine):
        fields = {
            "account": name,
            "role": read.code(role, ACCOUNT_ROLES, "role"),
            "organisation": organisation,
            "metropolis": read.code(metropolis, [*METROPOLISES], "metropolis"),
        }
        added = add(find(data), OPERATOR, Actor.model_validate(fields))
        if machine:
            as_json(added)
        else:
            console.print(_("Added."))
