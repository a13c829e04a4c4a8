"""Follows the imports between a checkout's own modules: how deep they go, how much one brings along, and cycles.

Only imports that run when the module is imported count: not those inside of a function or under `if TYPE_CHECKING`.
`from a.b import c` imports `a.b`, and `a.b.c` if that is a module. A package that a dotted name merely passes through
is not counted: counting those would make a cycle of every package whose `__init__.py` imports its own modules.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter

from bench.house.files import Source


@dataclass(frozen=True)
class Imports:
    """Graph of the imports between modules."""

    direct: dict[str, set[str]]
    """Modules that each module imports itself."""

    @cached_property
    def closures(self) -> dict[str, set[str]]:
        """Modules that importing each module brings along, directly or through others."""
        return {module: self._reached(module) for module in self.direct}

    @cached_property
    def cycles(self) -> set[frozenset[str]]:
        """Groups of modules that import one another, directly or through others."""
        return {self._group(module) for module, closure in self.closures.items() if module in closure}

    @cached_property
    def depths(self) -> dict[str, int]:
        """Number of modules on the longest chain of imports from each module, itself included.

        All the modules of a cycle count as links of the chains that pass through it.
        """
        chains: dict[frozenset[str], int] = {}
        needs = {group: self._needs(group) for group in map(self._group, self.direct)}
        for group in TopologicalSorter(needs).static_order():
            chains[group] = len(group) + max((chains[needed] for needed in needs[group]), default=0)
        return {module: chains[self._group(module)] for module in self.direct}

    def brought_by(self, module: str) -> int:
        """Number of other modules that importing one brings along."""
        return len(self.closures[module] - {module})

    def cycles_of(self, modules: set[str]) -> list[frozenset[str]]:
        """Cycles that at least one of the modules is in."""
        return [cycle for cycle in self.cycles if not cycle.isdisjoint(modules)]

    def _reached(self, module: str) -> set[str]:
        reached: set[str] = set()
        waiting = list(self.direct[module])
        while waiting:
            imported = waiting.pop()
            if imported not in reached:
                reached.add(imported)
                waiting.extend(self.direct[imported])
        return reached

    def _group(self, module: str) -> frozenset[str]:
        return frozenset({module, *(other for other in self.closures[module] if module in self.closures[other])})

    def _needs(self, group: frozenset[str]) -> set[frozenset[str]]:
        return {self._group(imported) for module in group for imported in self.direct[module]} - {group}


def imports(sources: Iterable[Source]) -> Imports:
    """Builds the graph of the given files."""
    by_module = {source.module: source for source in sources}
    return Imports(
        {
            module: {name for name in _imported_names(source) if name in by_module} - {module}
            for module, source in by_module.items()
        }
    )


def _imported_names(source: Source) -> Iterator[str]:
    for statement in _run_at_import(source.tree.body):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            package = _absolute(statement, source)
            yield package
            yield from (f"{package}.{alias.name}" for alias in statement.names)


def _run_at_import(block: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in block:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _run_at_import(node.orelse)
        else:
            yield node
            yield from _run_at_import(ast.iter_child_nodes(node))


def _absolute(statement: ast.ImportFrom, source: Source) -> str:
    if not statement.level:
        return statement.module or ""
    package = source.module.split(".") if source.is_package else source.module.split(".")[:-1]
    outer = package[: len(package) - (statement.level - 1)]
    return ".".join([*outer, *([statement.module] if statement.module else [])])
