"""`starter.py import`: a spreadsheet and its mapping become cases; it shows how far it is and can be stopped."""

import asyncio
import hashlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from cli.say import Usage, _, as_json, complaints, console
from cli.stack.place import find
from desk.office import Office
from domain.actors import Actor
from domain.errors import Away, Invalid
from domain.permissions import require_some
from domain.values import Value
from importer.known import case_in, known_in
from importer.mapping import load_mapping
from importer.refused import RefusedFile
from importer.rows import plan
from importer.run import ImportReport, check, run_import


class Brought(Value):
    """What an import came to."""

    report: dict[str, int]
    refused_file: Path | None
    rehearsed: bool
    against_book: bool
    """Whether it was asked what is there already."""
    interrupted: bool


def where(data: Path | None, account: str, *, rehearse: bool) -> tuple[Office | None, Actor]:
    """Where to import, and in whose name. A rehearsal needs no stack: an account is then what a new folder makes it."""
    try:
        office = find(data)
    except Away:
        from cli.stack.embedded import STARTER_ACCOUNTS

        actor = next((actor for actor in STARTER_ACCOUNTS if actor.account == account), None)
        if not rehearse or actor is None:
            raise
        return None, actor
    return office, office.actor(account)


def say(template: str, params: Mapping[str, object]) -> str:
    """A template in the reader's language."""
    return _(template, **params)


async def bring(
    file: Path,
    mapping_file: Path,
    office: Office | None,
    actor: Actor,
    *,
    rehearse: bool,
    quiet: bool,
    refused_file: Path | None = None,
) -> Brought:
    """Imports a file; without an office, or to rehearse, nothing is opened. Raises a Problem or a TableError.

    What is refused goes beside the file, or to `refused_file`.

    Cancelled (Ctrl-C), it stops cleanly with what it has done; run again, it goes on from there.
    """
    with _misused():
        mapping = load_mapping(mapping_file)
    require_some(actor, mapping.asks)
    with _misused():
        plans = plan(file, mapping, office.keys.digest if office else _unkeyed)
    report, interrupted = ImportReport(), False
    counted = _WOULD_BE if rehearse else _COUNTED
    with RefusedFile(file, say, refused_file) as refused, _progress(report, counted, quiet) as moved:
        try:
            if rehearse or office is None:
                known = (known_in(office.database), case_in(office.database, office.keys)) if office else ()
                await check(plans, actor, *known, on_refused=refused.write, progress=moved, report=report)
            else:
                async with office.cases() as desk:
                    await run_import(
                        plans,
                        desk,
                        actor,
                        known_in(office.database),
                        on_refused=refused.write,
                        progress=moved,
                        report=report,
                    )
        except asyncio.CancelledError:
            interrupted = True
    written = refused.path if refused.written else None
    return Brought(
        report=report.as_dict(),
        refused_file=written,
        rehearsed=rehearse,
        against_book=office is not None,
        interrupted=interrupted,
    )


def _unkeyed(text: str) -> str:
    """Names for a rehearsal where there are no keys: nothing is kept under them."""
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _misused() -> Iterator[None]:
    """Whatever is wrong with a mapping, or does not fit the file, is a matter of usage."""
    try:
        yield
    except Invalid as error:
        action = error.action
        raise Usage(error.code, error.message, error.remedy, field=error.field, action=action, **error.params) from None


_COUNTED = (
    "Rows: {rows}; cases opened: {opened}; commands: {commands}; already there: {already_there}; refused: {refused}"
)
_WOULD_BE = (
    "Rows: {rows}; cases that would be opened: {opened}; commands: {commands}; already there: {already_there}; "
    "refused: {refused}"
)


class _Shown:
    """The line that moves while an import goes on."""

    def __init__(self, progress: Progress, task: TaskID, counted: str) -> None:
        self._progress, self._task, self._counted = progress, task, counted

    def __call__(self, report: ImportReport) -> None:
        self._progress.update(self._task, description=_(self._counted, **report.as_dict()))


@contextmanager
def _progress(report: ImportReport, counted: str, quiet: bool) -> Iterator["_Shown"]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints, disable=quiet or not sys.stderr.isatty()) as progress:
        shown = _Shown(progress, progress.add_task("", total=None), counted)
        shown(report)
        yield shown


def tell(brought: Brought, *, machine: bool) -> None:
    """What the import came to, for people or for machines."""
    if machine:
        said: dict[str, object] = dict(brought.report)
        if not brought.against_book:
            said["already_there"] = None  # not known, which is not none
        as_json(said | ({"interrupted": True} if brought.interrupted else {}))
        return
    if brought.rehearsed:
        console.print(Text(_("Rehearsed: nothing was opened."), "bold"))
    shown = brought.report if brought.against_book else brought.report | {"already_there": "?"}
    console.print(_(_WOULD_BE if brought.rehearsed else _COUNTED, **shown))
    if not brought.against_book:
        console.print(_("There is no stack here: what is already there is not known."))
    if brought.refused_file is not None:
        console.print(Text(_("What was refused, line by line: {file}", file=str(brought.refused_file)), "yellow"))
    if brought.interrupted:
        console.print(Text(_("Stopped. Run it again: what is done is not done twice."), "yellow"))
