"""What the command line prints: for people with colours and in their language, for machines as one JSON value."""

import asyncio
import json
import re
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

import typer
from pydantic import BaseModel, ValidationError
from rich import _wrap
from rich.console import Console
from rich.text import Text

from domain.errors import Away, Invalid, Problem, Refused, fill
from domain.vocabulary import Term
from kit.errors import ChildNotReady, ChildNotStarted, FolderInUse, Misused, StackError
from kit.i18n import translate
from kit.validation import faults

DONE, FAILED, USAGE, REFUSED, AWAY, DIVERGENT = 0, 1, 2, 3, 4, 5
INTERRUPTED = 130


class NotWritten(Exception):
    """The answer could not be written: the disk is full, or standard output is closed."""


class ReaderGone(Exception):
    """Whoever reads has seen enough (`| head`): that is no error."""


class Page(Console):
    """Where people read. Nothing that somebody typed is obeyed: neither [red] nor :smile:."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def on_broken_pipe(self) -> NoReturn:
        raise ReaderGone


# French sets no-break spaces before double signs and inside « ». The library breaks a line at any space, those too,
# and has no option for it.
_wrap.re_word = re.compile(r"[^\S\u00a0\u202f]*[\S\u00a0\u202f]+[^\S\u00a0\u202f]*")

console = Page()
if not console.is_terminal:
    console.width = 120  # into a file or a pipe: room for a table, whatever the terminal it was typed in
complaints = Page(stderr=True, soft_wrap=True)


def _(template: str, **params: object) -> str:
    """The template in the reader's language, with its parameters."""
    return fill(translate(template), params)


def label(code: str | None, kind: type[Term]) -> str:
    """What a code is called."""
    if code is None:
        return ""
    return translate(kind(code).label)  # type: ignore[call-arg]


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: object) -> str:
    """What somebody typed, safe on a terminal and on one line: file names and names of fields may hold anything."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def as_json(value: Any) -> None:
    """One JSON value (or a view) on standard output, and nothing else. It is UTF-8 whatever the terminal speaks."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    sys.stdout.flush()
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False, default=_as_text).encode() + b"\n")
    sys.stdout.buffer.flush()


def _as_text(value: object) -> str:
    """Dates and instants as a case itself has them (RFC 3339), the rest by its name."""
    if isinstance(value, date):  # an instant is one, too
        return value.isoformat().replace("+00:00", "Z")
    return str(value)


class Usage(Problem):
    """The command line itself was not understood."""


def invalid(error: ValidationError, within: str = "") -> Invalid:
    """The first fault of a validation as a problem; it says how many more there are.

    `within` is the field in which what was validated stands, if it is part of something larger.
    """
    first, *others = faults(error)
    where = ".".join(part for part in (within, first.where) if part) or None
    remedy, params = translate(first.remedy), dict(first.params)
    if others:
        remedy += " " + translate("{more} more faults: {others}.")
        params |= {"more": len(others), "others": ", ".join(fault.where for fault in others[:6])}
    return Invalid(first.code, first.message, remedy, field=where, **params)


def describe(error: Problem | StackError) -> dict[str, Any]:
    """An error as its parts, in the reader's language."""
    params: dict[str, object] = {name: plain(value) for name, value in error.params.items()}
    if isinstance(error, ChildNotStarted | ChildNotReady):
        params["name"] = _(str(params["name"]))  # the parts of the stack have names in every language
    if "reason" in params:
        params["reason"] = _(str(params["reason"]))  # what the system says: kit/refusals.py
    field = plain(error.field) if error.field else None
    params.setdefault("field", field or _("This"))
    return {
        "code": error.code.replace("-", "_"),
        "message": _(error.message, **params),
        "field": field,
        "remedy": _(error.remedy, **params),
    }


def exit_code(error: Problem | StackError) -> int:
    """0 done, 2 usage, 3 refused, 4 engine or database away; 1 when it is our own fault."""
    if isinstance(error, Usage | Misused):
        return USAGE
    if isinstance(error, Refused | Invalid | FolderInUse):
        return REFUSED
    return AWAY if isinstance(error, Away | StackError) else FAILED


def fail(error: Problem | StackError, machine: bool) -> NoReturn:
    """Says what went wrong and what to do about it, then ends with the exit code that fits."""
    said = describe(error)
    try:
        if machine:
            as_json({"error": said})
        else:
            _complain(said)
    except NotWritten:
        _complain(said)
    raise typer.Exit(exit_code(error))


def _complain(said: dict[str, Any]) -> None:
    field = said["field"]
    where = f"{field}: " if field and field not in said["message"] else ""
    with suppress(OSError):  # nobody is left to tell; the exit code does
        complaints.print(Text.assemble((where + said["message"], "bold red"), " ", said["remedy"]))


def warn(warning: Problem | None) -> None:
    """Says to people, beside the answer, what could not be done. Machines find it in the answer."""
    if warning is not None:
        said = describe(warning)
        complaints.print(Text.assemble((said["message"], "yellow"), " ", said["remedy"]))


@dataclass
class Answer:
    """What a command is about to say."""

    recorded: str | None = None
    """The case in which something was recorded meanwhile: whoever never reads the answer must not ask for it twice."""


def unwritten(answer: Answer) -> Problem:
    """What is said on standard error of an answer that could not be written."""
    if answer.recorded is None:
        return Problem("not_written", "The answer could not be written.", "Look at where it goes: a full disk, say.")
    return Problem(
        "not_written",
        "The answer could not be written, but what was asked is done: case {reference}.",
        "Do not ask for it again. See: starter.py show {reference}.",
        reference=answer.recorded,
    )


@contextmanager
def answering(machine: bool) -> Iterator[Answer]:
    """Turns everything that can go wrong into one line that says what to do, or one JSON value."""
    answer = Answer()
    try:
        yield answer
    except NotWritten:
        fail(unwritten(answer), machine=False)
    except (Problem, StackError) as error:
        fail(error, machine)
    except ValidationError as error:
        fail(invalid(error), machine)


def wait_for(answer: Coroutine[Any, Any, Any]) -> Any:
    """The answer of something asynchronous."""
    return asyncio.run(answer)
