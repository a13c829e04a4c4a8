"""Two registers that none of us wrote are read whole."""

import csv
from pathlib import Path

import pytest

from kit.tables import read_table

REAL_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


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
