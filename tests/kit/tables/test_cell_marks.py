"""Cells of a workbook that hold an error, a formula without a value or a number with a format of its own."""

import zipfile
from pathlib import Path

import pytest

from kit.tables import read_table
from tests.kit.tables.reading import refused, rows, values, write
from tests.kit.tables.workbooks import MAIN, ods, text_cell, xlsx

FORMATS = ("00000", "0#&quot; &quot;##&quot; &quot;##&quot; &quot;##&quot; &quot;##", "0.0", "0%")
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="4">'
    + "".join(f'<numFmt numFmtId="{170 + n}" formatCode="{code}"/>' for n, code in enumerate(FORMATS))
    + '</numFmts><cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs><cellXfs count="6"><xf numFmtId="0"/>'
    + '<xf numFmtId="14"/>'
    + "".join(f'<xf numFmtId="{170 + n}"/>' for n in range(4))
    + "</cellXfs></styleSheet>"
)
NAMES = "ABCDEFGHIJKLM"


def sheet(folder: Path, *cells: str) -> Path:
    """A workbook with one row of cells, under columns named A, B, C..."""
    header = "".join(text_cell(f"{letter}1", letter) for letter in NAMES[: len(cells)])
    file = xlsx(folder, ("S", f'<row r="1">{header}</row><row r="2">{"".join(cells)}</row>'))
    styled = folder / "styled.xlsx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(styled, "w") as new:
        for part in old.namelist():
            new.writestr(part, STYLES if part == "xl/styles.xml" else old.read(part))
    return styled


def cell(at: str, inside: str, attributes: str = "") -> str:
    return f'<c r="{at}2" {attributes}>{inside}</c>'


@pytest.mark.met("number formats")
def test_figures_come_as_the_sheet_shows_them(tmp_path: Path) -> None:
    file = sheet(
        tmp_path,
        cell("A", "<v>1000</v>", 's="2"'),
        cell("B", "<v>300000001</v>", 's="3"'),
        cell("C", "<v>1</v>", 's="4"'),
        cell("D", "<v>0.45</v>", 's="5"'),
        cell("E", "<v>75001</v>"),
        cell("F", "<f>A2*1</f><v>1000</v>", 's="2"'),
        cell("G", "<v>45691</v>", 's="1"'),
    )
    assert values(file) == [["01000", "03 00 00 00 01", "1,0", "45%", "75001", "01000", "2025-02-03"]]


@pytest.mark.met("a formula without a value")
@pytest.mark.parametrize(
    ("inside", "attributes", "code"),
    [
        ("<f>VLOOKUP(A2,X!A:B,2,0)</f><v>#N/A</v>", 't="e"', "table-cell-error"),
        ("<v>#REF!</v>", 't="e"', "table-cell-error"),
        ("<f>B2-10</f>", "", "table-no-value"),
        ("<f>B2-10</f><v/>", "", "table-no-value"),
        ('<f t="shared" si="0"/><v></v>', 's="1"', "table-no-value"),
    ],
)
def test_an_error_and_a_formula_without_a_value_are_told_with_their_column(
    tmp_path: Path, inside: str, attributes: str, code: str
) -> None:
    (row,) = rows(sheet(tmp_path, cell("A", "<v>1</v>"), cell("B", inside, attributes)))
    assert {column: fault.code for column, fault in row.faults.items()} == {"B": code}
    fault = row.faults["B"]
    assert (fault.field, fault.params["line"]) == ("B", 2) and "B" in str(fault)


def test_a_formula_that_gives_an_empty_text_is_empty(tmp_path: Path) -> None:
    (row,) = rows(sheet(tmp_path, cell("A", "<v>1</v>"), cell("B", '<f>IF(1,"","x")</f><v></v>', 't="str"')))
    assert (row.values, row.faults) == ({"A": "1", "B": ""}, {})


def test_a_row_of_nothing_but_an_error_is_not_lost(tmp_path: Path) -> None:
    (row,) = rows(sheet(tmp_path, cell("A", "<v>#N/A</v>", 't="e"'), cell("B", "")))
    assert set(row.faults) == {"A"}


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#VALEUR!", "#NOM?", "#DIV/0!", "########", "Err:502", "Err :509"])
def test_an_error_that_was_written_out_as_text_is_one_too(tmp_path: Path, text: str) -> None:
    (row,) = rows(write(tmp_path, f"a;b\n1;{text}\n"))
    assert row.faults["b"].code == "table-cell-error"


@pytest.mark.parametrize("text", ["#1", "# 12", "#", "Erreur de la mairie", "il y a écrit #N/A dessus"])
def test_what_only_looks_like_an_error_is_a_text(tmp_path: Path, text: str) -> None:
    assert rows(write(tmp_path, f"a;b\n1;{text}\n"))[0].faults == {}


def test_a_libreoffice_table_says_itself_what_it_shows(tmp_path: Path) -> None:
    def shown(kind: str, value: str, text: str, more: str = "") -> str:
        return (
            f'<table:table-cell office:value-type="{kind}" office:value="{value}"{more}><text:p>{text}</text:p>'
            "</table:table-cell>"
        )

    header = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>' for name in "abcd"
    )
    cells = (
        shown("float", "1000", "01000")
        + shown("percentage", "0.45", "45 %")
        + '<table:table-cell table:formula="of:=[.A2]"/>'
        + shown("float", "0", "#N/A", ' table:formula="of:=NA()"')
    )
    body = f"<table:table-row>{header}</table:table-row><table:table-row>{cells}</table:table-row>"
    (row,) = rows(ods(tmp_path, body))
    assert (row.values["a"], row.values["b"]) == ("01000", "45 %")
    assert {column: fault.code for column, fault in row.faults.items()} == {
        "c": "table-no-value",
        "d": "table-cell-error",
    }


def test_a_workbook_that_declares_entities_is_not_read(tmp_path: Path) -> None:
    body = '<row r="1">' + text_cell("A1", "a") + "</row>"
    file = xlsx(tmp_path, ("S", body))
    hostile = tmp_path / "hostile.xlsx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(hostile, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, b"<!DOCTYPE x [<!ENTITY a 'a'>]>" + text if "sheet1" in part else text)
    assert refused(hostile).code in ("table-old-workbook", "table-damaged")


def test_sheets_are_listed(tmp_path: Path) -> None:
    from kit.tables.workbook import sheets_of

    file = xlsx(tmp_path, *((name, f'<row r="1">{text_cell("A1", "a")}</row>') for name in ("Un", "Deux")))
    assert sheets_of(file) == ["Un", "Deux"]
    assert read_table(file).sheet == "Un"
