"""Writes the client's methods from what is published: python -m counter.client.generate."""

import inspect
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from counter.composed import Download
from counter.published import Kind, Published, published
from desk.views.answered import TypesetView
from desk.views.file import GivenView
from desk.views.letter import Letter
from desk.views.listing import TableView
from domain.parts.base import Command

FILE = Path(__file__).with_name("services.py")
VIEWS: dict[str, type] = {
    "dossiers.give_bundle": TypesetView,
    "dossiers.typeset_dossier": TypesetView,
    "giving.give_file": GivenView,
    "list_export.export_cases": TableView,
    "letters.typeset_letter": Letter,
}
"""What is told of a file that is given, beside its bytes."""

_HEAD = '''# ruff: noqa: E501
"""The services of the desk, as its clients ask them. Written by `python -m counter.client.generate`."""

'''


def source() -> str:
    """The module, as its file holds it."""
    imports: set[tuple[str, str]] = {("contextlib", "AsyncExitStack"), ("counter.client.connection", "Connection")}
    methods = "".join(_method(service, imports) for service in published().values())
    lines = (f"from {module} import {name}\n" for module, name in sorted(imports))
    return _formatted(
        f"{_HEAD}{''.join(lines)}\n\n"
        f'class Desk(Connection):\n    """Every service that is published, by its name."""\n{methods}'
    )


def _formatted(text: str) -> str:
    for step in (("check", "--select", "I", "--fix", "--quiet"), ("format",)):
        program = [sys.executable, "-m", "ruff", *step, "--stdin-filename", str(FILE), "-"]
        text = subprocess.run(program, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own
    return text


def _method(service: Published, imports: set[tuple[str, str]]) -> str:
    name = service.name.rpartition(".")[2]
    hints = service.hints
    parameters = service.parameters()
    named = [f"{each.name}: {_rendered(hints[each.name], imports)}{_default(each)}" for each in parameters]
    fields = ", ".join(f'"{each.name}": {each.name}' for each in parameters)
    given = VIEWS.get(service.name) if service.answer is Download else service.answer
    answer = _rendered(given, imports)
    document = inspect.getdoc(service.function) or ""
    first = document.split("\n")[0]
    arguments, gives, call = list(_arguments(service, named, imports)), answer, ""
    if service.takes_stream:
        call = f'self.send("{service.name}", {answer}, {{{fields}}}, content)'
    elif service.gives_stream:
        imports.add(("counter.client.connection", "Given"))
        gives = f"Given[{answer}]"
        call = f'self.receive(stack, "{service.name}", {answer}, {{{fields}}})'
    else:
        again = service.kind is not Kind.CHANGE
        call = f'self.ask("{service.name}", {answer}, {{{fields}}}, again={again})'
    return f'''
    async def {name}({", ".join(arguments)}) -> {gives}:
        """{first}"""
        return await {call}
'''


def _arguments(service: Published, named: Iterable[str], imports: set[tuple[str, str]]) -> Iterator[str]:
    yield "self"
    if service.gives_stream:
        yield "stack: AsyncExitStack"
    if service.takes_stream:
        imports.add(("collections.abc", "AsyncIterable"))
        yield "content: AsyncIterable[bytes]"
    rest = list(named)
    if rest:
        yield "*"
        yield from rest


def _default(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return ""
    return f" = {parameter.default!r}"


def rendered(annotation: Any) -> str:
    """An annotation as source."""
    return _rendered(annotation, set())


def _rendered(annotation: Any, imports: set[tuple[str, str]]) -> str:
    """An annotation as source; what it names is imported."""
    if annotation is NoneType:
        return "None"
    if metadata := getattr(annotation, "__metadata__", ()):
        return _rendered(get_args(annotation)[0], imports) if metadata else ""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        if all(isinstance(each, type) and issubclass(each, Command) for each in arguments):
            return _named(Command, imports)
        return " | ".join(_rendered(each, imports) for each in arguments)
    if origin is not None:
        inner = ", ".join("..." if each is Ellipsis else _rendered(each, imports) for each in arguments)
        return f"{_named(origin, imports)}[{inner}]"
    return _named(annotation, imports)


def _named(kind: Any, imports: set[tuple[str, str]]) -> str:
    if kind.__module__ != "builtins":
        imports.add((kind.__module__, kind.__name__))
    return str(kind.__name__)


if __name__ == "__main__":
    FILE.write_text(source(), encoding="utf-8")
