"""Reads workbooks through another process, which may die without harm: `parse_workbook` is its program."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.tables.archive import check_zip
from kit.tables.errors import TableError
from kit.tables.header import column_names
from kit.tables.table import Cells, Table

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "kit.tables.parse_workbook"


def open_workbook(file: Path, sheet: str | int | None, header_row: int, *, zipped: bool) -> Table:
    """A table from one sheet. `zipped` tells XLSX and ODS from the old container of XLS."""
    if zipped:
        check_zip(file)
    with _parser(file, sheet) as (name, rows):
        columns = column_names(file, header_row, next((row for row in rows if row.line >= header_row), None))
    return Table(columns, lambda: _sheet_rows(file, sheet, header_row + 1), sheet=name)


def sheets_of(file: Path) -> list[str]:
    """The names of the visible sheets of a workbook. Raises TableError."""
    with _running(file, None) as (answer, _):
        return [str(name) for name in answer["sheets"]]


def _sheet_rows(file: Path, sheet: str | int | None, first: int) -> Iterator[Cells]:
    with _parser(file, sheet) as (_, rows):
        yield from (row for row in rows if row.line >= first)


@contextmanager
def _parser(file: Path, sheet: str | int | None) -> Iterator[tuple[str, Iterator[Cells]]]:
    """Starts the parser on a workbook: the name of the sheet, and its rows as they come. Then stops it."""
    with _running(file, sheet) as (answer, rows):
        yield answer["sheet"], rows


@contextmanager
def _running(file: Path, sheet: str | int | None) -> Iterator[tuple[dict[str, Any], Iterator[Cells]]]:
    """The parser at work: what it says of the workbook, and the rows."""
    process = subprocess.Popen(  # noqa: S603 - our own module; the file name is an argument, never a command
        [sys.executable, "-m", _PROGRAM, str(file.resolve()), json.dumps(sheet)],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
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
            yield answer, _received(file, process, process.stdout)
        finally:
            process.kill()


def _received(file: Path, process: subprocess.Popen[str], lines: Iterator[str]) -> Iterator[Cells]:
    for line in lines:
        if not line.endswith("\n"):
            break  # the parser died in the middle of a row
        number, cells, faults = json.loads(line)
        yield Cells(number, cells, faults={int(at): code for at, code in faults.items()})
    if process.wait() != 0:
        raise TableError("table-damaged", file=file.name)
