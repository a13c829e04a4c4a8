"""The refused rows reach the association in a file that Excel opens, that obeys nothing, and that nobody else reads."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from domain.errors import Invalid
from importer.refused import RefusedFile, harmless, refused_path
from importer.rows import RefusedRow


def row(line: int = 3, **cells: str) -> RefusedRow:
    problem = Invalid("not_a_date", "{field} is no date ({column}).", "Correct {column}.", field="le", column="Reçu le")
    return RefusedRow(line, (problem,), cells or {"no": "1", "récit": "Bonjour"})


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened, delimiter=";"))


def test_a_refused_row_says_where_why_and_what_to_do(tmp_path: Path) -> None:
    with RefusedFile(tmp_path / "registre.csv") as refused:
        refused.write(row())
    assert refused.path == tmp_path / "registre.refused.csv"
    assert refused.path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read(refused.path) == [
        ["line", "field", "reason", "remedy", "no", "récit"],
        ["3", "le", "le is no date (Reçu le).", "Correct Reçu le.", "1", "Bonjour"],
    ]


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    with RefusedFile(tmp_path / "registre.csv") as refused:
        refused.write(row())
    assert refused.path.stat().st_mode & 0o777 == 0o600


def test_it_is_on_the_disk_as_the_import_goes_and_whole_at_the_end(tmp_path: Path) -> None:
    final = refused_path(tmp_path / "registre.csv")
    final.write_text("of an earlier import")
    with RefusedFile(tmp_path / "registre.csv") as refused:
        refused.write(row(3))
        (part,) = tmp_path.glob("*.part")
        assert len(read(part)) == 2
        assert final.read_text() == "of an earlier import"
        refused.write(row(4))
    assert [cells[0] for cells in read(final)] == ["line", "3", "4"]
    assert list(tmp_path.iterdir()) == [final]


def test_nothing_refused_leaves_no_file_and_removes_the_stale_one(tmp_path: Path) -> None:
    final = refused_path(tmp_path / "registre.csv")
    final.write_text("of an earlier import")
    with RefusedFile(tmp_path / "registre.csv") as refused:
        pass
    assert not refused.written
    assert list(tmp_path.iterdir()) == []


def test_an_import_that_stops_keeps_what_it_knows(tmp_path: Path) -> None:
    final = refused_path(tmp_path / "registre.csv")
    final.write_text("of an earlier import")
    with pytest.raises(KeyboardInterrupt), RefusedFile(tmp_path / "registre.csv"):
        raise KeyboardInterrupt
    assert final.exists()
    with pytest.raises(KeyboardInterrupt), RefusedFile(tmp_path / "registre.csv") as refused:
        refused.write(row())
        raise KeyboardInterrupt
    assert len(read(final)) == 2


def test_what_was_left_by_a_killed_import_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "registre.refused.csv.part").write_text("half a ro")
    with RefusedFile(tmp_path / "registre.csv") as refused:
        refused.write(row())
    (final,) = tmp_path.iterdir()
    assert len(read(final)) == 2


@pytest.mark.parametrize("cell", ["=1+1", "+33 3 00", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\xa0=cmd|'x'!A0"])
def test_no_cell_is_taken_for_a_formula(cell: str, tmp_path: Path) -> None:
    assert harmless(cell) == f"'{cell}"
    with RefusedFile(tmp_path / "registre.csv") as refused:
        refused.write(row(3, **{"=colonne": cell}))
    assert [cells[4] for cells in read(refused.path)] == ["'=colonne", f"'{cell}"]


@pytest.mark.parametrize("cell", ["", "Bonjour", "1-2", "a=b", "«=»"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_it_speaks_the_readers_language(tmp_path: Path) -> None:
    french = {"line": "ligne", "{field} is no date ({column}).": "{field} : pas une date ({column})."}

    def say(template: str, params: Mapping[str, object]) -> str:
        return french.get(template, template).format(**params)

    with RefusedFile(tmp_path / "registre.csv", say) as refused:
        refused.write(row())
    assert read(refused.path)[0][0] == "ligne"
    assert read(refused.path)[1][2] == "le : pas une date (Reçu le)."
