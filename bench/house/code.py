"""Measures functions: length, branches and types. Every `def` is one, be it a method or inside of another."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bench.house.files import Source

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Function:
    """One `def`, with the file it stands in."""

    source: Source
    name: str
    """Dotted name inside of the file: `Class.method`."""
    node: FunctionNode

    @property
    def lines(self) -> int:
        """Lines from `def` to the end of the body: the signature and the docstring count, decorators do not."""
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1

    @property
    def complexity(self) -> int:
        """McCabe's number: 1, and 1 for each branch of the function's own.

        Branches are `if`, `for`, `while`, `except`, the ternary, each `and` and `or`, each `for` and each `if` of a
        comprehension, and each `case` that may fail to match. `with`, `assert` and `else` are none. A function inside
        of another is counted by itself.
        """
        return 1 + sum(_branches(node) for node in self.own_nodes())

    @property
    def is_typed(self) -> bool:
        """True if the return value and every parameter but a leading `self` or `cls` are annotated."""
        signature = self.node.args
        positional = [*signature.posonlyargs, *signature.args]
        if positional and positional[0].arg in ("self", "cls"):
            positional = positional[1:]
        starred = [parameter for parameter in (signature.vararg, signature.kwarg) if parameter]
        annotations = [parameter.annotation for parameter in [*positional, *signature.kwonlyargs, *starred]]
        return None not in (*annotations, self.node.returns)

    def own_nodes(self) -> Iterator[ast.AST]:
        """Walks the body, without the functions and classes that are defined in it."""
        waiting: list[ast.AST] = list(self.node.body)
        while waiting:
            node = waiting.pop()
            if not isinstance(node, Definition):
                yield node
                waiting.extend(ast.iter_child_nodes(node))


def named(parent: ast.AST, scope: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Walks a tree with the dotted name of each definition, or of the definition that another node stands in."""
    for node in ast.iter_child_nodes(parent):
        name = f"{scope}.{node.name}".lstrip(".") if isinstance(node, Definition) else scope
        yield name, node
        yield from named(node, name)


def functions(source: Source) -> list[Function]:
    """Lists the functions of a file."""
    return [Function(source, name, node) for name, node in named(source.tree) if isinstance(node, FunctionNode)]


def _branches(node: ast.AST) -> int:
    match node:
        case ast.If() | ast.IfExp() | ast.For() | ast.AsyncFor() | ast.While() | ast.ExceptHandler():
            return 1
        case ast.BoolOp(values=operands):
            return len(operands) - 1
        case ast.comprehension(ifs=conditions):
            return 1 + len(conditions)
        case ast.match_case(pattern=ast.MatchAs(pattern=None), guard=None):
            return 0
        case ast.match_case():
            return 1
        case _:
            return 0
