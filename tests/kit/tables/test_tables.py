"""Tables as offices send them: every encoding, every separator, and files made to harm."""

import contextlib
import csv
import io
import os
import signal
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.tables import Row, TableError, read_table
from kit.tables.lines import Lines
from kit.tables.overlong import Overlong

REAL_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def write(folder: Path, content: str | bytes, encoding: str = "utf-8", name: str = "t.csv") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return file


def rows(file: Path, **options: object) -> list[Row]:
    return list(read_table(file, **options))  # type: ignore[arg-type]


def values(file: Path, **options: object) -> list[list[str]]:
    return [list(row.values.values()) for row in rows(file, **options)]


def refused(file: Path, **options: object) -> TableError:
    with pytest.raises(TableError) as caught:
        rows(file, **options)
    assert caught.value.remedy in str(caught.value), "the texts fit their parameters"
    return caught.value


# --- Encodings ------------------------------------------------------------------------------------

FRENCH = "Prénom;Motif;Coût\r\nFrançoise;refusée à l’école, cœur brisé;12 €\r\nNoël;« où ça ? » — ÉVRY;0,5 €\r\n"
LATIN_9 = FRENCH.replace("’", "'").replace("—", "-")  # it has neither


@pytest.mark.parametrize(
    ("codec", "text", "seen"),
    [
        ("utf-8", FRENCH, "utf-8"),
        ("utf-8-sig", FRENCH, "utf-8-sig"),
        ("utf-16", FRENCH, "utf-16"),
        ("cp1252", FRENCH, "cp1252"),
        ("iso8859-15", LATIN_9, "iso8859-15"),
        ("mac-roman", FRENCH, "mac-roman"),
    ],
)
def test_the_encodings_of_french_offices_are_told_apart(tmp_path: Path, codec: str, text: str, seen: str) -> None:
    table = read_table(write(tmp_path, text, codec))
    assert table.encoding == seen
    assert table.columns == ["Prénom", "Motif", "Coût"]
    assert [row.values["Motif"] for row in table] == [line.split(";")[1] for line in text.splitlines()[1:]]


def test_excel_unicode_text_reads_in_both_byte_orders(tmp_path: Path) -> None:
    text = "Prénom\tVille\r\nZoé\tBesançon\r\n"
    little = write(tmp_path, b"\xff\xfe" + text.encode("utf-16-le"), name="little.txt")
    big = write(tmp_path, b"\xfe\xff" + text.encode("utf-16-be"), name="big.txt")
    assert values(little) == values(big) == [["Zoé", "Besançon"]]


@pytest.mark.parametrize("codec", ["cp1252", "iso8859-15", "mac-roman"])
@pytest.mark.parametrize("word", ["René", "Lefèvre", "Besançon", "Orléans à côté", "ÉTAT", "œuf", "Müller", "12 €"])
def test_one_word_is_enough_to_tell_a_one_byte_encoding(tmp_path: Path, codec: str, word: str) -> None:
    assert values(write(tmp_path, f"nom;n\n{word};1\n", codec)) == [[word, "1"]]


def test_the_bytes_are_those_of_the_standards(tmp_path: Path) -> None:
    """Written by hand, so that the test does not rest on Python's codecs both ways."""
    assert values(write(tmp_path, b"a;b\nd\x92Yqu\xe9;12 \x80\n")) == [["d’Yqué", "12 €"]]  # Windows
    assert values(write(tmp_path, b"a;b\rd\xd5Yqu\x8e;12 \xdb\r")) == [["d’Yqué", "12 €"]]  # Macintosh
    assert values(write(tmp_path, b"a;b\ns\xbdur \xe9;12 \xa4\n")) == [["sœur é", "12 €"]]  # ISO 8859-15


def test_an_encoding_that_is_given_is_obeyed(tmp_path: Path) -> None:
    assert values(write(tmp_path, b"a;b\n\xa4;1\n"), encoding="cp1252") == [["¤", "1"]]
    assert values(write(tmp_path, "\ufeffa;b\né;1\n"), encoding="utf-8") == [["é", "1"]]
    assert read_table(write(tmp_path, '\ufeff"a;a";b\n1;2\n'), encoding="utf-8").columns == ["a;a", "b"]


def test_text_in_no_known_encoding_is_refused_rather_than_garbled(tmp_path: Path) -> None:
    half_and_half = b"nom;n\n" + "Élève\n".encode() * 3 + "é\n".encode("cp1252")
    assert refused(write(tmp_path, half_and_half)).code == "table-undecodable"
    assert refused(write(tmp_path, "nom\nŁódź, Gdańsk\n", "cp1250")).code == "table-undecodable"
    assert refused(write(tmp_path, b"a;b\n\xe9;1\n"), encoding="utf-8").code == "table-undecodable"
    cut_in_a_letter = "a;b\né;1\n".encode("utf-16")[:-1]
    assert refused(write(tmp_path, cut_in_a_letter)).code == "table-undecodable"


@pytest.mark.parametrize("name", ["klingon", "base64", "a\0b", "undefined"])
def test_an_unknown_encoding_is_named(tmp_path: Path, name: str) -> None:
    error = refused(write(tmp_path, "a;b\n"), encoding=name)
    assert (error.code, error.params) == ("table-unknown-encoding", {"encoding": name})


@pytest.mark.parametrize("content", [b"a;\0b\n1;2\n", "a;b\n1;2\n".encode("utf-16-le"), b"\xff\xfea\0;\0\0\0"])
def test_nul_bytes_in_the_header_show_that_it_is_no_text(tmp_path: Path, content: bytes) -> None:
    assert refused(write(tmp_path, content)).code == "table-nul-bytes"


@pytest.mark.parametrize("encoding", [None, "utf-8"])
def test_a_nul_byte_in_a_row_is_a_problem_of_that_row(tmp_path: Path, encoding: str | None) -> None:
    first, bad, last = rows(write(tmp_path, "a;b\n1;é\n3;x\0y\n5;6\n"), encoding=encoding)
    assert (first.problem, last.problem) == (None, None) and first.values["b"] == "é"
    assert bad.problem is not None and bad.problem.code == "table-nul-in-cell"
    assert (bad.problem.field, bad.problem.params) == ("b", {"line": 3, "column": "b"})
    assert bad.values == {"a": "3", "b": "x�y"}
    assert str(bad.problem)


# --- Separators, quotes, lines --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "delimiter", "columns"),
    [
        ("a;b\n1;2\n", ";", ["a", "b"]),
        ("a,b\n1,2\n", ",", ["a", "b"]),
        ("a\tb\n1\t2\n", "\t", ["a", "b"]),
        ("a|b\n1|2\n", "|", ["a", "b"]),
        ("prix;taux\n1,5;2,5\n3,5;4,5\n", ";", ["prix", "taux"]),
        ("Nom, prénom;Date;Ville\nA, B;1;2\nC, D;3;4\n", ";", ["Nom, prénom", "Date", "Ville"]),
        ("Date (jour, mois, an, heure);Lieu\n1;2\n3;4\n", ";", ["Date (jour, mois, an, heure)", "Lieu"]),
        ('"a;b","c;d"\n"1;2","3;4"\n', ",", ["a;b", "c;d"]),
        ("a;b;c\n1;2\n1;2;3\n1;2;3,5\n", ";", ["a", "b", "c"]),
        ("a;b\n", ";", ["a", "b"]),
        ("motif\nrefus, insultes\nrefus; menaces\n", None, ["motif"]),
        ("motif\n", None, ["motif"]),
        ("motif", None, ["motif"]),
    ],
)
def test_the_separator_is_found(tmp_path: Path, text: str, delimiter: str | None, columns: list[str]) -> None:
    table = read_table(write(tmp_path, text))
    assert (table.delimiter, table.columns) == (delimiter, columns)
    assert [row.problem for row in table] == [None] * (len(text.splitlines()) - 1)


def test_a_column_alone_keeps_its_text_whole(tmp_path: Path) -> None:
    assert values(write(tmp_path, "motif\nrefus, insultes\nrefus; menaces\n")) == [
        ["refus, insultes"],
        ["refus; menaces"],
    ]


def test_long_cells_over_many_lines_do_not_hide_the_separator(tmp_path: Path) -> None:
    story = "\n".join(f"ligne {n}, suite" for n in range(60))
    file = write(tmp_path, "n;récit\n" + "".join(f'{n};"{story}"\n' for n in range(20)))
    assert [row.line for row in rows(file)] == [2 + 60 * n for n in range(20)]


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_a_separator_that_cannot_be_one_is_refused(tmp_path: Path, delimiter: str) -> None:
    assert refused(write(tmp_path, "a;b\n"), delimiter=delimiter).code == "table-bad-delimiter"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_row_is_numbered_by_the_line_it_starts_at(tmp_path: Path, end: str) -> None:
    text = end.join(['"na', 'me";b', "1;2", "", '"x', "", 'y";3', "4;5"])
    read = rows(write(tmp_path, text))
    assert [(row.line, row.values["na me"], row.values["b"]) for row in read] == [
        (3, "1", "2"),
        (5, f"x{end}{end}y", "3"),
        (8, "4", "5"),
    ]


def test_doubled_quotes_are_one_quote(tmp_path: Path) -> None:
    assert values(write(tmp_path, 'a;b\n"il dit ""non""";2\n')) == [['il dit "non"', "2"]]


def test_a_space_before_a_quote_does_no_harm(tmp_path: Path) -> None:
    assert values(write(tmp_path, 'a; b\n1; "x;y"\n')) == [["1", "x;y"]]


def test_the_sep_line_of_excel_is_obeyed_and_not_counted(tmp_path: Path) -> None:
    file = write(tmp_path, "sep=|\r\na;a|b\r\n1|2\r\n")
    table = read_table(file)
    assert (table.columns, table.delimiter) == (["a;a", "b"], "|")
    assert [row.line for row in table] == [3]
    assert read_table(file, delimiter=";").columns == ["a", "a|b"]
    assert values(write(tmp_path, "\ufeffSEP=,\r\ntitre\r\na,b\r\n1,2\r\n"), header_row=2) == [["1", "2"]]


def test_blank_rows_are_skipped_and_short_ones_filled(tmp_path: Path) -> None:
    read = rows(write(tmp_path, "a;b;c\n\n;;\n1\n ; \u00a0 ;\n2;3;4;;\n"))
    assert [(row.line, list(row.values.values()), row.extra, row.problem) for row in read] == [
        (4, ["1", "", ""], (), None),
        (6, ["2", "3", "4"], (), None),
    ]


def test_cells_beyond_the_last_column_are_kept_and_told(tmp_path: Path) -> None:
    read = rows(write(tmp_path, "a;b\n1;2\nsecret; oups ;x\n3;4\n"))
    assert [row.problem is None for row in read] == [True, False, True]
    assert read[1].extra == ("x",) and read[1].values == {"a": "secret", "b": "oups"}
    problem = read[1].problem
    assert problem is not None and problem.code == "table-too-many-cells"
    assert problem.params == {"line": 3, "count": 3, "columns": 2}
    assert "secret" not in str(problem) + repr(problem.params)


def test_a_row_with_wild_quotes_is_given_with_its_problem(tmp_path: Path) -> None:
    read = rows(write(tmp_path, 'a;b\n"il dit "non" hier";2\n3;4\n'))
    assert [(row.line, row.problem and row.problem.code) for row in read] == [(2, "table-bad-quotes"), (3, None)]
    assert "non" in "".join(read[0].values.values())


def test_a_quote_never_closed_stops_the_reading(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'a;b\n1;2\n3;"4\n5;6\n'))
    read: Iterator[Row] = iter(table)
    assert next(read).line == 2
    with pytest.raises(TableError) as caught:
        next(read)
    assert (caught.value.code, caught.value.params) == ("table-unclosed-quote", {"line": 3})


LONG = "x" * 200_000


@pytest.mark.parametrize(
    ("row", "cells", "last"),
    [
        (f'1;"{LONG}";3', 1, 3),
        (f"1;{LONG};3", 1, 3),
        (f'{LONG};"2;2";3', 3, 3),
        (f'"a ""b""";"{LONG}"";""";3', 1, 3),
        ('1; "' + "il dit :\n" * 20_000 + '";"3"', 1, 20_003),
        (f"1;2;{LONG}", 2, 3),
    ],
)
def test_a_cell_without_end_is_a_problem_of_its_row(tmp_path: Path, row: str, cells: int, last: int) -> None:
    first, bad, after = rows(write(tmp_path, f"a;b;c\n1;2;3\n{row}\n4;5;6\n"))
    assert (first.problem, after.problem, after.line, after.values["c"]) == (None, None, last + 1, "6")
    assert bad.problem is not None and bad.problem.code == "table-cell-too-long"
    column = "abc"[0 if cells == 3 else cells]
    assert bad.problem.field == column
    assert bad.problem.params == {"line": 3, "last": last, "column": column, "limit": 131_072}
    kept = bad.values[column]
    assert len(kept) == 131_073 and kept.endswith("…"), "what is cut shows it"
    expected = next(csv.reader([row.replace(LONG, "x")], delimiter=";", skipinitialspace=True)) if last == 3 else []
    others = [cell for name, cell in zip("abc", expected, strict=False) if name != column]
    assert [bad.values[name] for name in "abc"[: len(expected)] if name != column] == others


@given(text=st.text(alphabet='a"; \n', max_size=14))
def test_a_row_too_long_for_the_csv_module_ends_where_the_csv_module_would_end_it(text: str) -> None:
    theirs, ours = (Lines(io.StringIO(text, newline="")) for _ in range(2))
    try:
        cells = next(csv.reader(theirs, delimiter=";", skipinitialspace=True, strict=True), None)
    except csv.Error:
        cells = None
    if next(ours, None) is None or cells == []:
        return
    row = Overlong(ours, ";", limit=100)
    matched = row.matched and not ours.ended
    assert (row.cells if matched else None, ours.number) == (cells, theirs.number)


def test_a_quote_never_closed_that_swallows_more_than_a_cell_holds_is_said_with_its_line(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'a;b\n1;2\n3;"4\n' + "5;6\n" * 60_000))
    read: Iterator[Row] = iter(table)
    assert next(read).line == 2
    with pytest.raises(TableError) as caught:
        next(read)
    assert (caught.value.code, caught.value.params) == ("table-unclosed-quote", {"line": 3})


def test_rows_that_a_quote_swallowed_are_said_to_be_lines_of_a_refused_row(tmp_path: Path) -> None:
    swallowed = "5;6\n" * 60_000
    good, bad, after = rows(write(tmp_path, f'a;b\n1;2\n3;"4\n{swallowed}7;"8"\n9;10\n'))
    assert bad.problem is not None and bad.problem.code == "table-quotes-over-lines"
    assert (good.line, bad.line, after.line) == (2, 3, 60_005)
    assert bad.problem.params == {"line": 3, "last": 60_004}


def test_a_cell_without_end_takes_little_memory(tmp_path: Path) -> None:
    file = write(tmp_path, 'a;b\n1;"' + ("il dit " * 100 + "\n") * 6_000 + '"\n2;3\n')
    assert file.stat().st_size > 4_000_000
    tracemalloc.start()
    try:
        assert [row.problem is None for row in read_table(file)] == [False, True]
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_row_beyond_repair_is_given_as_it_stands(tmp_path: Path) -> None:
    wild = '"a"b;' + "x" * 200_000
    (row,) = rows(write(tmp_path, f"a;b\n{wild}\n"))
    assert row.values == {"a": wild, "b": ""}
    assert row.problem is not None and row.problem.code == "table-bad-quotes"


# --- Headers and files ----------------------------------------------------------------------------


def test_the_header_may_stand_lower(tmp_path: Path) -> None:
    file = write(tmp_path, 'Registre, "2024\n\n"Date\nde saisine";Ville;\n2024-01-02;Lyon;\n')
    table = read_table(file, header_row=3)
    assert table.columns == ["Date de saisine", "Ville"]
    assert [(row.line, row.values["Ville"]) for row in table] == [(5, "Lyon")]


@pytest.mark.parametrize("header_row", [-1, 0, 2, 9])
def test_no_header_at_that_line(tmp_path: Path, header_row: int) -> None:
    error = refused(write(tmp_path, "a;b\n ; \n1;2\n"), header_row=header_row)
    assert (error.code, error.params["line"]) == ("table-no-header", header_row)


def test_a_header_with_wild_quotes_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, '"a"x;b\n1;2\n'), delimiter=";").code == "table-bad-quotes"


def test_columns_of_one_name_are_named(tmp_path: Path) -> None:
    error = refused(write(tmp_path, "nom;ville;nom ;ville;n\n1;2;3;4;5\n"))
    assert (error.code, error.params["columns"]) == ("table-duplicate-columns", "nom, ville")


def test_a_column_without_a_name_is_not_lost(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "a;;b\n1;2;3\n"))[0].values == {"a": "1", "#2": "2", "b": "3"}


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n \r\n\t\n"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    assert refused(write(tmp_path, content)).code == "table-empty"


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    assert refused(tmp_path / "absent.csv").code == "table-not-found"
    assert refused(tmp_path / "a\0b").code == "table-not-found"
    assert refused(tmp_path).code == "table-not-a-file"
    assert refused(tmp_path / "pipe").code == "table-not-a-file"
    assert refused(tmp_path / "loop").code == "table-not-readable"
    assert refused(write(tmp_path, "a;b\n") / "c.csv").code == "table-not-readable"


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    file = write(tmp_path, "a;b\n1;2\n")
    error = refused(file, max_bytes=7)
    assert (error.code, error.params["bytes"], error.params["limit"]) == ("table-too-large", 8, 7)
    assert values(file, max_bytes=8) == [["1", "2"]]


def test_a_text_has_no_sheets(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "a;b\n"), sheet="a").code == "table-no-sheets"


def test_reading_a_text_takes_little_memory_and_can_be_done_twice(tmp_path: Path) -> None:
    file = write(tmp_path, "n;récit\n" + "".join(f'{n};"{"é" * 150}\n{n}"\n' for n in range(10_000)))
    assert file.stat().st_size > 3_000_000
    tracemalloc.start()
    try:
        table = read_table(file)
        assert sum(1 for _ in table) == sum(1 for _ in table) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


ONE_BYTE = ["cp1252", "iso8859-15", "mac-roman"]
ANY_LETTER = st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"])


@given(data=st.data())
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    codec = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", *ONE_BYTE]))
    delimiter = data.draw(st.sampled_from(";,\t|"))
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    width = data.draw(st.integers(1, 4))
    letters = st.sampled_from(bytes(range(1, 256)).decode(codec, "ignore")) if codec in ONE_BYTE else ANY_LETTER
    cell = st.text(st.one_of(letters, st.sampled_from(";,\t|\"' \r\né€")), max_size=12)
    written = data.draw(st.lists(st.lists(cell, min_size=width, max_size=width), max_size=6))
    columns = [f"colonne {n}" for n in range(width)]
    file = tmp_path_factory.mktemp("csv") / "t.csv"
    with file.open("w", encoding=codec, newline="") as opened:
        # Quoted throughout: the csv module leaves a bare CR or LF unquoted when it is not its own end of line.
        writer = csv.writer(opened, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
        writer.writerows([columns, *written])

    # Random letters say nothing of a one-byte encoding; marks and UTF-8 do. Quoted, the separator always shows.
    read = rows(file, encoding=codec if codec in ONE_BYTE else None)
    assert [list(row.values.values()) for row in read] == [
        stripped for line in written if any(stripped := [cell.strip() for cell in line])
    ]
    assert all(row.problem is None and not row.extra for row in read)


# --- Workbooks ------------------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = (  # 1: date, 2: date and time, 3: time, 4: duration
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="170" formatCode="[h]:mm:ss"/></numFmts>'
    '<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="21"/>'
    '<xf numFmtId="170"/></cellXfs></styleSheet>'
)


def text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def number(reference: str, value: str, style: int = 0) -> str:
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def xlsx(folder: Path, *sheets: tuple[str, str], name: str = "t.xlsx", hidden: str = "") -> Path:
    """A workbook of (name, XML of the rows) sheets, written by hand."""
    file = folder / name
    tabs = "".join(
        f'<sheet name="{title}" sheetId="{n}" r:id="rId{n}" state="{"hidden" if title == hidden else "visible"}"/>'
        for n, (title, _) in enumerate(sheets, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{tabs}</sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{RELATIONS}">{links}'
            f'<Relationship Id="rId99" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        )
        archive.writestr("xl/styles.xml", STYLES)
        for n, (_, body) in enumerate(sheets, start=1):
            archive.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>',
            )
    return file


def ods(folder: Path, body: str, manifest: str = "") -> Path:
    file = folder / "t.ods"
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{space}manifest:1.0">{manifest}</manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" '
            f'xmlns:text="{space}text:1.0"><office:body><office:spreadsheet><table:table table:name="Feuille1">{body}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return file


HEADER = '<row r="1">' + text_cell("A1", "Nom") + text_cell("B1", "Âge") + "</row>"
TWO_ROWS = (
    HEADER
    + '<row r="2">' + text_cell("A2", "Zoé") + number("B2", "31") + "</row>"
    + '<row r="5">' + text_cell("A5", "Noël") + number("B5", "4.5") + "</row>"
)  # fmt: skip


def test_a_workbook_is_read_with_the_numbers_of_its_rows(tmp_path: Path) -> None:
    table = read_table(xlsx(tmp_path, ("Registre", TWO_ROWS + '<row r="900"><c r="A900" s="1"/></row>')))
    assert (table.columns, table.sheet, table.encoding) == (["Nom", "Âge"], "Registre", None)
    assert [(row.line, row.values) for row in table] == [
        (2, {"Nom": "Zoé", "Âge": "31"}),
        (5, {"Nom": "Noël", "Âge": "4.5"}),
    ]
    assert len(list(table)) == 2, "a table can be read again"


def test_cells_come_as_a_person_would_type_them(tmp_path: Path) -> None:
    cells = {
        "whole": (number("A2", "12345678901234"), "12345678901234"),
        "tenth": (number("B2", "0.30000000000000004"), "0.3"),
        "vast": (number("C2", "1e30"), "1e+30"),
        "true": ('<c r="D2" t="b"><v>1</v></c>', "1"),
        "false": ('<c r="E2" t="b"><v>0</v></c>', "0"),
        "date": (number("F2", "45000", 1), "2023-03-15"),
        "midnight": (number("G2", "45000", 2), "2023-03-15"),
        "noon": (number("H2", "45000.5", 2), "2023-03-15T12:00:00"),
        "time": (number("I2", "0.25", 3), "06:00:00"),
        "duration": (number("J2", "1.5", 4), "36:00:00"),
        "error": ('<c r="K2" t="e"><v>#N/A</v></c>', ""),
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
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            is_mine = status.read_text().rpartition(")")[2].split()[1] == str(os.getpid())
            if is_mine and b"parse_workbook" in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
    return found


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


# --- Files nobody of us wrote ---------------------------------------------------------------------

needs_real_data = pytest.mark.skipif(not REAL_DATA.is_dir(), reason="no ../shared/data beside the repository")


@needs_real_data
@pytest.mark.parametrize(
    ("name", "columns", "count"),
    [("us_doe_ocr_open_discrimination.csv", 4, 2_782), ("receipt_wabo.csv", 15, 8_577)],
)
def test_real_registers_are_read_whole(name: str, columns: int, count: int) -> None:
    table = read_table(REAL_DATA / name)
    with (REAL_DATA / name).open(encoding="utf-8", newline="") as opened:
        expected = [[cell.strip() for cell in line] for line in csv.reader(opened)]
    assert len(table.columns) == columns and table.columns == expected[0]
    read = list(table)
    assert len(read) == count
    assert [list(row.values.values()) for row in read] == expected[1:]
    assert not any(row.problem for row in read)
