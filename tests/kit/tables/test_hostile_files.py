"""Files that are not what they are called, that are cut or changed, or that were made to harm."""

import zipfile
from pathlib import Path

import pytest

from kit.tables import TableError, read_table
from tests.kit.tables.reading import refused, rows, values, write
from tests.kit.tables.workbooks import HEADER, MAIN, TWO_ROWS, number, ods, xlsx


def test_a_workbook_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = xlsx(tmp_path, ("S", TWO_ROWS)).read_bytes()
    for cut in [*range(1, 64), *range(64, len(whole), 7), len(whole) - 1]:
        file = write(tmp_path, whole[:cut], name="cut.xlsx")
        assert refused(file).code in {"table-damaged", "table-not-a-workbook"}, cut


def test_a_workbook_with_a_byte_changed_is_refused_or_right(tmp_path: Path) -> None:
    right = xlsx(tmp_path, ("S", TWO_ROWS))
    expected, whole = rows(right), right.read_bytes()
    for place in range(3, len(whole), 29):
        file = write(tmp_path, whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :], name="bad.xlsx")
        try:
            assert rows(file) == expected, place
        except TableError as error:
            assert error.code not in {"table-not-found", "table-not-readable", "table-no-header"}


@pytest.mark.parametrize("name", ["t.xlsx", "t.XLSM", "t.ods", "t.xls"])
@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"<b>", b"a;b\n1;2\n"])
def test_a_file_named_as_a_workbook_must_be_one(tmp_path: Path, name: str, content: bytes) -> None:
    assert refused(write(tmp_path, content, name=name)).code == "table-not-a-workbook"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.4\n1 0 obj\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "JPEG"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"<!DOCTYPE html>\n<table>", "HTML"),
        (b"<html><table>", "HTML"),
        (b'<?xml version="1.0"?>', "XML"),
    ],
)
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_file_of_another_kind_is_told_by_what_it_looks_like(
    tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    error = refused(write(tmp_path, content, name=name))
    assert (error.code, error.field, error.params["found"]) == ("table-other-kind", "file", found)


def test_an_archive_is_told_to_be_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.csv", "w") as archive:
        archive.writestr("registre.csv", "a;b")
    assert refused(tmp_path / "t.csv").params["found"] == "ZIP"


@pytest.mark.parametrize("column", ["MZ", "ID3", "#!", "<5 ans", "Rar!", "GIF8"])
def test_the_name_of_a_column_is_not_taken_for_the_mark_of_a_program(tmp_path: Path, column: str) -> None:
    assert read_table(write(tmp_path, f"{column};b\n1;2\n")).columns == [column, "b"]


def test_a_workbook_is_known_by_its_content(tmp_path: Path) -> None:
    assert values(xlsx(tmp_path, ("S", TWO_ROWS), name="export.csv"))[0] == ["Zoé", "31"]
    assert values(write(tmp_path, "PK;nom\n1;Zoé\n")) == [["1", "Zoé"]]


def test_another_zip_is_not_a_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    error = refused(tmp_path / "t.xlsx")
    assert (error.code, error.params["found"]) == ("table-other-kind", "DOCX")
    with zipfile.ZipFile(tmp_path / "u.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "no XML at all <<<")
    assert refused(tmp_path / "u.xlsx").code == "table-damaged"


def compound_file(stream: str) -> bytes:
    """The old Office container with one empty stream: header, allocation table, directory."""
    end, free = b"\xfe\xff\xff\xff", b"\xff\xff\xff\xff"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += bytes.fromhex("3e000300feff09000600") + bytes(6) + bytes(4) + b"\1\0\0\0" + b"\1\0\0\0" + bytes(4)
    header += b"\0\x10\0\0" + end + bytes(4) + end + bytes(4) + bytes(4) + free * 108
    table = b"\xfd\xff\xff\xff" + end + free * 126

    def entry(name: str, kind: int, child: bytes) -> bytes:
        text = name.encode("utf-16-le")
        start = text.ljust(64, b"\0") + (len(text) + 2).to_bytes(2, "little") + bytes([kind, 1]) + free * 2 + child
        return (start + bytes(36) + end + bytes(8)).ljust(128, b"\0")

    return header + table + entry("Root Entry", 5, b"\1\0\0\0") + entry(stream, 2, free) + bytes(256)


def test_a_workbook_under_a_password_says_so(tmp_path: Path) -> None:
    file = write(tmp_path, compound_file("EncryptedPackage"), name="t.xlsx")
    assert refused(file).code == "table-encrypted"
    locked = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    assert refused(ods(tmp_path, "", locked)).code == "table-encrypted"
    assert refused(write(tmp_path, compound_file("Other"), name="t.xls")).code == "table-damaged"


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    rows_of_spaces = HEADER + " " * 60_000_000
    error = refused(xlsx(tmp_path, ("S", rows_of_spaces)))
    assert error.code == "table-bomb" and int(error.params["bytes"]) > 60_000_000  # type: ignore[call-overload]


def test_a_bomb_whose_directory_lies_takes_only_its_own_process(tmp_path: Path) -> None:
    file = xlsx(tmp_path, ("S", HEADER + " " * 60_000_000))
    honest = file.read_bytes()
    size = len(HEADER.encode()) + 60_000_000 + len(f'<worksheet xmlns="{MAIN}"><sheetData></sheetData></worksheet>')
    assert honest.count(size.to_bytes(4, "little")) >= 1
    lying = write(tmp_path, honest.replace(size.to_bytes(4, "little"), b"\1\0\0\0"), name="lying.xlsx")
    try:
        assert rows(lying) == []
    except TableError as error:
        assert error.code == "table-damaged"


@pytest.mark.parametrize("corner", ["XFD1048576", "ZZZZZZZ99999999999", "AAAAA1"])
def test_a_cell_at_the_end_of_the_world_does_not_take_the_worker_with_it(tmp_path: Path, corner: str) -> None:
    body = HEADER + '<row r="1048576">' + number(corner, "1") + "</row>"
    assert refused(xlsx(tmp_path, ("S", body))).code == "table-damaged"


def test_a_libreoffice_row_repeated_a_million_times_is_refused(tmp_path: Path) -> None:
    repeated = 'office:value-type="string" table:number-columns-repeated="90"'
    cell = f"<table:table-cell {repeated}><text:p>x</text:p></table:table-cell>"
    body = f'<table:table-row table:number-rows-repeated="1048575">{cell}</table:table-row>'
    assert refused(ods(tmp_path, body)).code == "table-damaged"
