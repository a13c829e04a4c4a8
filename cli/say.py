"""Prints answers and errors: for people with colours and in their language, for machines as one JSON value."""

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

from cli.actions import TYPED
from domain.errors import Action, Away, Invalid, NoMoment, Problem, Refused
from domain.vocabulary import Term
from kit.errors import FolderInUse, Misused, StackError
from words import Words
from words.problems import Wording, invalid

DONE, FAILED, USAGE, REFUSED, AWAY, DIVERGENT = 0, 1, 2, 3, 4, 5
INTERRUPTED = 130


class NotWritten(Exception):
    """The answer could not be written: the disk is full, or standard output is closed."""


class ReaderGone(Exception):
    """The reader has seen enough (`| head`), which is no error."""


class Page(Console):
    """A console for people. It takes nothing that somebody typed for markup: neither [red] nor :smile:."""

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


# --- In the reader's language ----------------------------------------------------------------------------


@dataclass
class _Reader:
    """Whoever reads what this process prints."""

    words: Words


_reader = _Reader(Words("fr"))


def speak(language: str) -> None:
    """Decides the reader's language: the command line does, as it starts."""
    _reader.words = Words(language)


def words() -> Words:
    """The words in the reader's language."""
    return _reader.words


def _(template: str, /, **params: object) -> str:
    """The template in the reader's language, with its parameters."""
    return words().say(template, **params)


def plural(one: str, many: str, count: int, /, **params: object) -> str:
    """The template that agrees with a number, in the reader's language."""
    return words().plural(one, many, count, **params)


def label(code: str | None, kind: type[Term]) -> str:
    """The name of a code."""
    return words().label(code, kind)


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


def how(action: str | None, /, **params: object) -> str:
    """The way in which an action is done on the command line; nothing for none."""
    return "" if action is None else _(TYPED[Action(action)], **params)


def describe(error: Problem | StackError) -> dict[str, Any]:
    """An error as its parts, in the reader's language."""
    return words().problem(error, TYPED)._asdict()


def exit_code(error: Problem | StackError) -> int:
    """0 done, 2 usage, 3 refused, 4 engine or database away; 1 when it is our own fault."""
    if isinstance(error, Usage | Misused | NoMoment):
        return USAGE
    if isinstance(error, Refused | Invalid | FolderInUse):
        return REFUSED
    return AWAY if isinstance(error, Away | StackError) else FAILED


def fail(error: Problem | StackError, machine: bool) -> NoReturn:
    """Says what went wrong and what to do about it, then ends with the exit code that fits."""
    wording = words().problem(error, TYPED)
    try:
        if machine:
            as_json({"error": wording._asdict()})
        else:
            _complain(wording)
    except NotWritten:
        _complain(wording)
    raise typer.Exit(exit_code(error))


def _complain(wording: Wording) -> None:
    field = wording.field
    where = f"{field}: " if field and field not in wording.message else ""
    with suppress(OSError):  # nobody is left to tell; the exit code does
        complaints.print(Text.assemble((where + wording.message, "bold red"), " ", wording.remedy))


def warn(warning: Problem | None) -> None:
    """Tells people, beside the answer, what could not be done. Machines find it in the answer."""
    if warning is not None:
        wording = words().problem(warning, TYPED)
        complaints.print(Text.assemble((wording.message, "yellow"), " ", wording.remedy))


@dataclass
class Answer:
    """The answer that a command is about to print."""

    recorded: str | None = None
    """The case in which something was recorded: if the answer is lost, its reader must not ask a second time."""


def unwritten(answer: Answer) -> Problem:
    """The problem to report on standard error when an answer could not be written."""
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
    """Runs something asynchronous and gives its answer."""
    return asyncio.run(answer)
