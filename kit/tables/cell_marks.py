"""What the parser of workbooks does not tell of a cell: its number format, an error, a formula without a value.

Read from the sheet's own XML beside the parser, in the same process with its limits.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from kit.tables.number_formats import BUILT_IN, GENERAL

Place = tuple[int, int]
"""A row and a column, from 1 and from 0."""

ERROR, NO_VALUE = "table-cell-error", "table-no-value"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ROWS, _COLUMNS = 1_048_576, 16_384


@dataclass(slots=True)
class Marks:
    """What is known of the cells of one sheet beyond their values."""

    formats: dict[Place, str] = field(default_factory=dict)
    """Number formats, for cells that have one of their own."""
    texts: dict[Place, str] = field(default_factory=dict)
    """The text that the file itself says a number is shown as."""
    faults: dict[Place, str] = field(default_factory=dict)
    """Codes of errors."""


class NoMarks(Exception):
    """The file is of a kind that cannot be read so: an old or a binary workbook, or one made by hand to do harm."""


def marks_of(path: str, sheet: str) -> Marks:
    """Reads the marks of a sheet. Raises NoMarks, and whatever a damaged archive raises."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise NoMarks from None
    with archive:
        names = set(archive.namelist())
        if "content.xml" in names:
            return _of_open_document(archive, sheet)
        if "xl/workbook.xml" not in names:
            raise NoMarks
        return _of_excel(archive, sheet, names)


# --- XLSX ------------------------------------------------------------------------------------------------


def _of_excel(archive: zipfile.ZipFile, sheet: str, names: set[str]) -> Marks:
    relations = _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    links = {link.get("Id"): link.get("Target", "") for link in relations}
    target = next(
        links.get(_attribute(tab, "id"), "")
        for tab in _elements(archive, "xl/workbook.xml", "sheet")
        if tab.get("name") == sheet
    )
    part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    formats = _formats(archive) if "xl/styles.xml" in names else []
    marks = Marks()
    row = 0
    with archive.open(part) as opened:
        column = -1
        for event, element in _events(opened):
            name = _local(element)
            if event == "start":
                if name == "row":
                    row, column = int(element.get("r", row + 1)), -1
                continue
            if name == "c":
                row, column = _place(element, row, column + 1)
                _mark(element, (row, column), formats, marks)
            if name == "row":
                element.clear()
    return marks


def _mark(cell: Element, place: Place, formats: list[str], marks: Marks) -> None:
    kind = cell.get("t", "n")
    formula = value = None
    for part in cell:
        name = _local(part)
        formula = part if name == "f" else formula
        value = part if name == "v" else value
    text = "" if value is None else value.text or ""
    if kind == "e":
        marks.faults[place] = ERROR
    elif formula is not None and (value is None or (not text and kind != "str")):
        marks.faults[place] = NO_VALUE
    elif kind == "n" and text:
        style = int(cell.get("s", 0))
        if (code := formats[style] if style < len(formats) else GENERAL) not in (GENERAL, "@"):
            marks.formats[place] = code


def _place(cell: Element, row: int, column: int) -> Place:
    """Where a cell stands: it may leave that out, and then it follows the one before."""
    match = _REFERENCE.fullmatch(cell.get("r", ""))
    if match is None:
        return row, column
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return int(match[2]), number - 1


def _formats(archive: zipfile.ZipFile) -> list[str]:
    """The number format of each style of a cell."""
    codes = dict(BUILT_IN)
    styles: list[str] = []
    inside = False
    with archive.open("xl/styles.xml") as opened:
        for event, element in _events(opened):
            name = _local(element)
            if name == "cellXfs":
                inside = event == "start"
            elif event == "end" and name == "numFmt" and element.get("numFmtId"):
                codes[int(element.get("numFmtId", 0))] = element.get("formatCode", GENERAL)
            elif event == "end" and name == "xf" and inside:
                styles.append(codes.get(int(element.get("numFmtId", 0)), GENERAL))
    return styles


# --- ODS -------------------------------------------------------------------------------------------------


def _of_open_document(archive: zipfile.ZipFile, sheet: str) -> Marks:
    """An ODS says itself what each number is shown as."""
    marks = Marks()
    row, column, within = 0, 0, False
    with archive.open("content.xml") as opened:
        for event, element in _events(opened):
            name = _local(element)
            if name == "table":
                within = event == "start" and _attribute(element, "name") == sheet
            if not within:
                if event == "end" and name == "table-row":
                    element.clear()
                continue
            if event == "start" and name == "table-row":
                row, column = row + 1, 0
            elif event == "end" and name in ("table-cell", "covered-table-cell"):
                count = int(_attribute(element, "number-columns-repeated") or 1)
                holds = len(element) or _attribute(element, "formula")
                for at in range(column, min(column + count, _COLUMNS) if holds else column):
                    _mark_open(element, (row, at), marks)
                column += count
            elif event == "end" and name == "table-row":
                _repeat(marks, row, int(_attribute(element, "number-rows-repeated") or 1))
                row += int(_attribute(element, "number-rows-repeated") or 1) - 1
                element.clear()
    return marks


def _mark_open(cell: Element, place: Place, marks: Marks) -> None:
    kinds = [value for key, value in cell.attrib.items() if key.endswith("}value-type")]
    text = "\n".join("".join(part.itertext()) for part in cell if _local(part) == "p")
    if "error" in kinds:
        marks.faults[place] = ERROR
    elif _attribute(cell, "formula") and not kinds:
        marks.faults[place] = NO_VALUE
    elif {"float", "percentage", "currency"} & set(kinds) and text and not re.search(r"[0-9]E[+-]?[0-9]", text):
        marks.texts[place] = text


def _repeat(marks: Marks, row: int, count: int) -> None:
    """The marks of a row that the file says stands several times."""
    if count == 1 or row + count > _ROWS:
        return
    for kept in (marks.texts, marks.faults):
        for place in [place for place in kept if place[0] == row]:
            kept.update(dict.fromkeys(((row + n, place[1]) for n in range(1, count)), kept[place]))


# --- XML -------------------------------------------------------------------------------------------------


def _events(opened: IO[bytes]) -> Iterator[tuple[str, Element]]:
    """The elements of a part as they begin and end. No office program declares a type of document, nor entities."""
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    before = b""
    while piece := opened.read(1 << 16):
        if b"<!DOCTYPE" in before + piece or b"<!ENTITY" in before + piece:
            raise NoMarks
        parser.feed(piece)
        before = piece[-10:]
        yield from parser.read_events()
    parser.close()


def _elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[Element]:
    with archive.open(part) as opened:
        for event, element in _events(opened):
            if event == "end" and _local(element) == name:
                yield element


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _attribute(element: Element, name: str) -> str | None:
    """An attribute in whatever namespace: strict and transitional files differ in them."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
