"""Gathers the figures of a checkout: for all of it, and for each of its top-level rooms."""

import math
import statistics
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path

from bench.house.code import Function, functions
from bench.house.files import Source, read
from bench.house.imports import Imports, imports
from bench.house.language import QUESTIONS, RIDDLES, VAGUE, VAGUEST, Docstring, Local, docstrings, local_names

ALL = "all"
"""Key of the figures of a whole checkout, beside those of its rooms."""

AIMS = {"complexity_p90": 6, "closure_p90": 45, "docstrings_percent": 5.0, "locals_percent": 1.5}
"""Most that each of these figures is to be."""


@dataclass(frozen=True)
class Spread:
    """Median, ninetieth percentile and greatest of some numbers; all 0 when there are none."""

    median: float
    p90: int
    max: int


@dataclass(frozen=True)
class Share:
    """Number of things that have a property, out of all there are."""

    count: int
    total: int
    percent: float


@dataclass(frozen=True)
class Figures:
    """Measures of a checkout, or of one of its rooms."""

    files: int
    functions: int
    file_lines: Spread
    """Files of a single line are left out: an `__init__.py` that only names its package has no length to judge."""
    function_lines: Spread
    complexity: Spread
    typed: Share
    import_depth: int
    closure: Spread
    """Modules of the project that importing one brings along; a room's imports are followed outside of it too."""
    cycles: int
    """Import cycles that touch the room."""
    docstrings: Share
    """Docstrings, those of attributes included, that open with one of the `RIDDLES`."""
    docstrings_without_attributes: Share
    """The same among modules, classes and functions alone."""
    docstrings_questions: Share
    """Docstrings, those of attributes included, that open with one of the `QUESTIONS`."""
    locals: Share
    """Local names that are `VAGUE`; each name once for each function that binds it."""
    locals_vaguest: Share
    """Local names that are among the `VAGUEST`."""


@dataclass(frozen=True)
class House:
    """All that is measured in a checkout, still in its parts."""

    sources: list[Source]
    functions: list[Function]
    docstrings: list[Docstring]
    locals: list[Local]
    imports: Imports

    def rooms(self) -> dict[str, Figures]:
        """Figures of the whole under `ALL`, then of each room by name."""
        names = sorted({source.room for source in self.sources})
        return {ALL: self.figures()} | {name: self.room(name).figures() for name in names}

    def room(self, name: str) -> "House":
        """Part of the house that stands in one room; the graph of imports stays whole."""
        return House(
            sources=[source for source in self.sources if source.room == name],
            functions=[function for function in self.functions if function.source.room == name],
            docstrings=[docstring for docstring in self.docstrings if docstring.source.room == name],
            locals=[local for local in self.locals if local.function.source.room == name],
            imports=self.imports,
        )

    def figures(self) -> Figures:
        """Figures of all that is in the house, or in the part of it."""
        modules = {source.module for source in self.sources}
        in_definitions = [docstring for docstring in self.docstrings if not docstring.of_attribute]
        return Figures(
            files=len(self.sources),
            functions=len(self.functions),
            file_lines=spread(source.lines for source in self.sources if source.lines > 1),
            function_lines=spread(function.lines for function in self.functions),
            complexity=spread(function.complexity for function in self.functions),
            typed=share(function.is_typed for function in self.functions),
            import_depth=max(map(self.imports.depths.__getitem__, modules), default=0),
            closure=spread(map(self.imports.brought_by, modules)),
            cycles=len(self.imports.cycles_of(modules)),
            docstrings=_opening_with(RIDDLES, self.docstrings),
            docstrings_without_attributes=_opening_with(RIDDLES, in_definitions),
            docstrings_questions=_opening_with(QUESTIONS, self.docstrings),
            locals=_named(VAGUE, self.locals),
            locals_vaguest=_named(VAGUEST, self.locals),
        )


def measure(root: Path) -> House:
    """Reads a checkout; raises SyntaxError at the first file that is not Python."""
    sources = read(root)
    defined = [function for source in sources for function in functions(source)]
    return House(
        sources=sources,
        functions=defined,
        docstrings=[docstring for source in sources for docstring in docstrings(source)],
        locals=[local for function in defined for local in local_names(function)],
        imports=imports(sources),
    )


def spread(numbers: Iterable[int]) -> Spread:
    """Summarises numbers; the ninetieth percentile is the nearest rank."""
    ordered = sorted(numbers)
    if not ordered:
        return Spread(0, 0, 0)
    return Spread(statistics.median(ordered), ordered[math.ceil(0.9 * len(ordered)) - 1], ordered[-1])


def share(answers: Iterable[bool]) -> Share:
    """Counts how many are true, as a percentage with two decimals; none of nothing is 0 %."""
    counted = list(answers)
    count = sum(counted)
    return Share(count, len(counted), round(100 * count / len(counted), 2) if counted else 0.0)


def _opening_with(words: Set[str], texts: Iterable[Docstring]) -> Share:
    return share(text.opening in words for text in texts)


def _named(words: Set[str], bound: Iterable[Local]) -> Share:
    return share(local.name in words for local in bound)
