"""Detects the character that separates the cells of a text."""

import csv
from itertools import islice
from pathlib import Path

from kit.tables.files import readable
from kit.tables.lines import Lines

NO_DELIMITER = "\x1f"  # parses a file of one column: a character no office types

_SAMPLE_LINES = 400
_DELIMITERS = (";", "\t", ",", "|")


def detect_delimiter(file: Path, encoding: str, header_line: int) -> str:
    """The separator that cuts the header and the rows below it into the same, largest, number of cells."""
    with readable(file), file.open(encoding=encoding, newline="") as opened:
        lines = list(islice(Lines(opened), header_line - 1, header_line - 1 + _SAMPLE_LINES))
    best, best_score = NO_DELIMITER, (0.0, 1)
    for delimiter in _DELIMITERS:
        header, *rows = _cell_counts(lines, delimiter) or [0]
        agreeing = sum(count == header for count in rows) / len(rows) if rows else 1.0
        # Nine rows in ten are enough (the sample may cut the last): beyond that, more columns are the better sign.
        score = (min(agreeing, 0.9), header)
        if header > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def _cell_counts(lines: list[str], delimiter: str) -> list[int]:
    """Cells in each row that is not blank; 0 where the quotes make no sense with this separator."""
    counts: list[int] = []
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return counts
        except csv.Error:
            counts.append(0)
        else:
            if any(cells):
                counts.append(len(cells))
