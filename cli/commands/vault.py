"""The keys, for whoever runs the service: another master key, and letting go of the one before."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from cli.lazy import group
from cli.options import DataOption, JsonOption
from cli.say import _, answering, as_json, console, plural
from cli.stack.place import find
from domain.errors import Refused
from kit.crypto.vault import KeyFile
from models.cases import every_reference

app = group()


@app.command(help=_("Wrap every key with a new master key: made here, or the last line of the secret. Cases go on."))
def rotate(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        office = find(data)
        master = office.keys.master
        if isinstance(master, KeyFile):
            master.add()
        done = office.keys.rewrap()
        if machine:
            as_json({"master_key": master.id, "wrapped": done})
            return
        console.print(
            plural(
                "{count} key is wrapped with the master key {id}.",
                "{count} keys are wrapped with the master key {id}.",
                done,
                id=master.id,
            )
        )
        if isinstance(master, KeyFile):
            console.print(_("Keep a copy of {file} away from the back-ups.", file=str(master.path)))


@app.command(help=_("Destroy the keys of openings that came to nothing: with --destroy; without it, count them."))
def orphans(
    destroy: Annotated[bool, typer.Option("--destroy", help=_("Destroy them, for ever."))] = False,
    days: Annotated[int, typer.Option(min=1, help=_("Only those made so many days ago, or before."))] = 30,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        with office.reading() as tx:
            known = every_reference(tx)
        # Never by itself: where the book was lost, every key would look like one of these.
        found = sorted(office.keys.living(datetime.now(UTC) - timedelta(days=days)) - known)
        if destroy and len(found) > len(known):
            raise Refused(
                "too_many_orphans",
                "More keys belong to no case ({count}) than there are cases.",
                "Check that the book is whole before anything is destroyed.",
                count=len(found),
            )
        for reference in found if destroy else ():
            office.keys.destroy(reference)
        if machine:
            as_json({"found": len(found), "destroyed": len(found) if destroy else 0})
        else:
            console.print(plural("{count} key belongs to no case.", "{count} keys belong to no case.", len(found)))


@app.command(help=_("Take the master keys that wrap nothing any more out of their file."))
def forget(data: DataOption = None, machine: JsonOption = False) -> None:
    with answering(machine):
        office = find(data)
        master = office.keys.master
        if not isinstance(master, KeyFile):
            raise Refused(
                "master_key_elsewhere",
                "The master key is a secret of the settings, not a file of ours.",
                "Take out of the secret the lines above the last one.",
            )
        gone = master.keep_only(office.keys.masters())
        if machine:
            as_json({"master_key": master.id, "forgotten": gone})
        else:
            console.print(plural("{count} master key was forgotten.", "{count} master keys were forgotten.", gone))
