"""The accounts in whose name things are done."""

from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.table import Table

from cli import read
from cli.options import DataOption, JsonOption
from cli.say import _, answering, as_json, console, label
from cli.stack.place import find
from domain.actors import Actor
from domain.errors import Refused
from domain.reference import METROPOLISES
from domain.vocabulary import Role
from models import accounts


def list_accounts(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        place = find(data)
        with place.reading() as tx:
            found = accounts.all_accounts(tx)
        if machine:
            as_json({"accounts": [actor.model_dump(mode="json") for actor in found]})
            return
        table = Table(box=None, padding=(0, 2))
        for name in (_("Account"), _("Role"), _("Organisation"), _("Metropolis")):
            table.add_column(name)
        for actor in found:
            table.add_row(actor.account, label(actor.role, Role), actor.organisation, actor.metropolis or "")
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
        roles = [role for role in Role if role not in (Role.SYSTEM, Role.COMPLAINANT)]
        said = {
            "account": name,
            "role": read.code(role, roles, "role"),
            "organisation": organisation,
            "metropolis": read.code(metropolis, [*METROPOLISES], "metropolis"),
        }
        actor = TypeAdapter(Actor).validate_python(said)
        place = find(data)
        with place.writing() as tx:
            added = accounts.add_account(tx, actor)
        if not added:
            raise Refused(
                "account_taken",
                "There is an account named {account} already.",
                "Choose another name.",
                field="account",
                account=name,
            )
        if machine:
            as_json(actor.model_dump(mode="json"))
        else:
            console.print(_("Added."))
