"""The mails that were sent, that wait, and that did not arrive."""

from typing import Annotated

import typer
from rich.text import Text

from cli import read
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.pages.words import on, when
from cli.say import _, answering, as_json, console, label
from cli.stack.place import find
from desk import mails
from desk.views.mails import MailView
from domain.vocabulary import MailKind, MailReason, MailState


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
        in_state = None if code is None else MailState[code]
        view = mails.list_mails(office, actor, state=in_state, reference=reference, limit=limit)
        if machine:
            as_json(view)
            return
        for mail in view.mails:
            _print_mail(mail)
        console.print(Text(_("Mails: {count}.", count=len(view.mails)), "dim"))


_STYLES = {MailState.UNDELIVERED: "bold red", MailState.WAITING: "yellow", MailState.SENT: "green"}


def _print_mail(mail: MailView) -> None:
    day = "" if mail.day is None else on(mail.day)
    about = mail.reference or _("{kind} of {day}", kind=label(mail.kind, MailKind), day=day)
    console.print(
        Text.assemble(
            (about, "bold"),
            f"  {mail.account}  ",
            (label(mail.state, MailState), _STYLES.get(mail.state, "dim")),
            f"  {when(mail.settled_at or mail.tried_at or mail.not_before)}",
        )
    )
    if mail.reason:
        console.print(Text(f"                {label(mail.reason, MailReason)}", "dim"))
