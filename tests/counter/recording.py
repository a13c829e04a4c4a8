"""A counter that keeps what each service answered, so that it can be held against what the client read."""

import inspect
from collections import Counter as Count
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from counter import app
from counter.client.services import Desk
from counter.published import Published, published
from domain.errors import Problem


@dataclass
class Recorded:
    """The calls of services through the socket, each with the answer that the service gave."""

    direct: list[Any] = field(default_factory=list)
    answered: Count[str] = field(default_factory=Count)
    refused: Count[str] = field(default_factory=Count)
    wrong: Count[str] = field(default_factory=Count)

    async def ask(self, desk: Desk, name: str, **fields: Any) -> Any:
        """Asks through the generated client; what it reads is what the service gave. None for a refusal."""
        self.direct.clear()
        try:
            view = await getattr(desk, name.rpartition(".")[2])(**fields)
        except Problem as problem:
            if problem.code in ("internal", "desk_away", "desk_not_confirmed"):
                self.wrong[f"{name}: {problem}"] += 1
            self.refused[name] += 1
            return None
        except ValidationError as error:
            self.wrong[f"{name}: {error}"] += 1
            return None
        (given,) = self.direct
        adapter: TypeAdapter[Any] = TypeAdapter(published()[name].answer)
        if adapter.dump_json(view, warnings="error") != adapter.dump_json(given, warnings="error"):
            self.wrong[f"{name}: another answer"] += 1
        self.answered[name] += 1
        return view


@contextmanager
def recording() -> Iterator[Recorded]:
    """Keeps what services answer at every counter of this process."""
    recorded, rendered = Recorded(), app._rendered

    def keeping(service: Published, arguments: dict[str, Any]) -> Any:
        def function(**given: Any) -> Any:
            answer = service.function(**given)
            if not inspect.isawaitable(answer):
                recorded.direct.append(answer)
                return answer

            async def wait() -> Any:
                recorded.direct.append(awaited := await answer)
                return awaited

            return wait()

        return rendered(Published(service.name, service.kind, _typed(function, service)), arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "_rendered", keeping)
        yield recorded


def _typed(function: Any, service: Published) -> Any:
    function.__annotations__ = {"return": service.answer}
    return function
