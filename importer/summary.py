"""What a rehearsal makes of a file, for a person: what each column holds, and what was refused for which reason."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from domain.errors import Problem
from importer.rows import ComplaintPlan, Planned, RefusedRow

_KINDS = (
    ("date", re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}(?: .*)?|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")),
    ("yes or no", re.compile(r"oui|non|vrai|faux|x|o|n", re.IGNORECASE)),
    ("e-mail address", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("telephone number", re.compile(r"(?:\+|0)[0-9](?:[ .]?[0-9]){7,12}")),
    ("number", re.compile(r"-?[0-9][0-9 \u00a0\u202f]*(?:[.,][0-9]+)?")),
)
TEXT = "text"
LINES = 5
"""Lines that are named for a reason."""


def kind_of(text: str) -> str:
    """The kind of value that a cell holds, as far as its form tells."""
    return next((name for name, form in _KINDS if form.fullmatch(text)), TEXT)


@dataclass(slots=True)
class ColumnSummary:
    """One column: how many of its cells are filled, and with what kinds of values."""

    filled: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        """Counts a cell."""
        if text:
            self.filled += 1
            self.kinds[kind_of(text)] += 1


@dataclass(slots=True)
class Reason:
    """A reason for which rows were refused: the first problem of it stands for all."""

    problem: Problem
    count: int = 0
    lines: list[int] = field(default_factory=list)


class Summary:
    """Counts what passes: the rows of plans, and the rows that are refused."""

    def __init__(self) -> None:
        self.columns: dict[str, ColumnSummary] = {}
        self._reasons: dict[tuple[str, str, str], Reason] = {}

    @property
    def reasons(self) -> list[Reason]:
        """The reasons of refusals, the most frequent first."""
        return sorted(self._reasons.values(), key=lambda reason: -reason.count)

    def counted(self, plans: Iterable[Planned]) -> Iterator[Planned]:
        """The same plans, each counted as it passes."""
        for planned in plans:
            if isinstance(planned, ComplaintPlan):
                for values in planned.rows.values():
                    self._count(values)
            else:
                self._count(planned.values)
            yield planned

    def refused(self, row: RefusedRow) -> None:
        """Counts a refused row under each of its reasons."""
        for problem in row.problems:
            key = (problem.code, problem.field or "", str(problem.params.get("column", "")))
            reason = self._reasons.setdefault(key, Reason(problem))
            reason.count += 1
            if len(reason.lines) < LINES:
                reason.lines.append(row.line)

    def _count(self, values: Mapping[str, str]) -> None:
        for column, text in values.items():
            self.columns.setdefault(column, ColumnSummary()).add(text)
