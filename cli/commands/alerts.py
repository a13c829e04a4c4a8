"""The alerts that stand on the cases an account may see."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy.engine import Row

from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.pages.words import awaited, when
from cli.say import _, answering, as_json, console, label
from cli.stack.place import find
from domain.levels import OVERSEERS
from domain.values import day_of
from domain.vocabulary import Level
from models import mails
from models.alerts import standing_alerts


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
        actor = office.actor(account)
        with office.reading() as tx:
            today = day_of(datetime.now(UTC))
            found = standing_alerts(tx, actor, mine_on=today if mine else None)
            failed = mails.failing(tx, actor, today - mails.A_WEEK) if actor.role in OVERSEERS else []
        if machine:
            alerts = [_alert_json(row) for row in found]
            as_json({"total": len(found), "alerts": alerts, "undelivered": len(failed)})
            return
        _print_alerts(found)
        if failed:
            template = "Mails that were not delivered: {count}. See: starter.py mails --state UNDELIVERED"
            said = _(template, count=len(failed))
            console.print(Text(said, "bold red"))


_ALERT = ("reference", "key", "kind", "level", "part", "due", "raised_at", "step", "domain", "holder", "organisation")


def _alert_json(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _ALERT}


def _print_alerts(found: Sequence[Row[Any]]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for row in found:
        about = awaited(row.kind, row.part, row.key)
        style = "bold red" if row.level != Level.CASE_WORKER else "yellow"
        who = f" · {label(row.level, Level)} · {row.holder}"
        table.add_row(row.reference, Text.assemble((about, style), who, (f"\n{when(row.due)}  {row.key}", "dim")))
    if found:
        console.print(table)
    console.print(Text(_("Standing alerts: {count}.", count=len(found)), "dim"))
    if found:
        console.print(
            Text(_("Each ends by a decision: submit REF answer_alert --set alert=KEY --set decision=..."), "dim")
        )
