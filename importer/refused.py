"""The rows that were turned away, in a CSV beside the file they come from, ready for a French spreadsheet."""

import csv
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TextIO

from domain.errors import fill
from importer.rows import RefusedRow

Say = Callable[[str, Mapping[str, object]], str]
"""How a template is said: `fill` in English, or in the reader's language."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEADINGS = ("line", "field", "reason", "remedy")


def refused_path(imported: str | Path) -> Path:
    """Where the refused rows of this file go."""
    return Path(imported).with_suffix(".refused.csv")


class RefusedFile:
    """Written row by row, under its name once the import ends. Without a refused row there is no file.

    The rows hold what people told: nobody but the account that imports can read the file.
    """

    def __init__(self, imported: str | Path, say: Say = fill) -> None:
        self.path = refused_path(imported)
        self._part = self.path.with_suffix(".csv.part")
        self._say = say
        self._file: TextIO | None = None

    def __enter__(self) -> "RefusedFile":
        self._part.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._part.replace(self.path)
        elif error is None:
            self.path.unlink(missing_ok=True)  # of an earlier import: nothing is refused any more

    @property
    def written(self) -> bool:
        """Whether there was a row to write."""
        return self._file is not None

    def write(self, row: RefusedRow) -> None:
        """Adds a row; it is on the disk when this returns."""
        if self._file is None:
            # Created anew, so that nobody can have opened it before it was closed to others.
            handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
            self._line([*(self._say(heading, {}) for heading in _HEADINGS), *row.values])
        said = [{"field": problem.field or "", **problem.params} for problem in row.problems]
        reasons = [self._say(problem.message, params) for problem, params in zip(row.problems, said, strict=True)]
        remedies = [self._say(problem.remedy, params) for problem, params in zip(row.problems, said, strict=True)]
        self._line(
            [str(row.line), row.field, " ".join(reasons), " ".join(dict.fromkeys(remedies)), *row.values.values()]
        )
        self._file.flush()

    def _line(self, cells: list[str]) -> None:
        assert self._file is not None  # noqa: S101 - opened by write
        csv.writer(self._file, delimiter=";").writerow([harmless(cell) for cell in cells])


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" \xa0").startswith(_FORMULA) else cell
