"""The alerts that stand on the cases an account may see."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.pages.due import addressed
from cli.pages.words import awaited, held_by, when
from cli.say import _, answering, as_json, console
from cli.stack.place import find
from desk import alerts
from desk.views.alerts import AlertView
from domain.vocabulary import Level


def list_alerts(
    mine: Annotated[
        bool, typer.Option("--mine", help=_("Only those addressed to me, or to somebody I stand in for."))
    ] = False,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        view = alerts.list_alerts(office, office.actor(account), mine=mine)
        if machine:
            as_json(view)
            return
        print_alerts(view.alerts)
        if view.undelivered:
            template = "Mails that were not delivered: {count}. See: starter.py mails --state UNDELIVERED"
            console.print(Text(_(template, count=view.undelivered), "bold red"))
        for hour in view.denied:
            template = "{account}: refusals within an hour, from {began}: {count}. See: starter.py journal"
            refused = _(template, account=hour.account, count=hour.count, began=when(hour.began))
            console.print(Text(refused, "bold red"))


def print_alerts(standing: Sequence[AlertView]) -> None:
    """Alerts for people: what each is about, at which level, and the key by which it is answered."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for alert in standing:
        about = awaited(alert.kind, alert.part, alert.key)
        style = "bold red" if alert.level != Level.CASE_WORKER else "yellow"
        level = f" · {addressed(alert.level, alert.below)} · {held_by(alert.holder)}"
        if alert.to_nobody:
            level += " · " + _("nobody has this role here: the next level is told")
        key = (f"\n{when(alert.due)}  {alert.key}", "dim")
        table.add_row(alert.reference, Text.assemble((about, style), level, key))
    if standing:
        console.print(table)
    console.print(Text(_("Standing alerts: {count}.", count=len(standing)), "dim"))
    if standing:
        console.print(
            Text(_("Each ends by a decision: submit REF answer_alert --set alert=KEY --set decision=..."), "dim")
        )
