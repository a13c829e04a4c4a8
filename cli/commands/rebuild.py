"""One record from the other: cases started again from the book, the book restored from the histories."""

from collections.abc import Callable, Iterable
from typing import Annotated

import typer
from rich.text import Text

from cli.asking import progress_told
from cli.options import DataOption, JsonOption
from cli.say import DIVERGENT, Usage, _, answering, as_json, console, wait_for
from cli.stack.place import find
from desk.office import Office
from desk.rebuilding import restore_book, start_cases_again
from desk.views.rebuilt import Restored, StartedAgain
from domain.actors import OPERATOR


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
        tell = progress_told(lambda done: _("Cases done: {done}...", done=done), quiet=machine)
        rebuilt = _rebuilt(office, source, per_second, tell or _silent)
        if machine:
            as_json(rebuilt)
        else:
            _print(rebuilt)
        if rebuilt.failures:
            raise typer.Exit(DIVERGENT)


def _silent(_done: int) -> None: ...


def _rebuilt(office: Office, source: str, per_second: float, tell: Callable[[int], None]) -> StartedAgain | Restored:
    if source == "book":
        started: StartedAgain = wait_for(start_cases_again(office, OPERATOR, per_second, tell))
        return started
    restored: Restored = wait_for(restore_book(office, OPERATOR, tell))
    return restored


def _print(rebuilt: StartedAgain | Restored) -> None:
    if isinstance(rebuilt, StartedAgain):
        _print_started(rebuilt)
    else:
        _print_restored(rebuilt)
    _print_keyless(rebuilt.keyless)
    if rebuilt.failures:
        remedy = _(
            "Cases that failed: {count}. Run it again, or look at each with: starter.py verify REF.",
            count=rebuilt.failures,
        )
        console.print(Text(remedy, "bold red"))


def _print_started(started: StartedAgain) -> None:
    counts = started.model_dump(include={"cases", "started", "already"})
    console.print(_("Cases: {cases}; started again: {started}; at work already: {already}.", **counts))
    for reference in started.failed:
        console.print(Text.assemble((reference, "bold"), "  ", (_("could not be started"), "red")))


def _print_restored(restored: Restored) -> None:
    counts = restored.model_dump(include={"cases", "lines", "restored"})
    console.print(_("Cases looked at: {cases}; lines restored: {lines}; cases concerned: {restored}.", **counts))
    if restored.shown:
        console.print(_("Cases that lists told otherwise than the book, shown anew: {shown}.", shown=restored.shown))
    for refusal in restored.refused:
        not_written = _("does not chain, nothing was written")
        console.print(Text.assemble((refusal.case, "bold"), f"  {refusal.where}  ", (not_written, "red")))


def _print_keyless(references: Iterable[str]) -> None:
    for reference in references:
        lost = _("its key is lost: restore the store of the keys")
        console.print(Text.assemble((reference, "bold"), "  ", (lost, "red")))
