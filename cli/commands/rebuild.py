"""One record from the other: cases started again from the book, the book restored from the histories."""

from typing import Annotated, Any

import typer
from rich.text import Text

from cli.options import DataOption, JsonOption
from cli.say import DIVERGENT, Usage, _, answering, as_json, complaints, console, wait_for
from cli.stack.place import find
from desk.office import Office, engine_client


def rebuild(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="book|histories",
            help=_("book: start every case again on an empty engine. histories: restore the book's tail, and lists."),
        ),
    ],
    per_second: Annotated[
        float, typer.Option(min=0.1, max=1000, help=_("How many cases are started each second at most."))
    ] = 20.0,
    data: DataOption = None,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        if source not in ("book", "histories"):
            raise Usage(
                "unknown_source", "--from takes book or histories.", "For example: --from histories.", field="from"
            )
        office = find(data)
        with office.reading():
            pass  # is it there at all?
        if source == "book":
            with office.watched():
                started = wait_for(_start_again(office, per_second, quiet=machine))
            said = {"cases": started.cases, "started": started.started, "already": started.already,
                    "failed": started.failed, "keyless": started.keyless}  # fmt: skip
            failed = len(started.failed) + len(started.keyless)
        else:
            with office.watched():
                restored = wait_for(_restore(office, quiet=machine))
            refused = [{"case": reference, "where": where} for reference, where in restored.refused]
            said = {"cases": restored.cases, "restored": restored.restored, "lines": restored.lines,
                    "shown": restored.shown, "refused": refused, "keyless": restored.keyless}  # fmt: skip
            failed = len(refused) + len(restored.keyless)
        if machine:
            as_json(said)
        else:
            _tell_rebuilt(source, said, failed)
        if failed:
            raise typer.Exit(DIVERGENT)


def _tell_rebuilt(source: str, said: dict[str, Any], failed: int) -> None:
    if source == "book":
        console.print(_("Cases: {cases}; started again: {started}; at work already: {already}.", **said))
        for reference in said["failed"]:
            console.print(Text.assemble((reference, "bold"), "  ", (_("could not be started"), "red")))
    else:
        console.print(_("Cases looked at: {cases}; lines restored: {lines}; cases concerned: {restored}.", **said))
        if said["shown"]:
            console.print(_("Cases that lists told otherwise than the book, shown anew: {shown}.", **said))
        for one in said["refused"]:
            not_written = _("does not chain, nothing was written")
            console.print(Text.assemble((one["case"], "bold"), f"  {one['where']}  ", (not_written, "red")))
    for reference in said["keyless"]:
        lost = _("its key is lost: restore the store of the keys")
        console.print(Text.assemble((reference, "bold"), "  ", (lost, "red")))
    if failed:
        console.print(Text(_("Cases that failed: {count}. Run it again, or look at each with: starter.py verify REF.",
                             count=failed), "bold red"))  # fmt: skip


def _progress(quiet: bool) -> Any:
    def told(done: int) -> None:
        if not quiet:
            complaints.print(Text(_("Cases done: {done}...", done=done), "dim"))

    return told


async def _start_again(office: Office, per_second: float, *, quiet: bool) -> Any:
    from audit.rebuild import start_again
    from workflows.cases import CaseClient

    client = await engine_client(office)
    desk = CaseClient(client, office.settings.task_queue, office.keys.of)  # a case that starts again has its key
    return await start_again(client, desk, office.database, office.keys, per_second, _progress(quiet))


async def _restore(office: Office, *, quiet: bool) -> Any:
    from activities.calendar import french_calendar
    from audit.rebuild import restore_all

    client = await engine_client(office) if office.engine else None
    return await restore_all(
        client, office.records(client), office.database, office.keys, french_calendar(), _progress(quiet)
    )
