"""Preferences: how people want to be written to."""

import sys
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from cli.lazy import group
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.say import Usage, _, answering, as_json, console, invalid, label
from cli.stack.place import find
from domain.actors import Actor
from domain.messages.people import Preferences, require_told
from domain.vocabulary import MailWhen
from models.preferences import preferences_of, set_preferences

app = group()


# --- Preferences -----------------------------------------------------------------------------------------


@app.command("show", help=_("The preferences of an account; its address is shown to itself only."))
def show_preferences(data: DataOption = None, account: AsOption = DEFAULT_ACCOUNT, machine: JsonOption = False) -> None:
    with answering(machine):
        office = find(data)
        actor = office.actor(account)
        with office.reading() as tx:
            _say(actor, preferences_of(tx, actor.account), machine)


@app.command("set", help=_("Change them; what is not named stays as it is."))
def change_preferences(
    address: Annotated[
        bool,
        typer.Option(
            "--mail", help=_("Read the e-mail address from standard input (an empty line: none). Never on this line.")
        ),
    ] = False,
    wanted: Annotated[
        str | None, typer.Option("--when", metavar="WHEN", help=_("DIGEST, IMMEDIATE, BOTH or LAW_ONLY."))
    ] = None,
    hour: Annotated[
        int | None, typer.Option("--hour", help=_("From which hour the digest may come (6 to 19)."))
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help=_("fr or en."))] = None,
    grace: Annotated[
        int | None, typer.Option("--grace", help=_("Hours for which an alert is left alone before it is mailed."))
    ] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor = office.actor(account)
        given = {"when": wanted and wanted.upper(), "hour": hour, "language": language, "grace": grace}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if address:
            changes["address"] = _address()
        if not changes:
            raise Usage("no_preference", "Nothing was asked for.", "Name what to change: --mail, --when, --hour...")
        with office.writing() as tx:
            before = preferences_of(tx, actor.account)
            try:
                after = Preferences.model_validate(before.model_dump() | changes)
            except ValidationError as error:
                raise invalid(error) from None
            require_told(actor, after)
            set_preferences(tx, actor.account, after)
        _say(actor, after, machine)


def _address() -> str | None:
    """An address belongs on no command line: other programs and the shell's history would see it."""
    if sys.stdin.isatty():
        console.print(_("E-mail address (an empty line: none):"))
    return sys.stdin.readline().strip() or None


def _say(actor: Actor, found: Preferences, machine: bool) -> None:
    if machine:
        as_json({"account": actor.account, **found.model_dump(mode="json")})
        return
    table = Table.grid(padding=(0, 2))
    for name, value in (
        (_("Address"), found.address or _("none: nothing can be sent")),
        (_("Alerts"), label(found.when, MailWhen)),
        (_("Digest from"), _("{hour}:00, on working days", hour=found.hour)),
        (_("Language"), found.language),
        (_("Grace"), _("{hours} h, time limits of the law excepted", hours=found.grace)),
    ):
        table.add_row(Text(name, "dim"), Text(value))
    console.print(table)
