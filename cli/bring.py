"""`starter.py import`: a spreadsheet and its mapping become cases; it shows how far it is and can be stopped."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from cli.place import Place
from cli.say import Usage, _, as_json, complaints, console
from domain.events import Actor
from domain.values import Value
from importer.known import known_in
from importer.mapping import Mapping as Meaning
from importer.mapping import NoMapping, load_mapping
from importer.refused import RefusedFile
from importer.rows import plan
from importer.run import ImportReport, check, run_import


class Brought(Value):
    """What an import came to."""

    report: dict[str, int]
    refused_file: Path | None
    interrupted: bool


def say(template: str, params: Mapping[str, object]) -> str:
    """A template in the reader's language."""
    return _(template, **params)


async def bring(
    file: Path,
    mapping_file: Path,
    place: Place,
    actor: Actor,
    *,
    rehearse: bool,
    quiet: bool,
    refused_file: Path | None = None,
) -> Brought:
    """Imports a file, or rehearses it: then nothing is opened. Raises a Problem or a TableError.

    What is refused goes beside the file, or to `refused_file`.

    Cancelled (Ctrl-C), it stops cleanly with what it has done; run again, it goes on from there.
    """
    mapping = _mapping(mapping_file)
    plans = plan(file, mapping, place.keys.digest)
    report, interrupted = ImportReport(), False
    with RefusedFile(file, say, refused_file) as refused, _progress(report, quiet) as moved:
        try:
            if rehearse:
                report = await check(plans, actor, on_refused=refused.write, progress=moved)
            else:
                async with place.desk() as desk:
                    await run_import(
                        plans,
                        desk,
                        actor,
                        known_in(place.database),
                        on_refused=refused.write,
                        progress=moved,
                        report=report,
                    )
        except asyncio.CancelledError:
            interrupted = True
    written = refused.path if refused.written else None
    return Brought(report=report.as_dict(), refused_file=written, interrupted=interrupted)


def _mapping(file: Path) -> Meaning:
    try:
        return load_mapping(file)
    except NoMapping as error:
        raise Usage(error.code, error.message, error.remedy, field=error.field, **error.params) from None


_COUNTED = (
    "Rows: {rows}; cases opened: {opened}; commands: {commands}; already there: {already_there}; refused: {refused}"
)


class _Shown:
    """The line that moves while an import goes on."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def __call__(self, report: ImportReport) -> None:
        self._progress.update(self._task, description=_(_COUNTED, **report.as_dict()))


@contextmanager
def _progress(report: ImportReport, quiet: bool) -> Iterator["_Shown"]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints, disable=quiet or not sys.stderr.isatty()) as progress:
        shown = _Shown(progress, progress.add_task("", total=None))
        shown(report)
        yield shown


def tell(brought: Brought, *, rehearsed: bool, machine: bool) -> None:
    """What the import came to, for people or for machines."""
    if machine:
        as_json(brought.report)
        return
    if rehearsed:
        console.print(Text(_("Rehearsed: nothing was opened."), "bold"))
    console.print(_(_COUNTED, **brought.report))
    if brought.refused_file is not None:
        console.print(Text(_("What was refused, line by line: {file}", file=str(brought.refused_file)), "yellow"))
    if brought.interrupted:
        console.print(Text(_("Stopped. Run it again: what is done is not done twice."), "yellow"))
