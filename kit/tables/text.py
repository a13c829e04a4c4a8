"""Reads text files: rows of cells between separators, streamed, with the quotes as they come."""

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from kit.tables.delimiter import NO_DELIMITER, detect_delimiter
from kit.tables.encoding import check_text, detect_encoding
from kit.tables.errors import TableError
from kit.tables.files import readable
from kit.tables.header import column_names
from kit.tables.lines import Lines
from kit.tables.overlong import Overlong
from kit.tables.table import Cells, Table


def open_text(file: Path, header_row: int, encoding: str | None, delimiter: str | None) -> Table:
    """Opens a text as a table. An encoding or a delimiter that is None is detected."""
    if encoding is None:
        encoding = detect_encoding(file)
    check_text(file, encoding)
    with readable(file), file.open(encoding=encoding, newline="") as opened:
        hint = re.fullmatch(r'"?sep=([^"])"?', opened.readline().lstrip("\ufeff").rstrip("\r\n"), re.IGNORECASE)
    line = header_row + (1 if hint else 0)
    if delimiter is None:
        delimiter = hint[1] if hint else detect_delimiter(file, encoding, line)

    def rows(first: int) -> Iterator[Cells]:
        return _text_rows(file, encoding, delimiter, first)

    # Nobody knows yet over how many lines the header goes, so each reading starts with it and drops it.
    header = next(rows(line), None)
    if header and header.problem is not None and header.problem.code == "table-nul-in-cell":
        raise TableError("table-nul-bytes", file=file.name)
    columns = column_names(file, line, header)
    return Table(
        columns,
        lambda: islice(rows(line), 1, None),
        encoding=encoding,
        delimiter=None if delimiter == NO_DELIMITER else delimiter,
    )


def _text_rows(file: Path, encoding: str, delimiter: str, first: int) -> Iterator[Cells]:
    """Rows from line `first` on, blank lines included (as no cells)."""
    with readable(file), file.open(encoding=encoding, newline="") as opened:
        lines = Lines(opened)
        for _ in islice(lines, first - 1):
            lines.current.clear()
        strict = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
        while True:
            lines.current.clear()
            line = lines.number + 1
            try:
                yield _sound(line, next(strict))
            except StopIteration:
                return
            except csv.Error as refused:
                if lines.ended:
                    raise TableError("table-unclosed-quote", line=line) from None
                if "field limit" in str(refused):
                    yield _overlong(lines, delimiter, line)
                    continue
                cells = _whatever_the_quotes(lines.current, delimiter)
                yield Cells(line, cells, _bad_quotes(line, lines.number))


def _sound(line: int, cells: list[str]) -> Cells:
    """The cells of a row, with a problem where one holds what no text holds. A "�" stands in its place."""
    at = next((position for position, cell in enumerate(cells) if "\0" in cell), None)
    if at is None:
        return Cells(line, cells)
    problem = TableError("table-nul-in-cell", line=line, column=f"#{at + 1}")
    return Cells(line, [cell.replace("\0", "�") for cell in cells], problem, at)


def _overlong(lines: Lines, delimiter: str, line: int) -> Cells:
    """A row that the csv module gave up. A quote that is never closed is one, with all that comes after it."""
    limit = csv.field_size_limit()
    row = Overlong(lines, delimiter, limit)
    if lines.ended:
        raise TableError("table-unclosed-quote", line=line) from None
    if not row.matched or row.too_long is None:
        return Cells(line, row.cells, _bad_quotes(line, lines.number))
    column = f"#{row.too_long + 1}"
    problem = TableError("table-cell-too-long", line=line, last=lines.number, column=column, limit=limit)
    return Cells(line, row.cells, problem, row.too_long)


def _bad_quotes(line: int, last: int) -> TableError:
    """Names all the lines: a quote that is closed too late takes whole rows for the text of one cell."""
    if last == line:
        return TableError("table-bad-quotes", line=line)
    return TableError("table-quotes-over-lines", line=line, last=last)


def _whatever_the_quotes(lines: list[str], delimiter: str) -> list[str]:
    """The cells of a row whose quotes do not match, as near as can be, for a person to look at."""
    with suppress(csv.Error):
        return next(csv.reader(list(lines), delimiter=delimiter, skipinitialspace=True), [])
    return ["".join(lines)]
