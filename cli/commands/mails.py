"""The mails that were sent, that wait, and that did not arrive."""

from typing import Annotated, Any

import typer
from rich.text import Text
from sqlalchemy.engine import Row

from cli import read
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.pages.words import on, when
from cli.say import _, answering, as_json, console, label
from cli.stack.place import find
from domain.permissions import no_such_case
from domain.vocabulary import MailKind, MailReason, MailState
from models import cases, mails


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
