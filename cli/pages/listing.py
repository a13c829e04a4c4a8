"""A list of cases on the terminal."""

from collections.abc import Sequence

from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from cli.pages.words import held_by, place_name, when
from cli.say import _, console, label
from desk.views.listing import CasesView, ListedCaseView
from domain.vocabulary import DeadlineKind, Domain, Step

_NARROW = 60
"""Columns of a terminal below which two side by side are too narrow to be read."""
_NO_END = 1_000


def print_cases(page: CasesView) -> None:
    """A page of a list for people: a line for each case if all fit, else two, or a paragraph on a narrow terminal."""
    whole = _table(page.cases)
    if Measurement.get(console, console.options.update(max_width=_NO_END), whole).maximum <= console.width:
        console.print(whole)
    else:
        console.print(_narrow_table(page.cases) if console.width >= _NARROW else _paragraphs(page.cases))
    console.print(Text(_("Cases shown: {shown} of {total}.", shown=len(page.cases), total=page.total), "dim"))
    if page.next:
        console.print(Text(_("Go on with: --after {reference}", reference=page.next), "dim"))


def _table(cases: Sequence[ListedCaseView]) -> Table:
    table = Table(
        _("Case"), _("Step"), _("Domain"), _("Place"), _("Holder"), _("Received"), _("What comes next"), "",
        box=None, padding=(0, 1), pad_edge=False,
    )  # fmt: skip
    for case in cases:
        table.add_row(case.reference, *_cells(case))
    return table


def _cells(case: ListedCaseView) -> list[str | Text]:
    return [
        label(case.step, Step),
        label(case.domain, Domain),
        _where(case),
        held_by(case.holder),
        when(case.received_at, minutes=False),
        _next(case),
        _stalled(case),
    ]


def _narrow_table(cases: Sequence[ListedCaseView]) -> Table:
    """Two lines for each case: where it stands and what comes next, which is what one chooses by; below, what it is."""
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    above = (_("Case"), _("Step"), _("What comes next"))
    below = (_("Received"), f"{_('Domain')}, {_('Place').lower()}", _("Holder"))
    for first, second in zip(above, below, strict=True):
        title = Text.assemble(first, (f"\n{second}", "not bold dim"))
        table.add_column(title, overflow="fold", no_wrap=first == above[0])
    for case in cases:
        what = ", ".join(filter(None, [label(case.domain, Domain), _where(case)]))
        urgent = Text("\n").join(filter(None, [_stalled(case), Text(_next(case))]))
        table.add_row(
            Text.assemble((case.reference, "bold"), (f"\n{when(case.received_at, minutes=False)}", "dim")),
            Text.assemble(label(case.step, Step), (f"\n{what}", "dim")),
            Text.assemble(urgent, (f"\n{held_by(case.holder)}", "dim")),
        )
    return table


def _where(case: ListedCaseView) -> str:
    return place_name(case.commune, case.neighbourhood, case.metropolis)


def _next(case: ListedCaseView) -> str:
    return f"{when(case.next_due, minutes=False)} {label(case.next_kind, DeadlineKind)}" if case.next_due else ""


def _stalled(case: ListedCaseView) -> Text:
    return Text(_("STALLED"), "bold red") if case.stalled else Text()


def _paragraphs(cases: Sequence[ListedCaseView]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for case in cases:
        *facts, received, due, stalled = _cells(case)
        about = _joined(", ", [*facts, _("received on {day}", day=received)])
        grid.add_row(case.reference, _joined("\n", [about, _joined("  ", [due, stalled])]))
    return grid


def _joined(between: str, cells: Sequence[str | Text]) -> Text:
    """The cells that hold something, in one."""
    return Text(between).join(Text.assemble(cell) for cell in cells if cell)
