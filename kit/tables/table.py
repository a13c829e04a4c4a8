"""Tables, out of a text or a workbook alike: columns, and rows that have a value for each of them."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kit.tables.errors import TableError

_ERROR = re.compile(
    r"#(?:N/A|N/D|REF!|NUL!|NULL!|DIV/0!|VALEUR!|VALUE!|NOM\?|NAME\?|NOMBRE!|NUM!|SPILL!|PROPAGATION!|EPARS!|CALC!|"
    r"CALCUL!|CHAMP!|FIELD!|BLOQUE!|BLOQUÉ!|BLOCKED!|CONNEXION!|CONNECT!|OBTENTION_DONNEES|GETTING_DATA|ERREUR!|ERROR!)"
    r"|#{3,}|Err ?: ?5[0-9]{2}"
)
"""A cell that holds an error of Excel or LibreOffice, in French or English, or one that was too narrow to be shown."""


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
    faults: Mapping[str, TableError] = field(default_factory=dict)
    """Cells that hold nothing anybody wrote: an error, a formula without a value. By column."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A row before it meets the columns."""

    line: int
    cells: Sequence[str]
    problem: TableError | None = None
    at: int | None = None
    """The position of the cell that has the problem, from 0, where it is one cell's."""
    faults: Mapping[int, str] = field(default_factory=dict)
    """Codes of what is wrong with single cells, by position: it matters to whoever reads that column."""


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
            if not any(cells) and not read.faults:
                continue
            extra, problem = tuple(cells[width:]), read.problem
            if problem is not None and read.at is not None and read.at < width:
                problem.of_column(self.columns[read.at])
            if not any(extra):
                extra = ()  # separators at the end, which Excel adds freely
            elif problem is None:
                problem = TableError("table-too-many-cells", line=read.line, count=len(cells), columns=width)
            cells += [""] * (width - len(cells))
            values = dict(zip(self.columns, cells, strict=False))
            yield Row(read.line, values, extra, problem, self._faults(values, read))

    def _faults(self, values: dict[str, str], read: Cells) -> dict[str, TableError]:
        """What is wrong with single cells. Errors of a sheet stand in a CSV made from it as texts."""
        codes = {self.columns[at]: code for at, code in read.faults.items() if at < len(self.columns)}
        for column, text in values.items():
            if text[:1] in ("#", "E") and _ERROR.fullmatch(text):
                codes[column] = "table-cell-error"
        faults = {column: TableError(code, line=read.line) for column, code in codes.items()}
        for column, fault in faults.items():
            fault.of_column(column)
        return faults
