"""No row of a table leaves models: callers get values whose fields have names and types."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def leaks(tree: ast.Module) -> Iterator[str]:
    """Names the public functions that return a Row, and the public classes that hold one."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_public(node.name):
            yield from _leak(node.name, node.returns)
        if isinstance(node, ast.ClassDef) and _is_public(node.name):
            for part in node.body:
                if isinstance(part, ast.AnnAssign):
                    yield from _leak(f"{node.name}.{ast.unparse(part.target)}", part.annotation)
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and _is_public(part.name):
                    yield from _leak(f"{node.name}.{part.name}", part.returns)


def _leak(name: str, annotation: ast.expr | None) -> Iterator[str]:
    if annotation is None:
        return
    text = ast.unparse(annotation)
    if any(name in ("Row", "RowMapping", "Result") for name in _words(ast.parse(text.strip("'\""), mode="eval"))):
        yield f"{name}: {text}"


def _words(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        if isinstance(node, ast.Attribute):
            yield node.attr


@pytest.mark.parametrize("file", sorted((ROOT / "models").rglob("*.py")), ids=lambda file: file.name)
def test_no_row_leaves_models(file: Path) -> None:
    assert list(leaks(ast.parse(file.read_text()))) == []


def test_the_scan_sees_what_it_looks_for() -> None:
    source = """
class Page:
    rows: Sequence[Row[Any]]
    def first(self) -> "Row[Any] | None": ...
    def _inside(self) -> Row[Any]: ...
def find(tx) -> engine.Row[Any] | None: ...
def _row(tx) -> Row[Any]: ...
def fine(tx) -> list[RowCount]: ...
"""
    assert [leak.partition(":")[0] for leak in leaks(ast.parse(source))] == ["Page.rows", "Page.first", "find"]
