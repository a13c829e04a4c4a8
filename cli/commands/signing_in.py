"""Inviting people to sign in, and the sessions of those who have: for whoever runs the service."""

from typing import Annotated

import typer
from rich.table import Table

from cli.commands.accounts import ByOption, by
from cli.lazy import group
from cli.options import DataOption, JsonOption
from cli.say import Usage, _, answering, as_json, console, label, plural, words
from cli.stack.place import find
from desk.signin.invitations import invite as make_invitation
from desk.signin.invitations import sign_in_link
from desk.signin.sessions import end_sessions, list_sessions
from domain.actors import OPERATOR
from domain.vocabulary import Means

app = group()


def invite(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    data: DataOption = None,
    asking: ByOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        invited = make_invitation(office, by(office, asking), account)
        if machine:
            as_json(invited)
            return
        until = words().instant(invited.expires_at)
        console.print(_("Hand this to {account}, and to nobody else. It can be used once, until {until}.",
                        account=invited.account, until=until))  # fmt: skip
        console.print(invited.address or invited.token, soft_wrap=True)
        if invited.is_half:
            console.print(_("This is one half. Another administrator makes the other, and hands it over themselves: "
                            "{account} needs both.", account=invited.account))  # fmt: skip


def link(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        address = sign_in_link(find(data), OPERATOR, account).address
        if address is None:
            raise Usage("no_pages", "The pages are not up.", "Start them with: starter.py up.")
        if machine:
            as_json({"address": address})
        else:
            console.print(address, soft_wrap=True)


@app.command("list", help=_("The sessions of everybody: who is signed in, since when, on what."))
def list_everybodys(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        view = list_sessions(find(data), OPERATOR)
        if machine:
            as_json(view)
            return
        table = Table(box=None, padding=(0, 2))
        for name in (_("Account"), _("Means"), _("Device"), _("Since"), _("Last used")):
            table.add_column(name)
        for session in view.sessions:
            made, used = words().instant(session.made_at), words().instant(session.used_at)
            table.add_row(session.account, label(session.means, Means), session.device, made, used)
        console.print(table)


@app.command(help=_("End the sessions of an account or, after a compromise, of everybody; and take invitations back."))
def end(
    account: Annotated[str | None, typer.Argument(metavar="ACCOUNT", show_default=False)] = None,
    all: Annotated[bool, typer.Option("--all", help=_("Those of everybody."))] = False,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        if (account is None) is not all:
            raise Usage("whose_sessions", "Whose sessions is to be said.", "Name an account, or give --all.")
        ended = end_sessions(find(data), OPERATOR, account)
        if machine:
            as_json(ended)
        else:
            console.print(plural("{count} session ended.", "{count} sessions ended.", ended.ended))
