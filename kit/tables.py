"""Reads the tables offices really send: CSV in any encoding of the last thirty years, and workbooks.

`read_table` answers with the columns and a stream of rows whose values are all text. Nothing is guessed in
silence: what was detected stands on the `Table`, a row that does not fit carries its `problem`, and a file
that cannot be read rightly raises `TableError` with what to do about it. Error texts name files, lines and
columns, never the content of a cell, which may be somebody's story.

A CSV is streamed. A workbook is parsed by another process (this module, run as a program) with a ceiling on
memory and processor time: a few hundred bytes of hostile XLSX make the parser ask for half a terabyte and die
of it.
"""

import codecs
import csv
import datetime
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import StackError

if TYPE_CHECKING:
    import python_calamine as calamine

MAX_BYTES = 50_000_000
"""Default ceiling on the size of a file on disk, in bytes."""

MAX_UNPACKED_BYTES = 500_000_000
"""What a workbook may weigh once unzipped, by its own directory, in bytes."""

_SUSPECT_UNPACKED_BYTES = 50_000_000
_SUSPECT_RATIO = 200  # real workbooks shrink 5 to 30 times

_PARSER_MEMORY_BYTES = 1 << 30
_PARSER_CPU_SECONDS = 60
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of Excel and of LibreOffice

_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".ods", ".xls"})
_SAMPLE_LINES = 400
_DELIMITERS = (";", "\t", ",", "|")
_NO_DELIMITER = "\x1f"  # parses a file of one column: a character no office types

_SAVE_AGAIN = "Open the file, save it again as XLSX or as CSV UTF-8, and send that."
_CHECK_QUOTES = "Look at that line: a quote inside a quoted cell must be doubled."
_ERRORS: dict[str, tuple[str, str]] = {
    "table-not-found": ("There is no file {file}.", "Check the name and the folder."),
    "table-not-a-file": ("{file} is not a file.", "Name one file, not a folder."),
    "table-not-readable": ("{file} cannot be read: {reason}.", "Check the rights on the file."),
    "table-too-large": ("{file} weighs {bytes} bytes, more than {limit}.", "Split the file."),
    "table-empty": ("{file} is empty.", "Export the table again."),
    "table-nul-bytes": ("{file} holds NUL bytes: it is not text, or it was damaged.", _SAVE_AGAIN),
    "table-undecodable": (
        "{file} is not text in {encoding}.",
        "Say its encoding, or save it again as CSV UTF-8.",
    ),
    "table-unknown-encoding": ("No encoding is called {encoding}.", "Use a name such as utf-8 or cp1252."),
    "table-bad-delimiter": (
        "A separator is one character, neither quote nor end of line.",
        "Use ; or , or a tab.",
    ),
    "table-no-header": (
        "{file} has no header at line {line}.",
        "Say which line holds the names of the columns.",
    ),
    "table-duplicate-columns": (
        "Columns of {file} share a name: {columns}.",
        "Give each column a name of its own.",
    ),
    "table-too-many-cells": (
        "Line {line} has {count} cells for {columns} columns.",
        "Look for a separator that belongs to the text of a cell: that cell must be quoted.",
    ),
    "table-bad-quotes": ("The quotes of line {line} do not match.", _CHECK_QUOTES),
    "table-unclosed-quote": ("A quote opened in the row of line {line} is never closed.", _CHECK_QUOTES),
    "table-cell-too-long": ("A cell of the row of line {line} is over {limit} characters.", _CHECK_QUOTES),
    "table-no-sheets": ("{file} is a text file: it has no sheets.", "Leave the sheet out."),
    "table-sheet-not-found": ("{file} has no sheet {sheet}. It has: {sheets}.", "Name one of these sheets."),
    "table-not-a-workbook": ("{file} is not a workbook.", _SAVE_AGAIN),
    "table-encrypted": ("{file} is protected by a password.", "Save it without a password and send that."),
    "table-damaged": (
        "{file} is damaged or incomplete.",
        "Send it again; if that fails, save it again as XLSX.",
    ),
    "table-bomb": ("{file} would unpack to {bytes} bytes.", "Do not open it. " + _SAVE_AGAIN),
}


class TableError(StackError):
    """A table, or one row of it, that cannot be read rightly. `code` is a key of `_ERRORS`."""

    code = "table"

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(**params)
        self.code = code
        self.message, self.remedy = _ERRORS[code]


@dataclass(frozen=True, slots=True)
class Row:
    """One row with something in it.

    `line` counts from 1, as a text editor or Excel shows it; for a row over several lines, the line it starts
    at. `values` has every column of the table: stripped text, "" when the cell is empty or missing. `extra`
    keeps the cells beyond the last column. When `problem` is set, nobody should use the row before a person
    has looked.
    """

    line: int
    values: dict[str, str]
    extra: tuple[str, ...] = ()
    problem: TableError | None = None


@dataclass(frozen=True, slots=True)
class _Cells:
    """A row before it meets the columns."""

    line: int
    cells: Sequence[str]
    problem: TableError | None = None


class Table:
    """Columns and rows of one file. Each iteration reads the file again, so memory stays bounded.

    Iterating may raise TableError: a quote that is never closed shows only at the end. Rows without content
    are skipped. What was read is told by `encoding` and `delimiter` (None for a workbook; the delimiter also
    for a text of one column) and by `sheet` (None for a text).
    """

    def __init__(
        self,
        columns: list[str],
        rows: Callable[[], Iterator[_Cells]],
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
            cells = [cell.strip() for cell in read.cells]
            if not any(cells):
                continue
            extra, problem = tuple(cells[width:]), read.problem
            if not any(extra):
                extra = ()  # separators at the end, which Excel adds freely
            elif problem is None:
                problem = TableError("table-too-many-cells", line=read.line, count=len(cells), columns=width)
            cells += [""] * (width - len(cells))
            yield Row(read.line, dict(zip(self.columns, cells, strict=False)), extra, problem)


def read_table(
    path: str | os.PathLike[str],
    *,
    sheet: str | int | None = None,
    header_row: int = 1,
    encoding: str | None = None,
    delimiter: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Table:
    """Opens a CSV or a workbook (XLSX, ODS; XLS as far as the parser goes) and reads its header.

    `header_row` is the line of the text, or the row of the sheet, where the header starts, from 1; what
    stands above is ignored. The `sep=;` line that Excel hides is not counted in `header_row`, but it is in
    `Row.line`, which follows the text editor. `sheet` is a name, or a position from 1 among the visible
    sheets; by default the first visible one. `encoding` and `delimiter` switch detection off. White space
    inside a header is reduced to single spaces; a column without a name between two others is called "#3"
    after its position.

    From a workbook, dates come as ISO 8601, whole numbers without ".0", other numbers with the 15 digits
    Excel keeps, booleans as "1" and "0", durations as hours:minutes:seconds. A formula in error reads as
    empty.

    Raises TableError when the file is missing, unreadable, empty, too large, damaged, encrypted or
    undecodable, has no header there, two columns of one name, or not that sheet.
    """
    file = Path(path)
    start = _check_file(file, max_bytes)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise TableError("table-bad-delimiter")
    if header_row < 1:
        raise TableError("table-no-header", file=file.name, line=header_row)
    zipped, ole = start.startswith(_ZIP_MARKS), start.startswith(b"\xd0\xcf\x11\xe0")
    if zipped or ole:
        return _open_workbook(file, sheet, header_row, zipped=zipped)
    if file.suffix.lower() in _WORKBOOK_SUFFIXES:
        raise TableError("table-not-a-workbook", file=file.name)
    if sheet is not None:
        raise TableError("table-no-sheets", file=file.name)
    return _open_text(file, header_row, encoding, delimiter)


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """Turns the operating system's refusals into ours."""
    try:
        yield
    except FileNotFoundError:
        raise TableError("table-not-found", file=file.name) from None
    except OSError as refused:
        raise TableError("table-not-readable", file=file.name, reason=refused.strerror or "") from None
    except UnicodeError:
        raise TableError("table-not-readable", file=file.name, reason="it changes while it is read") from None


def _check_file(file: Path, max_bytes: int) -> bytes:
    """The first bytes of a regular file of a bearable size; a pipe, which would wait for ever, is refused."""
    if "\0" in str(file):
        raise TableError("table-not-found", file=file.name.replace("\0", ""))
    with _readable(file):
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise TableError("table-not-a-file", file=file.name)
        if status.st_size > max_bytes:
            raise TableError("table-too-large", file=file.name, bytes=status.st_size, limit=max_bytes)
        with file.open("rb") as opened:
            start = opened.read(8)
    if not start:
        raise TableError("table-empty", file=file.name)
    return start


def _columns(file: Path, line: int, header: _Cells | None) -> list[str]:
    if header is None or header.line != line:
        raise TableError("table-no-header", file=file.name, line=line)
    if header.problem is not None:
        raise header.problem
    names = [" ".join(cell.split()) for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError("table-no-header", file=file.name, line=line)
    names = [name or f"#{position}" for position, name in enumerate(names, start=1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise TableError("table-duplicate-columns", file=file.name, columns=", ".join(twice))
    return names


# --- Text -----------------------------------------------------------------------------------------


def _open_text(file: Path, header_row: int, encoding: str | None, delimiter: str | None) -> Table:
    if encoding is None:
        encoding = _detect_encoding(file)
    _check_text(file, encoding)
    with _readable(file), file.open(encoding=encoding, newline="") as opened:
        hint = re.fullmatch(r'"?sep=([^"])"?', opened.readline().lstrip("\ufeff").rstrip("\r\n"), re.IGNORECASE)
    line = header_row + (1 if hint else 0)
    if delimiter is None:
        delimiter = hint[1] if hint else _detect_delimiter(file, encoding, line)

    def rows(first: int) -> Iterator[_Cells]:
        return _text_rows(file, encoding, delimiter, first)

    # Nobody knows yet over how many lines the header goes, so each reading starts with it and drops it.
    columns = _columns(file, line, next(rows(line), None))
    return Table(
        columns,
        lambda: islice(rows(line), 1, None),
        encoding=encoding,
        delimiter=None if delimiter == _NO_DELIMITER else delimiter,
    )


class _Lines:
    """The lines of a text, counted, with those of the current row at hand."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.number = 0
        self.current: list[str] = []
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.number += 1
        if self.number == 1:
            line = line.removeprefix("\ufeff")
        self.current.append(line)
        return line


def _text_rows(file: Path, encoding: str, delimiter: str, first: int) -> Iterator[_Cells]:
    """Rows from line `first` on, blank lines included (as no cells)."""
    with _readable(file), file.open(encoding=encoding, newline="") as opened:
        lines = _Lines(opened)
        for _ in islice(lines, first - 1):
            lines.current.clear()
        strict = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
        while True:
            lines.current.clear()
            line = lines.number + 1
            try:
                yield _Cells(line, next(strict))
            except StopIteration:
                return
            except csv.Error as refused:
                if lines.ended:
                    raise TableError("table-unclosed-quote", line=line) from None
                if "field limit" in str(refused):
                    raise TableError("table-cell-too-long", line=line, limit=csv.field_size_limit()) from None
                cells = _whatever_the_quotes(lines.current, delimiter)
                yield _Cells(line, cells, TableError("table-bad-quotes", line=line))


def _whatever_the_quotes(lines: list[str], delimiter: str) -> list[str]:
    """The cells of a row whose quotes do not match, as near as can be, for a person to look at."""
    with suppress(csv.Error):
        return next(csv.reader(list(lines), delimiter=delimiter, skipinitialspace=True), [])
    return ["".join(lines)]


def _detect_delimiter(file: Path, encoding: str, header_line: int) -> str:
    """The separator that cuts the header and the rows below it into the same, largest, number of cells."""
    with _readable(file), file.open(encoding=encoding, newline="") as opened:
        lines = list(islice(_Lines(opened), header_line - 1, header_line - 1 + _SAMPLE_LINES))
    best, best_score = _NO_DELIMITER, (0.0, 1)
    for delimiter in _DELIMITERS:
        header, *rows = _cell_counts(lines, delimiter) or [0]
        agreeing = sum(count == header for count in rows) / len(rows) if rows else 1.0
        # Nine rows in ten are enough (the sample may cut the last): beyond that, more columns are the better sign.
        score = (min(agreeing, 0.9), header)
        if header > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def _cell_counts(lines: list[str], delimiter: str) -> list[int]:
    """Cells in each row that is not blank; 0 where the quotes make no sense with this separator."""
    counts: list[int] = []
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return counts
        except csv.Error:
            counts.append(0)
        else:
            if any(cells):
                counts.append(len(cells))


_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ONE_BYTE_ENCODINGS = ("cp1252", "iso8859-15", "mac-roman")  # the first wins a tie

# What a byte above 127 is worth when it reads as this character, in French text.
_WEIGHTS = {
    **dict.fromkeys("éèàçê’", 3),
    **dict.fromkeys("âäëîïôöùûüœæÿ°«»“”‘–—…€\xa0ÉÈÀÇÊ", 2),
    **dict.fromkeys("ÂÄËÎÏÔÖÙÛÜŒÆŸáíóúñãõìòÁÍÓÚÑ§²³·½", 1),
    **dict.fromkeys("åøßÅØ", 0),
}


def _detect_encoding(file: Path) -> str:
    """A byte order mark, else strict UTF-8, else the one-byte encoding that reads most like French.

    Counting letters does better on short files than charset-normalizer, which takes the "é" of Mac Roman for
    the "Ž" of Windows and ISO 8859-15 for Windows-1252 (compared on the lines of our own reference data).
    """
    with _readable(file), file.open("rb") as opened:
        start = opened.read(4)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    with suppress(TableError):
        _check_text(file, "utf-8")
        return "utf-8"
    return _detect_one_byte(file)


def _detect_one_byte(file: Path) -> str:
    seen: Counter[tuple[bytes, bytes]] = Counter()
    with _readable(file), file.open("rb") as opened:
        while chunk := opened.read(1 << 16):
            seen.update(re.findall(rb"([a-z]?)([\x80-\xff])", chunk))
    best, best_score = None, -1
    for name in _ONE_BYTE_ENCODINGS:
        score = 0
        try:
            for (before, byte), count in seen.items():
                score += count * _likelihood(byte.decode(name), after_small_letter=bool(before))
        except UnicodeDecodeError:
            continue
        if score > best_score:
            best, best_score = name, score
    if best is None:
        raise TableError("table-undecodable", file=file.name, encoding="UTF-8, Windows-1252, ISO 8859-15, Mac Roman")
    return best


def _likelihood(char: str, *, after_small_letter: bool) -> int:
    if after_small_letter and char.isupper():
        return -3
    return _WEIGHTS.get(char, -3)


def _check_text(file: Path, encoding: str) -> None:
    """Decodes the whole file once, in pieces, so that nothing fails half way through an import."""
    try:
        "".encode(encoding)  # refuses codecs that are not of text, such as base64
        decoder = codecs.getincrementaldecoder(encoding)("strict")
    except (LookupError, ValueError):
        raise TableError("table-unknown-encoding", encoding=encoding) from None
    content = False
    with _readable(file), file.open("rb") as opened:
        while chunk := opened.read(1 << 16):
            content |= _decodes(file, encoding, decoder, chunk)
        content |= _decodes(file, encoding, decoder, b"", final=True)
    if not content:
        raise TableError("table-empty", file=file.name)


def _decodes(file: Path, encoding: str, decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    """Whether this piece of text has anything but white space in it."""
    try:
        text = decoder.decode(chunk, final)
    except UnicodeError:
        raise TableError("table-undecodable", file=file.name, encoding=encoding) from None
    if "\0" in text:
        raise TableError("table-nul-bytes", file=file.name)
    return bool(text.strip("\ufeff \t\r\n"))


# --- Workbooks ------------------------------------------------------------------------------------


def _open_workbook(file: Path, sheet: str | int | None, header_row: int, *, zipped: bool) -> Table:
    if zipped:
        _check_zip(file)
    with _parser(file, sheet) as (name, rows):
        columns = _columns(file, header_row, next((row for row in rows if row.line >= header_row), None))
    return Table(columns, lambda: _sheet_rows(file, sheet, header_row + 1), sheet=name)


def _check_zip(file: Path) -> None:
    with _readable(file):
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, OSError):
            raise TableError("table-damaged", file=file.name) from None
        packed = file.stat().st_size
    if not any(entry.filename.startswith("xl/") or entry.filename == "content.xml" for entry in entries):
        raise TableError("table-not-a-workbook", file=file.name)
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(packed, 1)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > _SUSPECT_UNPACKED_BYTES and ratio > _SUSPECT_RATIO):
        raise TableError("table-bomb", file=file.name, bytes=unpacked)


def _sheet_rows(file: Path, sheet: str | int | None, first: int) -> Iterator[_Cells]:
    with _parser(file, sheet) as (_, rows):
        yield from (row for row in rows if row.line >= first)


@contextmanager
def _parser(file: Path, sheet: str | int | None) -> Iterator[tuple[str, Iterator[_Cells]]]:
    """Starts the parser on a workbook: the name of the sheet, and its rows as they come. Then stops it."""
    root = str(Path(__file__).resolve().parents[1])
    process = subprocess.Popen(  # noqa: S603 - our own module; the file name is an argument, never a command
        [sys.executable, "-m", "kit.tables", str(file.resolve()), json.dumps(sheet)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="ascii",
    )
    with process:
        try:
            assert process.stdout is not None  # noqa: S101 - told to mypy; PIPE above makes it so
            line = process.stdout.readline()
            answer = json.loads(line) if line.endswith("\n") else {}
            if "sheet" not in answer:
                params = answer.get("params", {})
                raise TableError(answer.get("error", "table-damaged"), **{"file": file.name, **params})
            yield answer["sheet"], _received(file, process, process.stdout)
        finally:
            process.kill()


def _received(file: Path, process: subprocess.Popen[str], lines: Iterator[str]) -> Iterator[_Cells]:
    for line in lines:
        if not line.endswith("\n"):
            break  # the parser died in the middle of a row
        number, cells = json.loads(line)
        yield _Cells(number, cells)
    if process.wait() != 0:
        raise TableError("table-damaged", file=file.name)


def _limit_myself() -> None:
    """Bounds this process. A system without such limits still has the checks made before parsing."""
    try:
        import resource
    except ImportError:
        return
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, _PARSER_CPU_SECONDS),
        (resource.RLIMIT_AS, _PARSER_MEMORY_BYTES),
    ):
        with suppress(ValueError, OSError):  # already lower, or unknown to this system
            resource.setrlimit(limit, (value, value))


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")


def _workbook(path: str) -> "calamine.CalamineWorkbook":
    import python_calamine as calamine

    try:
        with Path(path).open("rb") as opened:
            return calamine.CalamineWorkbook.from_object(opened)  # by its content, whatever its name
    except calamine.CalamineError:
        return calamine.CalamineWorkbook.from_path(path)  # by its name: only so is a password told from damage


def _parse(path: str, sheet: str | int | None) -> None:
    """The parser process: writes one JSON line on the sheet, then one for each row with something in it."""
    import python_calamine as calamine  # here: the reading process never needs it

    try:
        with _workbook(path) as book:
            visible = [
                tab.name
                for tab in book.sheets_metadata
                if tab.visible == calamine.SheetVisibleEnum.Visible and tab.typ == calamine.SheetTypeEnum.WorkSheet
            ]
            name = _chosen(sheet, visible, book.sheet_names)
            if name is None:
                params = {"sheet": sheet or 1, "sheets": ", ".join(visible)}
                _say({"error": "table-sheet-not-found", "params": params})
                return
            _say_sheet(name, book.get_sheet_by_name(name))
    except calamine.PasswordError:
        _say({"error": "table-encrypted"})


def _chosen(sheet: str | int | None, visible: list[str], all_names: list[str]) -> str | None:
    if isinstance(sheet, str):
        return sheet if sheet in all_names else None
    position = 1 if sheet is None else sheet
    return visible[position - 1] if 1 <= position <= len(visible) else None


def _say_sheet(name: str, sheet: "calamine.CalamineSheet") -> None:
    if sheet.end is not None and (sheet.end[0] >= _LAST_ROW or sheet.end[1] >= _LAST_COLUMN):
        _say({"error": "table-damaged"})  # cell references no office program writes
        return
    _say({"sheet": name})
    for line, values in enumerate(sheet.iter_rows(), start=1):
        cells = [_text(value) for value in values]
        if any(cells):
            _say([line, cells])


def _text(value: object) -> str:
    """One cell as text. The order matters: a bool is an int, a datetime is a date."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


if __name__ == "__main__":
    _limit_myself()
    _parse(sys.argv[1], json.loads(sys.argv[2]))
