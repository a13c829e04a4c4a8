"""Tables, out of a text or a workbook alike: columns, and rows that have a value for each of them."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kit.tables.errors import TableError


@dataclass(frozen=True, slots=True)
class Row:
    """One row with something in it.

    `line` counts from 1, as a text editor or Excel shows it; for a row over several lines, the line it starts
    at. `values` has every column of the table: stripped text in composed letters (NFC), "" when the cell is empty or
    missing. `extra` keeps the cells beyond the last column. When `problem` is set, nobody should use the row before
    a person has looked.
    """

    line: int
    values: dict[str, str]
    extra: tuple[str, ...] = ()
    problem: TableError | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """A row before it meets the columns."""

    line: int
    cells: Sequence[str]
    problem: TableError | None = None
    at: int | None = None
    """The position of the cell that has the problem, from 0, where it is one cell's."""


class Table:
    """Columns and rows of one file. Each iteration reads the file again, so memory stays bounded.

    Iterating may raise TableError: a quote that is never closed shows only at the end. Rows without content
    are skipped. What was read is told by `encoding` and `delimiter` (None for a workbook; the delimiter also
    for a text of one column) and by `sheet` (None for a text).
    """

    def __init__(
        self,
        columns: list[str],
        rows: Callable[[], Iterator[Cells]],
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        sheet: str | None = None,
    ) -> None:
        self.columns = columns
        self.encoding = encoding
        self.delimiter = delimiter
        self.sheet = sheet
        self._rows = rows

    def __iter__(self) -> Iterator[Row]:
        width = len(self.columns)
        for read in self._rows():
            cells = [unicodedata.normalize("NFC", cell.strip()) for cell in read.cells]
            if not any(cells):
                continue
            extra, problem = tuple(cells[width:]), read.problem
            if problem is not None and read.at is not None and read.at < width:
                problem.of_column(self.columns[read.at])
            if not any(extra):
                extra = ()  # separators at the end, which Excel adds freely
            elif problem is None:
                problem = TableError("table-too-many-cells", line=read.line, count=len(cells), columns=width)
            cells += [""] * (width - len(cells))
            yield Row(read.line, dict(zip(self.columns, cells, strict=False)), extra, problem)
