"""Absences: saying that one is away and who stands in, and changing one's mind."""

import re
from datetime import date
from typing import Annotated

import typer
from rich.table import Table

from cli.asking import misuse
from cli.lazy import group
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.say import Usage, _, answering, as_json, console
from cli.stack.place import find
from desk.absences import cancel_absence, change_absence, list_absences, note_absence

app = group()

FirstDayArgument = Annotated[str, typer.Argument(metavar="DAY", help=_("The first day of the absence."))]


def absent(
    delegate: Annotated[str, typer.Option("--delegate", metavar="ACCOUNT", help=_("Who stands in."))],
    first_day: Annotated[str, typer.Option("--from", metavar="DAY", help=_("First day, as 2026-03-31."))],
    last_day: Annotated[str, typer.Option("--to", metavar="DAY", help=_("Last day."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor = office.actor(account)
        first, last = _day(first_day, "from"), _day(last_day, "to")
        with misuse():
            absence = note_absence(office, actor, delegate, first, last)
        if machine:
            as_json(absence)
        else:
            console.print(_("Noted."))


@app.command("list", help=_("Who is away, today or later, and who stands in."))
def show_absences(data: DataOption = None, account: AsOption = DEFAULT_ACCOUNT, machine: JsonOption = False) -> None:
    with answering(machine):
        office = find(data)
        view = list_absences(office, office.actor(account))
        if machine:
            as_json(view)
            return
        table = Table(box=None, padding=(0, 2))
        for name in (_("Account"), _("From"), _("To"), _("Stands in")):
            table.add_column(name)
        for each in view.absences:
            table.add_row(each.account, each.first_day.isoformat(), each.last_day.isoformat(), each.delegate)
        console.print(table)


@app.command("change", help=_("Change the days of an absence of yours, or who stands in."))
def change(
    day: FirstDayArgument,
    delegate: Annotated[str | None, typer.Option("--delegate", metavar="ACCOUNT", help=_("Who stands in."))] = None,
    first_day: Annotated[str | None, typer.Option("--from", metavar="DAY", help=_("First day."))] = None,
    last_day: Annotated[str | None, typer.Option("--to", metavar="DAY", help=_("Last day."))] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        changes: dict[str, str | date] = {} if delegate is None else {"delegate": delegate}
        for name, text, option in (("first_day", first_day, "from"), ("last_day", last_day, "to")):
            if text is not None:
                changes[name] = _day(text, option)
        with misuse():
            changed = change_absence(office, office.actor(account), _day(day, "day"), changes)
        if machine:
            as_json(changed)
        else:
            console.print(_("Noted."))


@app.command("cancel", help=_("Cancel an absence of yours: from now on you are told yourself."))
def cancel(
    day: FirstDayArgument, data: DataOption = None, account: AsOption = DEFAULT_ACCOUNT, machine: JsonOption = False
) -> None:
    with answering(machine):
        office = find(data)
        with misuse():
            cancelled = cancel_absence(office, office.actor(account), _day(day, "day"))
        if machine:
            as_json(cancelled)
        else:
            console.print(_("Cancelled."))


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(text: str, field: str) -> date:
    if not _ISO_DAY.fullmatch(text):
        raise Usage("bad_day", "{field} is not a date.", "Write it as 2026-03-31.", field=field)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage("bad_day", "{field} is not a date that exists.", "Write it as 2026-03-31.", field=field) from None
