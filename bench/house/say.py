"""Prints the figures as tables, and what is to be mended as lines of `path:line name`."""

from collections.abc import Callable, Iterator, Sequence

from bench.house.figures import AIMS, ALL, Figures, House, Share, Spread
from bench.house.files import Source
from bench.house.language import RIDDLES, VAGUE

_ABSENT = "–"

_MEASURES: tuple[tuple[str, str, Callable[[Figures], str]], ...] = (
    ("files", "", lambda figures: str(figures.files)),
    ("functions", "", lambda figures: str(figures.functions)),
    ("file lines, median / p90 / max", "", lambda figures: _spread(figures.file_lines)),
    ("function lines, median / p90 / max", "", lambda figures: _spread(figures.function_lines)),
    ("complexity, p90 / max", f"p90 {AIMS['complexity_p90']}", lambda figures: _tail(figures.complexity)),
    ("functions fully typed", "", lambda figures: _percent(figures.typed)),
    ("import depth", "", lambda figures: str(figures.import_depth)),
    ("import closure, p90 / max", f"p90 {AIMS['closure_p90']}", lambda figures: _tail(figures.closure)),
    ("import cycles", "", lambda figures: str(figures.cycles)),
    (
        "docstrings that open with What, Whether, Of, How",
        f"{AIMS['docstrings_percent']:.1f} %",
        lambda figures: _percent(figures.docstrings),
    ),
    ("    without those of attributes", "", lambda figures: _percent(figures.docstrings_without_attributes)),
    ("    or with Who, Which, Where, Why", "", lambda figures: _percent(figures.docstrings_questions)),
    (
        "locals named found, said, told, asked, one, some, ...",
        f"{AIMS['locals_percent']:.1f} %",
        lambda figures: _percent(figures.locals),
    ),
    ("    found, said, told, one alone", "", lambda figures: _percent(figures.locals_vaguest)),
)

_ROOM_COLUMNS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("files", lambda figures: str(figures.files)),
    ("file lines", lambda figures: _spread(figures.file_lines)),
    ("function lines", lambda figures: _spread(figures.function_lines)),
    ("complexity", lambda figures: _tail(figures.complexity)),
    ("typed", lambda figures: _percent(figures.typed)),
    ("depth", lambda figures: str(figures.import_depth)),
    ("closure", lambda figures: _tail(figures.closure)),
    ("cycles", lambda figures: str(figures.cycles)),
    ("docstrings", lambda figures: _percent(figures.docstrings)),
    ("locals", lambda figures: _percent(figures.locals)),
)


def whole(checkouts: dict[str, dict[str, Figures]]) -> str:
    """Table of each measure of whole checkouts, beside the most that it is to be."""
    rows = [["", "at most", *checkouts]]
    for label, aim, shown in _MEASURES:
        rows.append([label, aim, *(shown(rooms[ALL]) for rooms in checkouts.values())])
    return _table(rows)


def by_room(checkouts: dict[str, dict[str, Figures]]) -> str:
    """Table of each room, with a line for each checkout."""
    names = sorted({name for rooms in checkouts.values() for name in rooms} - {ALL})
    rows = [["room", "", *(title for title, _ in _ROOM_COLUMNS)]]
    for name in names:
        for checkout, rooms in checkouts.items():
            rows.append([name, checkout if len(checkouts) > 1 else "", *_room_cells(rooms.get(name))])
    return _table(rows)


def _room_cells(figures: Figures | None) -> list[str]:
    return [shown(figures) if figures else _ABSENT for _, shown in _ROOM_COLUMNS]


def _docstrings(house: House) -> Iterator[str]:
    """Docstrings that open with a word that none should open with."""
    for docstring in house.docstrings:
        if docstring.opening in RIDDLES:
            yield f"{_place(docstring.source, docstring.line)} {docstring.name}: {docstring.text.splitlines()[0]}"


def _locals(house: House) -> Iterator[str]:
    """Locals whose name does not say which thing they hold, each where its function binds it first."""
    for local in house.locals:
        if local.name in VAGUE:
            yield f"{_place(local.function.source, local.line)} {local.function.name}: {local.name}"


def _complexity(house: House) -> Iterator[str]:
    """Functions with more branches than nine in ten are to have, the worst first."""
    for function in sorted(house.functions, key=lambda function: -function.complexity):
        if function.complexity > AIMS["complexity_p90"]:
            yield f"{_place(function.source, function.node.lineno)} {function.name}: {function.complexity}"


LISTS: dict[str, Callable[[House], Iterator[str]]] = {
    "docstrings": _docstrings,
    "locals": _locals,
    "complexity": _complexity,
}
"""Lists that can be printed, by name."""


def _place(source: Source, line: int) -> str:
    return f"{source.path.as_posix()}:{line}"


def _spread(numbers: Spread) -> str:
    return f"{numbers.median:g} / {_tail(numbers)}"


def _tail(numbers: Spread) -> str:
    return f"{numbers.p90} / {numbers.max}"


def _percent(part: Share) -> str:
    return f"{part.percent:.1f} %" if part.total else _ABSENT


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
