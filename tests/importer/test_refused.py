"""The refused rows reach the association in a file that Excel opens, that obeys nothing, and that nobody else reads."""

import csv
import os
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


# --- Where it goes ---


def test_another_place_can_be_chosen(tmp_path: Path) -> None:
    chosen = tmp_path / "elsewhere.csv"
    with RefusedFile(tmp_path / "registre.csv", path=chosen) as refused:
        refused.write(row())
    assert list(tmp_path.iterdir()) == [chosen]
    assert len(read(chosen)) == 2


@pytest.mark.parametrize("name", ["nowhere/at/all.csv", "a-file/registre.csv", "a-folder"])
def test_a_place_that_cannot_be_written_is_said_before_anything_is_imported(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").write_text("")
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(Invalid) as told, RefusedFile(tmp_path / "registre.csv", path=tmp_path / name):
        raise AssertionError("the import has begun")
    assert told.value.field == "refused"
    assert told.value.code in ("refused_file_unwritable", "refused_file_exists")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-file", "a-folder"]


@pytest.mark.skipif(os.geteuid() == 0, reason="no folder is closed to root")
def test_so_it_is_of_a_folder_that_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Invalid, match="refused_file_unwritable"), RefusedFile(tmp_path / "registre.csv"):
        raise AssertionError("the import has begun")


@pytest.mark.parametrize("name", ["notes.txt", "registre.refused.csv"])
def test_no_file_of_somebody_s_is_written_over(tmp_path: Path, name: str) -> None:
    theirs = tmp_path / name
    theirs.write_text("Mine")
    imported = tmp_path / "registre.refused.csv"  # the rows that were refused, put right
    with pytest.raises(Invalid, match="refused_file_exists"), RefusedFile(imported, path=theirs):
        raise AssertionError("the import has begun")
    assert theirs.read_text() == "Mine"
