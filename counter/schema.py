"""The list of what is published: `python -m counter.schema` writes the file that a test holds to it.

Types stand there by name: views have their schema beside them (desk/views/schema.json), commands and complaints in the
domain. `described` gives the whole JSON schema of one service.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from counter.client.generate import VIEWS, rendered
from counter.published import Published, published

FILE = Path(__file__).with_name("schema.json")


def schema() -> str:
    """Generates the list, as its file holds it."""
    listed = {name: _listed(service) for name, service in published().items()}
    return json.dumps(listed, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def described(service: Published) -> dict[str, Any]:
    """The JSON schema of the request and the answer of a service."""
    answer: TypeAdapter[Any] = TypeAdapter(VIEWS.get(service.name, service.answer))
    return {
        "request": service.request.model_json_schema(),
        "answer": answer.json_schema(mode="serialization"),
    }


def _listed(service: Published) -> dict[str, Any]:
    fields = service.request.model_fields.items()
    return {
        "kind": service.kind.value,
        "takes_stream": service.takes_stream,
        "gives_stream": service.gives_stream,
        "required": sorted(name for name, field in fields if field.is_required()),
        "request": {each.name: rendered(service.hints[each.name]) for each in service.parameters()},
        "answer": VIEWS.get(service.name, service.answer).__name__,
    }


if __name__ == "__main__":
    FILE.write_text(schema(), encoding="utf-8")
