"""Errors, stated once for the web, the command line and the engine.

Each problem carries a stable code, a message and a remedy. Message and remedy are English templates with {named}
parameters: they are also the keys of the message catalogue, so that the edges can say them in French. Where the remedy
is to do something here, the problem names that action, and each door says in its own way how it is done.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from pydantic_core import PydanticCustomError


class Action(StrEnum):
    """Something that can be done here about a problem. The parameters of the problem say to what."""

    ACCEPT_KEYS = "ACCEPT_KEYS"
    """Go on with the database of the keys as it is."""
    ACT_AS = "ACT_AS"
    """Ask again under another account."""
    AGENDA = "AGENDA"
    """Look at what is due on a case."""
    ATTACH_FILE = "ATTACH_FILE"
    AUDIT_AS = "AUDIT_AS"
    """Verify under the account of an auditor, or one case."""
    CERTIFICATE = "CERTIFICATE"
    """Look at what is left of an erased case."""
    CHECKLIST = "CHECKLIST"
    """Look at the proof of a case, piece by piece."""
    DECLARE_LOST_KEY = "DECLARE_LOST_KEY"
    """Declare that the key that signed the log so far is lost."""
    DECLARE_RESTORED = "DECLARE_RESTORED"
    """Declare that the sealed log goes on after an older book was put back."""
    DESCRIBE_FILE = "DESCRIBE_FILE"
    """Say what a file shows as it is attached."""
    FETCH_ORIGINAL = "FETCH_ORIGINAL"
    """Have a file as it was received."""
    FIND_CASES = "FIND_CASES"
    """Look for the cases of a person."""
    GIVE_REASON = "GIVE_REASON"
    """Say why a case is looked at."""
    LIST_ACCOUNTS = "LIST_ACCOUNTS"
    LIST_CASES = "LIST_CASES"
    LIST_COMMANDS = "LIST_COMMANDS"
    """Look at what can be asked of a case, and at what each command expects."""
    MIGRATE = "MIGRATE"
    """Bring the database to the form that this version expects."""
    NAME_FILE = "NAME_FILE"
    """Give a file another name as it is attached."""
    NAME_KEY = "NAME_KEY"
    """Name a former key that may have signed."""
    NAME_LEVER = "NAME_LEVER"
    """Name the lever by which a letter asks."""
    NAME_VERSION = "NAME_VERSION"
    """Name the version of a case upon which something is decided."""
    PLACE_REFUSED = "PLACE_REFUSED"
    """Say where the refused rows of an import are written to."""
    ROTATE_KEYS = "ROTATE_KEYS"
    """Replace the master key."""
    REASON_POLICY = "REASON_POLICY"
    """Say why the policy is changed."""
    SCAN_STORE = "SCAN_STORE"
    """Have every waiting file scanned for malware."""
    SEAL = "SEAL"
    """Have the book sealed."""
    SHOW_CASE = "SHOW_CASE"
    """Look at a case, its parts and its alerts."""
    START_STACK = "START_STACK"
    VERIFY_ALL = "VERIFY_ALL"
    """Look which cases hold, of all."""
    VERIFY_CASE = "VERIFY_CASE"
    """Look what does not hold of a case."""
    WRITE_LETTER = "WRITE_LETTER"
    """Have the letter made that asks for a piece."""

    @classmethod
    def named(cls, name: str | None) -> "Action | None":
        """The action of that name, if there is one: another version may know others."""
        return cls.__members__.get(name or "")


class Problem(Exception):
    """Something that a person can do something about. Never carries what the person typed, only what was expected."""

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        code: str,
        message: str,
        remedy: str = "",
        /,
        *,
        field: str | None = None,
        action: Action | None = None,
        **params: str | int,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.field = field
        self.action = action
        self.params: dict[str, str | int] = params
        self.is_noted = False
        """True once the access journal has it, as a refusal for lack of right."""

    def as_dict(self) -> dict[str, Any]:
        """The same problem as plain data, to cross a process border. `from_dict` brings it back."""
        plain = {
            # As one of the kinds that are known everywhere: a finer one of a single module would not be.
            "kind": next(kind.__name__ for kind in type(self).__mro__ if kind.__name__ in _KINDS),
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "field": self.field,
            "params": self.params,
        }
        return plain if self.action is None else plain | {"action": self.action.value}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> "Problem":
        """The problem that `as_dict` wrote down, in this version or another: the action may be missing, or unknown."""
        kind = _KINDS.get(data["kind"], Problem)
        action = Action.named(data.get("action"))
        problem = kind(data["code"], data["message"], data["remedy"], field=data["field"], action=action)
        problem.params = dict(data["params"])
        return problem

    def __str__(self) -> str:
        return f"{self.code}: {fill(self.message, self.params)}"


def fault(
    code: str, message: str, remedy: str, /, action: Action | None = None, **params: str | int
) -> PydanticCustomError:
    """A fault of one field. Message and remedy are templates, as those of a Problem; no word of the input."""
    context = {"template": message, "remedy": remedy, **params}
    return PydanticCustomError(code, message, context if action is None else context | {"action": action.value})


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


class NoMoment(Invalid):
    """A text names no moment of any history: it is neither a version, nor a date, nor an event."""


class Refused(Problem):
    """A rule says no: the command does not fit the case as it stands, or this person may not do it."""


class NotFound(Refused):
    """There is no such thing, or this account may not see it: the two are never told apart."""


class Away(Problem):
    """The engine or the database does not answer: nothing was half-done, and trying again can help."""

    retryable = True


class TooMany(Problem):
    """An account has asked for more than it may within an hour. `wait` is the time to wait, in seconds."""

    retryable = True

    def __init__(self, wait: int) -> None:
        super().__init__(
            "too_many_requests",
            "This account has asked for too much within an hour.",
            "Wait {seconds} seconds, then go on. If it was not you, tell whoever runs this service at once.",
            seconds=wait,
        )
        self.wait = wait


_KINDS = {kind.__name__: kind for kind in (Problem, Invalid, Refused, NotFound, Away)}
