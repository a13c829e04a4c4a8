"""The rows that were turned away, in a CSV beside the file they come from or elsewhere, for a French spreadsheet."""

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TextIO

from domain.errors import Action, Invalid, fill
from importer.rows import RefusedRow, worded_params
from kit.refusals import reason

Say = Callable[[str, Mapping[str, object]], str]
"""Words a template: `fill` in English, or in the reader's language."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_SUFFIX = ".refused.csv"
_HEADINGS = ("line", "field", "reason", "remedy")


def refused_path(imported: str | Path) -> Path:
    """The file for the refused rows of this one, unless another is chosen."""
    return Path(imported).with_suffix(_SUFFIX)


class RefusedFile:
    """Written row by row, under its name once the import ends. Without a refused row there is no file.

    The rows hold what people told: nobody but the account that imports can read the file. Entering it raises Invalid
    where it cannot be written: before anything is imported, so that no refused row goes unsaid.
    """

    def __init__(self, imported: str | Path, say: Say = fill, path: Path | None = None) -> None:
        self.path = path or refused_path(imported)
        self._chosen, self._imported = path is not None, Path(imported).resolve()
        self._part = self.path.with_name(self.path.name + ".part")
        self._say = say
        self._file: TextIO | None = None
        self.written = False
        """True once there was a row to write."""

    def __enter__(self) -> "RefusedFile":
        ours = self.path.name.endswith(_SUFFIX) and self.path.resolve() != self._imported
        if self._chosen and self.path.exists() and not ours:
            raise Invalid(
                "refused_file_exists",
                "{file} is there already, and is no file of refused rows.",
                "Choose a name that is not taken, or one that ends in .refused.csv: such a file is written over.",
                field="refused",
                file=self.path.name,
            )
        with self._writing():
            self._part.unlink(missing_ok=True)
            # Created anew, so that nobody can have opened it before it was closed to others.
            handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None  # noqa: S101 - opened on entering
        self._file.close()
        if self.written:
            self._part.replace(self.path)
            return
        self._part.unlink(missing_ok=True)
        if error is None:
            self.path.unlink(missing_ok=True)  # of an earlier import: nothing is refused any more

    def write(self, row: RefusedRow) -> None:
        """Adds a row; it is on the disk when this returns. Raises Invalid when it cannot be written."""
        with self._writing():
            self._write(row)

    def _write(self, row: RefusedRow) -> None:
        if not self.written:
            self._line([*(self._say(heading, {}) for heading in _HEADINGS), *row.values])
            self.written = True
        reasons = [self._say(problem.message, worded_params(problem)) for problem in row.problems]
        remedies = [self._say(problem.remedy, worded_params(problem)) for problem in row.problems]
        self._line(
            [str(row.line), row.field, " ".join(reasons), " ".join(dict.fromkeys(remedies)), *row.values.values()]
        )

    def _line(self, cells: list[str]) -> None:
        assert self._file is not None  # noqa: S101 - opened on entering
        csv.writer(self._file, delimiter=";").writerow([harmless(cell) for cell in cells])
        self._file.flush()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Invalid(
                "refused_file_unwritable",
                "The refused rows cannot be written to {file}: {reason}.",
                "Choose another place.",
                field="refused",
                action=Action.PLACE_REFUSED,
                file=str(self.path),
                reason=reason(error),
            ) from None


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" \xa0").startswith(_FORMULA) else cell
