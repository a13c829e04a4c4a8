"""The row that names the columns."""

from collections import Counter
from pathlib import Path

from kit.tables.errors import TableError
from kit.tables.names import tidy
from kit.tables.table import Cells


def column_names(file: Path, line: int, header: Cells | None) -> list[str]:
    """Gives the names in a header, which must be that of line `line`. Raises TableError when two are the same."""
    if header is None or header.line != line:
        raise TableError("table-no-header", file=file.name, line=line)
    if header.problem is not None:
        raise header.problem
    names = [tidy(cell) for cell in header.cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError("table-no-header", file=file.name, line=line)
    names = [name or f"#{position}" for position, name in enumerate(names, start=1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise TableError("table-duplicate-columns", file=file.name, columns=", ".join(twice))
    return names
