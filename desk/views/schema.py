"""The JSON schema of every view, kept beside them: `python -m desk.views.schema` writes it anew.

It is derived from the return types of the services, so that no view is forgotten. Programs that read the answers rely
on it: a change of a view changes the schema, and shows in review.
"""

import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

FILE = Path(__file__).with_name("schema.json")
_DESK = Path(__file__).parent.parent
_WHO = frozenset({"actor", "visitor"})
"""Parameters that say who asks: an account, or somebody who is none yet."""
_ROOMS = ("", "signin")
"""Folders of services: the desk itself, and the rooms in it."""
_WORDS = frozenset({"title", "description"})
"""Parts of a schema that are left out: they say nothing of the form of an answer, and change with every docstring."""


def services() -> dict[str, Callable[..., Any]]:
    """Lists the public functions of the desk but for its office, each by its module and name: "listing.list_cases"."""
    modules = [module for room in _ROOMS for module in _modules(room)]
    return {
        f"{module}.{name}": member
        for module in sorted(set(modules) - {"office"})
        for name, member in vars(import_module(f"desk.{module}")).items()
        if inspect.isfunction(member) and member.__module__ == f"desk.{module}" and not name.startswith("_")
    }


def _modules(room: str) -> list[str]:
    found = [module.name for module in pkgutil.iter_modules([str(_DESK / room)]) if not module.ispkg]
    return [f"{room}.{name}" if room else name for name in found]


def views() -> list[type[BaseModel]]:
    """Lists the views that are returned by functions which take whoever asks, by name. A list of values is no view."""
    asked = (service for service in services().values() if _WHO & set(inspect.signature(service).parameters))
    returned = (_resolved(service, "return") for service in asked)
    return sorted({view for annotation in returned for view in _models(annotation)}, key=lambda view: view.__name__)


def _resolved(owner: Any, name: str) -> Any:
    """Resolves one annotation alone: the others may name types that are imported for the type checker only."""
    annotation = owner.__annotations__.get(name)
    alone = type("Alone", (), {"__annotations__": {name: annotation}, "__module__": owner.__module__})
    try:
        return get_type_hints(alone)[name]
    except NameError:  # this one does, too: then it is no view, as those are imported to make the answer
        return None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            yield annotation
        elif is_dataclass(annotation):
            for field in fields(annotation):
                yield from _models(_resolved(annotation, field.name))
    elif get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _models(part)


def schema() -> str:
    """Generates the schema, as its file holds it."""
    _, generated = models_json_schema([(view, "serialization") for view in views()])
    return json.dumps(bare(generated), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def bare(part: Any) -> Any:
    """A schema without titles and descriptions."""
    if isinstance(part, dict):
        return {name: bare(value) for name, value in part.items() if name not in _WORDS or not isinstance(value, str)}
    return [bare(value) for value in part] if isinstance(part, list) else part


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
