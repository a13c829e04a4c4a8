"""Workbooks as people save them: cells as a person would type them, sheets, headers, a parser that is left or dies."""

import contextlib
import os
import signal
from pathlib import Path

import pytest

from kit.tables import TableError, read_table
from tests.kit.tables.reading import refused, rows
from tests.kit.tables.workbooks import HEADER, TWO_ROWS, number, ods, text_cell, xlsx


def test_a_workbook_is_read_with_the_numbers_of_its_rows(tmp_path: Path) -> None:
    table = read_table(xlsx(tmp_path, ("Registre", TWO_ROWS + '<row r="900"><c r="A900" s="1"/></row>')))
    assert (table.columns, table.sheet, table.encoding) == (["Nom", "Âge"], "Registre", None)
    assert [(row.line, row.values) for row in table] == [
        (2, {"Nom": "Zoé", "Âge": "31"}),
        (5, {"Nom": "Noël", "Âge": "4,5"}),
    ]
    assert len(list(table)) == 2, "a table can be read again"


def test_cells_come_as_a_person_would_type_them(tmp_path: Path) -> None:
    cells = {
        "whole": (number("A2", "12345678901234"), "12345678901234"),
        "tenth": (number("B2", "0.30000000000000004"), "0,3"),
        "vast": (number("C2", "1e30"), "1" + "0" * 30),
        "true": ('<c r="D2" t="b"><v>1</v></c>', "VRAI"),
        "false": ('<c r="E2" t="b"><v>0</v></c>', "FAUX"),
        "date": (number("F2", "45000", 1), "2023-03-15"),
        "midnight": (number("G2", "45000", 2), "2023-03-15"),
        "noon": (number("H2", "45000.5", 2), "2023-03-15T12:00:00"),
        "time": (number("I2", "0.25", 3), "06:00:00"),
        "duration": (number("J2", "1.5", 4), "36:00:00"),
        "minute": (number("K2", "0.0001"), "0,0001"),
        "text": (text_cell("L2", "  007 "), "007"),
    }
    header = "".join(text_cell(f"{letter}1", name) for letter, name in zip("ABCDEFGHIJKL", cells, strict=True))
    body = f'<row r="1">{header}</row><row r="2">{"".join(cell for cell, _ in cells.values())}</row>'
    (row,) = rows(xlsx(tmp_path, ("S", body)))
    assert row.values == {name: expected for name, (_, expected) in cells.items()}


def test_the_header_of_a_sheet_may_stand_lower(tmp_path: Path) -> None:
    title = '<row r="2">' + text_cell("B2", "Registre 2024") + "</row>"
    body = title + '<row r="4">' + text_cell("B4", "Nom") + '</row><row r="6">' + text_cell("B6", "Zoé") + "</row>"
    file = xlsx(tmp_path, ("S", body))
    assert [(row.line, row.values) for row in rows(file, header_row=4)] == [(6, {"Nom": "Zoé"})]
    assert (
        refused(file).code == refused(file, header_row=3).code == refused(file, header_row=9).code == "table-no-header"
    )


def test_a_row_of_a_sheet_wider_than_its_header_is_told(tmp_path: Path) -> None:
    body = HEADER + '<row r="2">' + text_cell("A2", "Zoé") + text_cell("D2", "note") + "</row>"
    (row,) = rows(xlsx(tmp_path, ("S", body)))
    assert row.extra == ("", "note") and row.problem is not None and row.problem.code == "table-too-many-cells"


def test_sheets_are_chosen_by_name_or_by_place_among_the_visible(tmp_path: Path) -> None:
    sheets = [(name, f'<row r="1">{text_cell("A1", name)}</row>') for name in ("Listes", "Été", "Hiver")]
    file = xlsx(tmp_path, *sheets, hidden="Listes")
    assert read_table(file).sheet == "Été"
    assert read_table(file, sheet=2).columns == ["Hiver"]
    assert read_table(file, sheet="Listes").columns == ["Listes"]
    for absent in ("Printemps", 0, 3, -1):
        error = refused(file, sheet=absent)
        assert (error.code, error.params["sheets"]) == ("table-sheet-not-found", "Été, Hiver")


def test_an_empty_sheet_has_no_header(tmp_path: Path) -> None:
    assert refused(xlsx(tmp_path, ("S", ""))).code == "table-no-header"


def test_a_libreoffice_table_is_read(tmp_path: Path) -> None:
    def cell(text: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    def blank_rows(count: int) -> str:
        cells = '<table:table-cell table:number-columns-repeated="16384"/>'
        return f'<table:table-row table:number-rows-repeated="{count}">{cells}</table:table-row>'

    age = '<table:table-cell office:value-type="float" office:value="31"/>'
    body = (
        f"<table:table-row>{cell('Nom')}{cell('Âge')}</table:table-row>{blank_rows(2)}"
        f"<table:table-row>{cell('Zoé')}{age}</table:table-row>{blank_rows(1_048_572)}"
    )
    assert [(row.line, row.values) for row in rows(ods(tmp_path, body))] == [(4, {"Nom": "Zoé", "Âge": "31"})]


def parsers() -> list[int]:
    """The parser processes that this one has started and that are still there, dead or alive."""
    pids = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            is_mine = status.read_text().rpartition(")")[2].split()[1] == str(os.getpid())
            if is_mine and b"parse_workbook" in (status.parent / "cmdline").read_bytes():
                pids.append(int(status.parent.name))
    return pids


def test_leaving_a_workbook_early_leaves_no_process(tmp_path: Path) -> None:
    many = "".join(f'<row r="{n}">{number(f"A{n}", str(n))}</row>' for n in range(2, 60_000))
    table = read_table(xlsx(tmp_path, ("S", f'<row r="1">{text_cell("A1", "n")}</row>{many}')))
    reading = iter(table)
    assert next(reading).values == {"n": "2"}
    (parser,) = parsers()
    reading.close()  # type: ignore[attr-defined]
    assert not Path(f"/proc/{parser}").exists()


def test_a_parser_that_dies_half_way_is_not_the_end_of_the_table(tmp_path: Path) -> None:
    many = "".join(f'<row r="{n}">{number(f"A{n}", str(n))}</row>' for n in range(2, 60_000))
    reading = iter(read_table(xlsx(tmp_path, ("S", f'<row r="1">{text_cell("A1", "n")}</row>{many}'))))
    next(reading)
    (parser,) = parsers()
    os.kill(parser, signal.SIGKILL)
    with pytest.raises(TableError) as caught:
        list(reading)
    assert caught.value.code == "table-damaged"
