"""What can go wrong, said once for the web, the command line and the engine.

Each problem carries a stable code, a message and a remedy. Message and remedy are English templates with {named}
parameters: they are also the keys of the message catalogue, so that the edges can say them in French.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic_core import PydanticCustomError


class Problem(Exception):
    """Something that a person can do something about. Never carries what the person typed, only what was expected."""

    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(
        self, code: str, message: str, remedy: str = "", /, *, field: str | None = None, **params: str | int
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.field = field
        self.params: dict[str, str | int] = params

    def as_dict(self) -> dict[str, Any]:
        """The same problem as plain data, to cross a process border. `from_dict` brings it back."""
        return {
            # As one of the kinds that are known everywhere: a finer one of a single module would not be.
            "kind": next(kind.__name__ for kind in type(self).__mro__ if kind.__name__ in _KINDS),
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "field": self.field,
            "params": self.params,
        }

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> "Problem":
        """The problem that `as_dict` wrote down."""
        kind = _KINDS.get(data["kind"], Problem)
        return kind(data["code"], data["message"], data["remedy"], field=data["field"], **data["params"])

    def __str__(self) -> str:
        return f"{self.code}: {fill(self.message, self.params)}"


def fault(code: str, message: str, remedy: str, /, **params: str | int) -> PydanticCustomError:
    """What is wrong with one field. Message and remedy are templates, as those of a Problem; no word of the input."""
    return PydanticCustomError(code, message, {"template": message, "remedy": remedy, **params})


def fill(template: str, params: Mapping[str, object]) -> str:
    """Puts parameters into a message template; a parameter that is missing stays visible instead of failing."""
    for name, value in params.items():
        template = template.replace("{" + name + "}", str(value))
    return template


def one_or_many(one: str, many: str, count: int) -> str:
    """The English template that agrees with a number. Other languages take their form by the parameter `count`."""
    return one if count == 1 else many


class Invalid(Problem):
    """The content of what was given does not fit: it names the field and the remedy."""

    http_status = 422


class Refused(Problem):
    """A rule says no: the command does not fit the case as it stands, or this person may not do it."""

    http_status = 409


class NotFound(Refused):
    """There is no such thing, or this account may not see it: the two are never told apart."""

    http_status = 404


class Away(Problem):
    """The engine or the database does not answer: nothing was half-done, and trying again can help."""

    http_status = 503
    retryable = True


_KINDS = {kind.__name__: kind for kind in (Problem, Invalid, Refused, NotFound, Away)}
