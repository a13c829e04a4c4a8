"""Measures the English of the code: words that docstrings open with, and names of locals that say nothing.

A docstring opens with a verb or a noun, and a local is named for the thing it holds. Each rule has two lists of words.
At commit 7acd87b docstrings gave 21.9 % by `RIDDLES` and 26.8 % by `QUESTIONS`, locals 8.8 % by `VAGUE` and 6.7 % by
`VAGUEST`. The aims are set for `RIDDLES` and `VAGUE`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bench.house.code import Definition, Function, named
from bench.house.files import Source

RIDDLES = frozenset({"What", "Whether", "Of", "How"})
"""Words that no docstring should open with."""

QUESTIONS = RIDDLES | {"Who", "Whose", "Whom", "Which", "Where", "Why"}
"""All the words that make a docstring open like a question. `When` is not one: it opens plain clauses of time."""

VAGUE = frozenset({"found", "said", "told", "asked", "one", "some", "given", "known", "wanted"})
"""Names of locals that do not say which thing is held."""

VAGUEST = frozenset({"found", "said", "told", "one"})
"""Those of them that say least."""

_FIRST_WORD = re.compile(r"\W*(\w+)")


@dataclass(frozen=True)
class Docstring:
    """Text that documents a module, class, function or attribute."""

    source: Source
    line: int
    name: str
    """Dotted name of the thing documented: inside of its file, or the module's own."""
    text: str
    of_attribute: bool

    @property
    def opening(self) -> str:
        """First word."""
        match = _FIRST_WORD.match(self.text)
        return match[1] if match else ""


@dataclass(frozen=True)
class Local:
    """Name that a function binds, at the line where it does so first."""

    function: Function
    line: int
    name: str


def docstrings(source: Source) -> list[Docstring]:
    """Lists the docstrings of a file, and the string literals that directly follow an assignment, by line."""
    nodes = [(source.module, source.tree), *named(source.tree)]
    return sorted([*_of_definitions(source, nodes), *_of_attributes(source, nodes)], key=lambda text: text.line)


def _of_definitions(source: Source, nodes: list[tuple[str, ast.AST]]) -> Iterator[Docstring]:
    for name, node in nodes:
        if isinstance(node, ast.Module | Definition) and (text := ast.get_docstring(node)):
            yield Docstring(source, node.body[0].lineno, name, text, of_attribute=False)


def _of_attributes(source: Source, nodes: list[tuple[str, ast.AST]]) -> Iterator[Docstring]:
    for name, node in nodes:
        scope = "" if isinstance(node, ast.Module) else name
        for statement, literal in pairwise(_block(node)):
            match literal:
                case ast.Expr(value=ast.Constant(value=str(text))) if target := _target(statement):
                    yield Docstring(source, literal.lineno, f"{scope}.{target}".lstrip("."), text, of_attribute=True)


def _block(node: ast.AST) -> list[ast.stmt]:
    body = getattr(node, "body", None)
    return body if isinstance(body, list) else []


def _target(statement: ast.stmt) -> str:
    match statement:
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
            return ast.unparse(target)
        case _:
            return ""


def local_names(function: Function) -> list[Local]:
    """Lists the distinct names that a function binds, parameters left out.

    Bound are targets of assignments, `for`, `with`, `except`, comprehensions, `:=` and patterns. A name that is bound
    twice in a function counts once; `global` and `nonlocal` names are not the function's.
    """
    lines: dict[str, int] = {}
    borrowed: set[str] = set()
    for node in function.own_nodes():
        if isinstance(node, ast.Global | ast.Nonlocal):
            borrowed.update(node.names)
        elif name := _bound(node):
            line = getattr(node, "lineno", function.node.lineno)
            lines[name] = min(line, lines.get(name, line))
    bound = [Local(function, line, name) for name, line in lines.items() if name not in borrowed]
    return sorted(bound, key=lambda local: (local.line, local.name))


def _bound(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return name
        case ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
            return name
        case ast.MatchMapping(rest=name):
            return name
        case _:
            return None
