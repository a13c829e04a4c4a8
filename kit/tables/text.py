"""Text files: rows of cells between separators, streamed, with the quotes as they come."""

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
from kit.tables.table import Cells, Table


def open_text(file: Path, header_row: int, encoding: str | None, delimiter: str | None) -> Table:
    """A table from a text, with what was not said detected."""
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
    columns = column_names(file, line, next(rows(line), None))
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
                yield Cells(line, next(strict))
            except StopIteration:
                return
            except csv.Error as refused:
                if lines.ended:
                    raise TableError("table-unclosed-quote", line=line) from None
                if "field limit" in str(refused):
                    raise TableError("table-cell-too-long", line=line, limit=csv.field_size_limit()) from None
                cells = _whatever_the_quotes(lines.current, delimiter)
                yield Cells(line, cells, TableError("table-bad-quotes", line=line))


def _whatever_the_quotes(lines: list[str], delimiter: str) -> list[str]:
    """The cells of a row whose quotes do not match, as near as can be, for a person to look at."""
    with suppress(csv.Error):
        return next(csv.reader(list(lines), delimiter=delimiter, skipinitialspace=True), [])
    return ["".join(lines)]
