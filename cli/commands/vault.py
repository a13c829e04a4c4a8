"""The keys, for whoever runs the service: another master key, and letting go of the one before."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.commands.seal import public_keys
from cli.lazy import group
from cli.options import DataOption, JsonOption
from cli.pages.words import when
from cli.say import _, answering, as_json, console, label, plural, wait_for
from cli.stack.place import find
from desk.keys import (
    accept_key_store,
    forget_master_keys,
    key_store_history,
    orphan_keys,
    replace_link_key,
    rotate_master_key,
)
from desk.sealing import declare_lost_seal_key, replace_seal_key
from domain.actors import OPERATOR
from domain.vocabulary import StoreNote

if TYPE_CHECKING:
    from domain.log.checkpoint import PublicKey

app = group()

WhyOption = Annotated[str, typer.Option("--why", metavar="REASON", help=_("Why: it stands in the access journal."))]


@app.command(help=_("Wrap every key with a new master key: made here, or the last line of the secret. Cases go on."))
def rotate(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        rotated = rotate_master_key(find(data), OPERATOR)
        if machine:
            as_json(rotated)
            return
        console.print(
            plural(
                "{count} key is wrapped with the master key {id}.",
                "{count} keys are wrapped with the master key {id}.",
                rotated.wrapped,
                id=rotated.master_key,
            )
        )
        if rotated.file is not None:
            console.print(_("Keep a copy of {file} away from the back-ups.", file=str(rotated.file)))


@app.command(help=_("Destroy the keys of openings that came to nothing: with --destroy; without it, count them."))
def orphans(
    destroy: Annotated[bool, typer.Option("--destroy", help=_("Destroy them, for ever."))] = False,
    days: Annotated[int, typer.Option(min=1, help=_("Only those made so many days ago, or before."))] = 30,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        keys = orphan_keys(find(data), OPERATOR, timedelta(days=days), destroy=destroy)
        if machine:
            as_json(keys)
        else:
            console.print(plural("{count} key belongs to no case.", "{count} keys belong to no case.", keys.found))


@app.command(help=_("Go on with the database of the keys as it is, when the right one is lost; name the lost cases."))
def accept(
    why: Annotated[str, typer.Option(help=_("Why: it stays in the history of the stores."))],
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        accepted = accept_key_store(find(data), OPERATOR, why)
        if machine:
            as_json(accepted)
            return
        console.print(
            plural(
                "{count} case is lost: its key is gone.",
                "{count} cases are lost: their keys are gone.",
                len(accepted.lost),
            )
        )
        for reference in accepted.lost:
            console.print(f"  {reference}")


@app.command(help=_("Show the databases of keys that this book has had: adopted, seen or accepted, by whom and why."))
def stores(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        history = key_store_history(find(data), OPERATOR)
        if machine:
            as_json(history)
            return
        for line in history.lines:
            told = (when(line.at), label(line.what, StoreNote), line.store, line.account, line.why)
            console.print(Text("  ".join(filter(None, told))))
            for reference in line.lost:
                console.print(f"  {reference}")


@app.command(help=_("Take the master keys that wrap nothing any more out of their file."))
def forget(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        forgotten = forget_master_keys(find(data), OPERATOR)
        if machine:
            as_json(forgotten)
        else:
            console.print(
                plural("{count} master key was forgotten.", "{count} master keys were forgotten.", forgotten.forgotten)
            )


@app.command(
    "replace-seal",
    help=_("Have another key sign the sealed log: made here, or the last line of the secret. The former one signs it."),
)
def replace_seal(why: WhyOption, data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        _tell_key(wait_for(replace_seal_key(find(data), OPERATOR, why)), machine)


@app.command(
    "replace-link",
    help=_("Replace the key of the links: none that was made before opens anything. They can be sent again."),
)
def replace_link(why: WhyOption, data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        replace_link_key(find(data), OPERATOR, why)
        if machine:
            as_json({"replaced": True})
        else:
            console.print(_("No link that was made before opens anything any more. They can be sent again."))


@app.command(
    "lost-seal",
    help=_("Sign the sealed log with the key that is here, although the former one is lost. Declared for ever."),
)
def lost_seal(
    key: Annotated[str, typer.Option("--key", metavar="KEY", help=_("The public half of the key that was lost."))],
    why: WhyOption,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        former = public_keys([key])[0]
        _tell_key(wait_for(declare_lost_seal_key(find(data), OPERATOR, former, why)), machine)


def _tell_key(key: "PublicKey", machine: bool) -> None:
    if machine:
        as_json({"key": str(key)})
    else:
        console.print(_("From now on this key signs: {key}", key=str(key)))
