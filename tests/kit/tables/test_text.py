"""Tables as text: separators, quotes, lines, headers, and cells without end."""

import csv
import io
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.tables import Row, TableError, read_table
from kit.tables.lines import Lines
from kit.tables.overlong import Overlong
from tests.kit.tables.reading import refused, rows, values, write

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
    table = read_table(file)
    assert sum(1 for _ in table) == 10_000
    tracemalloc.start()  # which takes ten times as long
    try:
        assert sum(1 for _ in table) == 10_000
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
