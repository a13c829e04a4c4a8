"""Links for those without an account: giving somebody access to what is theirs of a case, and ending it."""

import uuid
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli import read
from cli.asking import stopped_waiting
from cli.history import ReferenceArgument
from cli.lazy import group
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption
from cli.pages.words import on, when
from cli.say import _, answering, as_json, console, label, wait_for
from cli.stack.place import find
from desk.links import link_of, list_capabilities, send_link
from desk.submitting import submit_command
from desk.views.link import CapabilityView
from domain.vocabulary import Audience

if TYPE_CHECKING:
    from domain.exchange.cases import Receipt

app = group()

IdArgument = Annotated[str, typer.Argument(metavar="LINK", help=_("The access, as link list names it: K1."))]
UntilOption = Annotated[
    str, typer.Option("--until", metavar="DATE", help=_("The last day on which it opens anything."))
]
UniqueOption = Annotated[
    str | None, typer.Option("--id", help=_("Makes the command unique: sent twice, it counts once."))
]


# --- What stands in the history --------------------------------------------------------------------------


@app.command("issue", help=_("Give the person, or the partner of a referral, access to what is theirs, until a day."))
def issue(
    ref: ReferenceArgument,
    until: UntilOption,
    referral: Annotated[
        str | None, typer.Option("--referral", metavar="R1", help=_("For the partner of this referral."))
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="COMMAND",
            help=_("Allow this alone, or read_file; may be repeated. Without it, all that a link can allow."),
        ),
    ] = None,
    look: Annotated[bool, typer.Option("--look", help=_("Allow nothing but looking."))] = False,
    id: UniqueOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    settings = [f"until={until}", f"audience={Audience.COMPLAINANT if referral is None else Audience.PARTNER}"]
    settings += [] if referral is None else [f"referral={referral}"]
    settings += [f"commands={','.join(only or [])}"] if only or look else []
    with answering(machine):
        _ask(ref, "issue_capability", settings, id, data, account, machine)


@app.command("renew", help=_("Let an access last until another day, by a new link: the one before opens nothing."))
def renew(
    ref: ReferenceArgument,
    capability: IdArgument,
    until: UntilOption,
    id: UniqueOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        _ask(ref, "renew_capability", [f"capability={capability}", f"until={until}"], id, data, account, machine)


@app.command("revoke", help=_("End an access at once, and for ever."))
def revoke(
    ref: ReferenceArgument,
    capability: IdArgument,
    why: Annotated[str, typer.Option("--why", metavar="REASON", help=_("Why: it stands in the history."))],
    id: UniqueOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        _ask(ref, "revoke_capability", [f"capability={capability}", f"reason={why}"], id, data, account, machine)


def _ask(
    ref: str, name: str, settings: list[str], id: str | None, data: DataOption, account: str, machine: bool
) -> None:
    reference, command = read.reference(ref), read.command(name, None, settings)
    command_id = read.command_id(id) or str(uuid.uuid4())  # known here, to be told to whoever stops waiting
    office = find(data)
    with stopped_waiting(command_id, machine):
        actor = office.actor(account)
        receipt: Receipt = wait_for(submit_command(office, actor, reference, command, command_id=command_id))
        view = list_capabilities(office, actor, reference)
    named = getattr(command, "capability", None)
    capability = next(each for each in reversed(view.capabilities) if named in (None, each.id))
    if machine:
        as_json({"reference": reference, "version": receipt.version, "capability": capability.model_dump(mode="json")})
    else:
        console.print(_line(capability))


@app.command("list", help=_("Who has access to a case by a link, to what, until when."))
def list_links(
    ref: ReferenceArgument,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        view = list_capabilities(office, office.actor(account), read.reference(ref), why=why)
        if machine:
            as_json(view)
            return
        for capability in view.capabilities:
            console.print(_line(capability))
        if not view.capabilities:
            console.print(_("Nobody has access to this case by a link."))


def _line(capability: CapabilityView) -> Table:
    if capability.revoked_at is not None:
        state = _("revoked, {when}", when=when(capability.revoked_at))
    else:
        state = _("until {value}", value=on(capability.until))
    whose = " ".join(filter(None, [label(capability.audience, Audience), capability.referral]))
    table = Table.grid(padding=(0, 2))
    style = "green" if capability.opens else "dim"
    table.add_row(Text(capability.id, "bold"), whose, Text(state, style), Text(", ".join(capability.commands), "dim"))
    return table


# --- The link itself -------------------------------------------------------------------------------------


@app.command("show", help=_("Print the link of an access, to be handed over. It is made anew, and kept nowhere."))
def show(
    ref: ReferenceArgument,
    capability: IdArgument,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        link = link_of(office, office.actor(account), read.reference(ref), capability, why=why)
        if machine:
            as_json(link)
            return
        console.print(_("Hand this to whom it is for, and to nobody else: whoever has it is taken for them."))
        console.print(link.address or link.token, soft_wrap=True)


@app.command("send", help=_("Mail the link of an access. The subject says that something waits, and no more."))
def send(
    ref: ReferenceArgument,
    capability: IdArgument,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="ADDRESS", help=_("To this address; without it, to the person’s own.")),
    ] = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        actor, reference = office.actor(account), read.reference(ref)
        sent = wait_for(send_link(office, actor, reference, capability, to=to, why=why))
        if machine:
            as_json(sent)
        else:
            console.print(_("The link of {id} was sent. It is good until {until}.", id=sent.capability,
                            until=on(sent.until)))  # fmt: skip
