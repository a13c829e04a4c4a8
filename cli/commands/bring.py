"""`starter.py import`: shows how far an import is while it goes on, and what it came to."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import ConfigDict
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from activities.calendar import french_calendar
from cli.asking import misuse
from cli.pages.words import when
from cli.say import _, as_json, complaints, console
from cli.stack.place import find
from desk.office import Office
from domain.actors import Actor
from domain.errors import Away
from domain.values import Value
from importer.bring import carry_out, foresight_in, plans_of
from importer.foresight import Foresight
from importer.refused import RefusedFile
from importer.rows import RefusedRow, worded_params
from importer.run import ImportReport
from importer.summary import ColumnSummary, Summary


class Outcome(Value):
    """The result of an import."""

    report: dict[str, int]
    refused_file: Path | None
    rehearsed: bool
    against_book: bool
    """False if nobody could be asked what is there already."""
    interrupted: bool
    summary: Summary
    foresight: Foresight | None = None
    """Alerts and mails that it would cause by itself; None for an import, and where nobody could be asked."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    @property
    def all_refused(self) -> bool:
        """True if there were rows, and not one of them came to anything."""
        return 0 < self.report["rows"] <= self.report["refused"] and not self.report["opened"]


def where_to_import(data: Path | None, account: str, *, rehearse: bool) -> tuple[Office | None, Actor]:
    """The office to import into, and in whose name.

    A rehearsal needs no stack: an account is then what a new folder makes it.
    """
    try:
        office = find(data)
    except Away:
        from cli.stack.embedded import STARTER_ACCOUNTS

        actor = next((actor for actor in STARTER_ACCOUNTS if actor.account == account), None)
        if not rehearse or actor is None:
            raise
        return None, actor
    return office, office.actor(account)


async def bring(
    file: Path,
    mapping_file: Path,
    office: Office | None,
    actor: Actor,
    *,
    rehearse: bool,
    quiet: bool,
    refused_file: Path | None = None,
    encoding: str | None = None,
) -> Outcome:
    """Imports a file, or rehearses it. The refused rows go beside the file, or to `refused_file`."""
    with misuse():
        plans = plans_of(file, mapping_file, office, actor, encoding)
    summary, foresight = Summary(), foresight_in(office, french_calendar()) if rehearse and office else None
    report, counted = ImportReport(), _WOULD_BE if rehearse else _COUNTED
    with RefusedFile(file, _translated, refused_file) as refused, _progress(report, counted, quiet) as moved:

        def refuse(row: RefusedRow) -> None:
            refused.write(row)
            summary.refused(row)

        passing = summary.counted(plans)
        done = await carry_out(
            passing,
            office,
            actor,
            rehearse=rehearse,
            on_refused=refuse,
            progress=moved,
            report=report,
            foresight=foresight,
        )
    return Outcome(
        report=report.as_dict(),
        refused_file=refused.path if refused.written else None,
        rehearsed=rehearse,
        against_book=office is not None,
        interrupted=not done,
        summary=summary,
        foresight=foresight,
    )


def _translated(template: str, params: Mapping[str, object]) -> str:
    return _(template, **params)


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


def print_outcome(outcome: Outcome, *, machine: bool) -> None:
    """Prints the result of an import, for people or for machines."""
    if machine:
        as_json(_outcome_json(outcome))
        return
    if outcome.rehearsed:
        console.print(Text(_("Rehearsed: nothing was opened."), "bold"))
    counts = outcome.report if outcome.against_book else outcome.report | {"already_there": "?"}
    console.print(_(_WOULD_BE if outcome.rehearsed else _COUNTED, **counts))
    if not outcome.against_book:
        console.print(_("There is no stack here: what is already there is not known."))
    if outcome.foresight is not None:
        _print_foresight(outcome.foresight)
    _print_summary(outcome)
    if outcome.refused_file is not None:
        console.print(Text(_("What was refused, line by line: {file}", file=str(outcome.refused_file)), "yellow"))
    if outcome.interrupted:
        console.print(Text(_("Stopped. Run it again: what is done is not done twice."), "yellow"))


def _print_foresight(foresight: Foresight) -> None:
    """Prints what an import would cause by itself."""
    told = _(
        "If nobody touched them, by {moment}: alerts {alerts} (over when we learned of it: {over}); mails on single "
        "cases {mails}.",
        moment=when(foresight.until),
        alerts=foresight.alerts,
        over=foresight.over,
        mails=foresight.mails,
    )
    console.print(told)


def print_column(name: str, column: ColumnSummary) -> None:
    """Prints how many cells of a column are filled, and with what kinds of values."""
    names = {
        "date": _("dates"),
        "yes or no": _("yes or no"),
        "e-mail address": _("e-mail addresses"),
        "telephone number": _("telephone numbers"),
        "number": _("numbers"),
        "text": _("texts"),
    }
    kinds = ", ".join(f"{names[kind]} {count}" for kind, count in column.kinds.most_common())
    line = _("{column}: {filled} filled", column=name, filled=column.filled)
    console.print(Text(f"  {line}" + (f" ({kinds})" if kinds else "")))


_MOST_REASONS = 20


def _print_summary(outcome: Outcome) -> None:
    """Prints what a rehearsal found in each column, and the reasons of refusals. No cell is repeated for a column."""
    if outcome.rehearsed:
        for name, column in outcome.summary.columns.items():
            print_column(name, column)
    reasons = outcome.summary.reasons
    for reason in reasons[:_MOST_REASONS]:
        lines = ", ".join(map(str, reason.lines)) + ("…" if reason.count > len(reason.lines) else "")
        params = worded_params(reason.problem)
        told = _("Refused {count} times, at lines {lines}: {why}", count=reason.count, lines=lines,
                 why=f"{_(reason.problem.message, **params)} {_(reason.problem.remedy, **params)}")  # fmt: skip
        console.print(Text(f"  {told}", "yellow"))
    if len(reasons) > _MOST_REASONS:
        console.print(_("and other reasons: {count}", count=len(reasons) - _MOST_REASONS))


def _outcome_json(outcome: Outcome) -> dict[str, object]:
    answer: dict[str, object] = dict(outcome.report)
    if outcome.rehearsed:
        answer["would_cause"] = None  # not known where nobody could be asked
    if (foresight := outcome.foresight) is not None:
        answer["would_cause"] = {
            "until": foresight.until.isoformat(),
            "alerts": foresight.alerts,
            "over_when_opened": foresight.over,
            "mails": foresight.mails,
        }
    if not outcome.against_book:
        answer["already_there"] = None  # not known, which is not none
    return answer | {"interrupted": True} if outcome.interrupted else answer
