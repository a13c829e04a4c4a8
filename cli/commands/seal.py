"""The sealed log: seal now, show the checkpoint, prove that a line stands in it."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli import read
from cli.history import ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, source
from cli.pages.findings import findings_json
from cli.say import DIVERGENT, Usage, _, answering, as_json, complaints, console, wait_for
from cli.stack.place import find
from desk.office import Office
from desk.sealing import check_checkpoint, declare_restored, last_checkpoint, prove_line, seal_now
from desk.views.sealed import CheckedCheckpoint, CheckpointView
from domain.actors import OPERATOR
from domain.exchange.sealing import Sealed

if TYPE_CHECKING:
    from domain.log.checkpoint import PublicKey

KeyOption = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY", help=_("A public key that may have signed; may be repeated.")),
]


def seal(
    after_restore: Annotated[
        str | None,
        typer.Option(
            "--after-restore",
            metavar="REASON",
            help=_("Go on although a witness holds more of the log: an older book was put back. Declared for ever."),
        ),
    ] = None,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        sealing = (
            seal_now(office, OPERATOR) if after_restore is None else declare_restored(office, OPERATOR, after_restore)
        )
        sealed: Sealed = wait_for(sealing)
        if machine:
            as_json(sealed)
        else:
            console.print(_("Lines sealed: {added}; the log has {size}.", added=sealed.added, size=sealed.size))


def checkpoint(
    check: Annotated[
        str | None,
        typer.Option(
            "--check",
            metavar="FILE|-",
            parser=source,
            help=_("A checkpoint that somebody kept, or the mail it came with: does what it attests to still stand?"),
        ),
    ] = None,
    key: KeyOption = None,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        if check is not None:
            _check(office, read.raw(check), public_keys(key), machine)
            return
        view = last_checkpoint(office, OPERATOR)
        if machine:
            as_json(view)
        else:
            _print_checkpoint(view)


def _print_checkpoint(view: CheckpointView) -> None:
    console.print(view.note, end="", soft_wrap=True)
    if view.key is not None:
        complaints.print(Text(_("Public key: {key}", key=view.key), "dim"))
    complaints.print(Text(_("Lines that wait for the next seal: {count}.", count=view.unsealed), "dim"))


def _check(office: Office, saved: bytes, keys: "list[PublicKey]", machine: bool) -> None:
    """Says whether today's log still says what a checkpoint attests to; DIVERGENT when it does not."""
    checked = check_checkpoint(office, OPERATOR, saved, keys)
    if machine:
        as_json(checked.model_dump() | {"findings": findings_json(checked.findings)})
    else:
        _print_checked(checked)
    if checked.findings:
        raise typer.Exit(DIVERGENT)


def _print_checked(checked: CheckedCheckpoint) -> None:
    for finding in checked.findings:
        where = "  ".join(filter(None, [finding.case, finding.where]))
        console.print(Text.assemble((where, "bold"), "  ", (_(finding.what), "red")))
    counts = _("Leaves then: {size}; today: {now}.", size=checked.size, now=checked.now)
    if checked.findings:
        verdict = Text(_("What was attested to then does not stand."), "bold red")
    else:
        verdict = Text(_("What was attested to then still stands."), "bold green")
    console.print(Text.assemble(verdict, "  ", (counts, "dim")))


def prove(
    ref: ReferenceArgument,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help=_("A line of its history."))],
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        reference, actor = read.reference(ref), office.actor(account)
        proof = prove_line(office, actor, reference, version)
        if machine:
            as_json(proof)
        else:
            console.print(proof.text, end="", soft_wrap=True)
            complaints.print(Text(_("The leaf: {leaf}", leaf=proof.leaf), "dim"))


def public_keys(texts: list[str] | None) -> "list[PublicKey]":
    """The public keys that somebody names. Raises Usage for a text that is none."""
    from domain.log.checkpoint import NotACheckpoint, PublicKey

    try:
        return [PublicKey.parse(text) for text in texts or []]
    except NotACheckpoint:
        raise Usage("bad_key", "This is not a public key.", "It looks like name+0123abcd+ATg...", field="key") from None
