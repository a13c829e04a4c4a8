"""The program that parses a workbook, run as a process of its own: `python -m kit.tables.parse_workbook`.

Its arguments are the path of the file, and the sheet in JSON: a name, a position from 1, or null. It writes one
line of JSON, {"sheet": name, "sheets": names} or {"error": code, "params": {...}}, then [line, cells, faults] for each
row with something in it; `faults` has the code of an error by the position of its cell. If it ends otherwise than
with 0, or in the middle of a line, the workbook is damaged.
"""

import datetime
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kit.tables.cell_marks import Marks, NoMarks, Place, marks_of
from kit.tables.number_formats import GENERAL, NotShown, shown

if TYPE_CHECKING:
    import python_calamine as calamine

_PARSER_MEMORY_BYTES = 1 << 30
_PARSER_CPU_SECONDS = 60
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of Excel and of LibreOffice


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
            _say_sheet(name, book.get_sheet_by_name(name), marks_of(path, name), visible)
    except NoMarks:
        _say({"error": "table-old-workbook"})
    except calamine.PasswordError:
        _say({"error": "table-encrypted"})


def _chosen(sheet: str | int | None, visible: list[str], all_names: list[str]) -> str | None:
    if isinstance(sheet, str):
        return sheet if sheet in all_names else None
    position = 1 if sheet is None else sheet
    return visible[position - 1] if 1 <= position <= len(visible) else None


def _say_sheet(name: str, sheet: "calamine.CalamineSheet", marks: Marks, sheets: list[str]) -> None:
    if sheet.end is not None and (sheet.end[0] >= _LAST_ROW or sheet.end[1] >= _LAST_COLUMN):
        _say({"error": "table-damaged"})  # cell references no office program writes
        return
    _say({"sheet": name, "sheets": sheets})
    for line, values in enumerate(sheet.iter_rows(), start=1):
        cells: list[str] = []
        faults: dict[int, str] = {}
        for column, value in enumerate(values):
            place = (line, column)
            if (fault := marks.faults.get(place)) is not None:
                faults[column] = fault
            try:
                cells.append(_text(value, marks, place))
            except NotShown:
                faults[column] = "table-not-shown"
                cells.append(str(value))
        if any(cells) or faults:
            _say([line, cells, faults])


def _text(value: object, marks: Marks, place: Place) -> str:
    """One cell as the sheet shows it; dates in ISO 8601. The order matters: a bool is an int, a datetime is a date."""
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, float | int):
        return marks.texts.get(place) or shown(float(value), marks.formats.get(place, GENERAL))
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
