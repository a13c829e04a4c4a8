"""Small tables and mappings for the tests, and a workbook written with the standard library."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from importer.mapping import Mapping, parse_mapping
from importer.rows import ComplaintPlan, Planned, RefusedRow, plan_rows
from kit.tables import Row
from tests.support.servers import KEYS

MINIMAL = """
[source]
system = "essai"
identity = ["no"]

[complaint]
received_at = { column = "le" }
channel = { value = "DESK" }
domain = { value = "AUTRE" }
criteria = { value = ["AUTRE_INDETERMINE"] }
facts.narrative = { column = "recit" }
"""

LOG = """
[source]
system = "essai"
identity = ["no"]

[complaint]
received_at = { column = "le" }
channel = { value = "DESK" }
domain = { value = "AUTRE" }
criteria = { value = ["AUTRE_INDETERMINE"] }
facts.narrative = { column = "recit" }

[events]
activity = "quoi"
happened_at = { column = "quand" }
ignore = ["Rien"]

[events.activities."Note"]
command = "add_note"
text = { column = "recit" }

[events.activities."Preuves"]
command = "start_evidence"
"""
CLOSING = """
[[commands]]
command = "close"
when = { column = "clos" }
happened_at = { column = "clos" }
outcome = { value = "ADVICE_GIVEN" }
reason = { value = "ADVICE_SUFFICED" }
last_known_fact = { value = "Clos." }
not_told_because = { value = "Non su." }
"""


def mapping(text: str = MINIMAL, more: str = "") -> Mapping:
    return parse_mapping(text + more)


def rows(*cells: dict[str, str]) -> list[Row]:
    return [Row(line, values) for line, values in enumerate(cells, start=2)]


def planned(text: str, *cells: dict[str, str]) -> list[Planned]:
    return list(plan_rows(rows(*cells), parse_mapping(text), KEYS.digest))


def one(text: str, **cells: str) -> ComplaintPlan:
    """The plan of a table of one row."""
    (plan,) = planned(text, {"no": "1", "le": "2025-03-01", "recit": "Un refus.", **cells})
    assert isinstance(plan, ComplaintPlan), plan
    return plan


def turned_away(text: str, **cells: str) -> RefusedRow:
    """The refusal of a table of one row."""
    (refusal,) = planned(text, {"no": "1", "le": "2025-03-01", "recit": "Un refus.", **cells})
    assert isinstance(refusal, RefusedRow), refusal
    return refusal


_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
_BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Registre" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/></Relationships>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STYLED = (
    '<Relationship Id="rId2" Target="styles.xml"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/></Relationships>'
)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)


Cell = str | tuple[float, str]
"""A text, or a number with its format."""


def workbook(path: Path, lines: Sequence[Sequence[Cell]]) -> Path:
    """An XLSX file of one sheet."""
    formats = list(dict.fromkeys(cell[1] for line in lines for cell in line if not isinstance(cell, str)))
    cells = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{_column(i)}{n}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            if isinstance(cell, str)
            else f'<c r="{_column(i)}{n}" s="{formats.index(cell[1]) + 1}"><v>{cell[0]}</v></c>'
            for i, cell in enumerate(line)
        )
        + "</row>"
        for n, line in enumerate(lines, start=1)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATION.format("officeDocument", "xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", _BOOK)
        relations = _RELATION.format("worksheet", "worksheets/sheet1.xml").replace("</Relationships>", _STYLED)
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr("xl/styles.xml", _styles(formats))
        archive.writestr("xl/worksheets/sheet1.xml", re.sub(r"\{\}", lambda _: cells, _SHEET))
    return path


def _styles(formats: list[str]) -> str:
    codes = "".join(
        f'<numFmt numFmtId="{170 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for n, code in enumerate(formats)
    )
    styles = "".join(f'<xf numFmtId="{170 + n}"/>' for n in range(len(formats)))
    cells = f'<cellXfs><xf numFmtId="0"/>{styles}</cellXfs>'
    return f'<styleSheet xmlns="{_MAIN}"><numFmts>{codes}</numFmts>{cells}</styleSheet>'


def _column(index: int) -> str:
    return (chr(64 + index // 26) if index >= 26 else "") + chr(65 + index % 26)


def event(quoi: str, quand: str, **more: str) -> dict[str, str]:
    """A row of a log: what happened to case 1, and when."""
    return {"no": "1", "le": "2025-03-01", "recit": "Un refus.", "quoi": quoi, "quand": quand, **more}
