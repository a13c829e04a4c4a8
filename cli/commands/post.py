"""Mails: how one wants to be written to, what was sent and what did not arrive, and what happens by the calendar."""

import sys
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.table import Table
from rich.text import Text
from sqlalchemy.engine import Row

from cli import read
from cli.lazy import group
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.pages.words import on, when
from cli.say import Usage, _, answering, as_json, console, invalid, label
from cli.stack.place import find
from domain.actors import Actor
from domain.messages.people import Preferences, require_told
from domain.permissions import no_such_case
from domain.vocabulary import MailKind, MailReason, MailState, MailWhen
from models import cases, mails
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


# --- Mails -----------------------------------------------------------------------------------------------


def list_mails(
    state: Annotated[
        str | None, typer.Option("--state", help=_("Only these: WAITING, SENT, DROPPED or UNDELIVERED."))
    ] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="REF", help=_("Only those about this case."))] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=_("How many at most."))] = 50,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        code = read.code(state, [*MailState], "state")
        office = find(data)
        actor = office.actor(account)
        reference = None if case is None else read.reference(case, "case")
        with office.reading() as tx:
            if reference is not None and cases.find_case(tx, actor, reference) is None:
                raise no_such_case("case")
            wanted = None if code is None else MailState[code]
            found = mails.list_mails(tx, actor, state=wanted, reference=reference, limit=limit)
        if machine:
            as_json({"mails": [_mail_json(row) for row in found]})
            return
        for row in found:
            _print_mail(row)
        console.print(Text(_("Mails: {count}.", count=len(found)), "dim"))


def _mail_json(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "kind", "account", "instead_of", "reference", "day", "state", "reason", "tries",
             "not_before", "tried_at", "settled_at")  # fmt: skip
    return {name: getattr(row, name) for name in names} | {"alerts": row.alerts.splitlines()}


_STYLES = {MailState.UNDELIVERED: "bold red", MailState.WAITING: "yellow", MailState.SENT: "green"}


def _print_mail(row: Row[Any]) -> None:
    about = row.reference or _("{kind} of {day}", kind=label(row.kind, MailKind), day=on(row.day))
    state = MailState[row.state]
    console.print(
        Text.assemble(
            (about, "bold"),
            f"  {row.account}  ",
            (label(state, MailState), _STYLES.get(state, "dim")),
            f"  {when(row.settled_at or row.tried_at or row.not_before)}",
        )
    )
    if row.reason:
        console.print(Text(f"                {label(row.reason, MailReason)}", "dim"))
