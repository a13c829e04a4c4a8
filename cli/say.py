"""What the command line prints: for people with colours and in their language, for machines as one JSON value."""

import json
import sys
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from domain.errors import Away, Invalid, Problem, Refused, fill
from domain.vocabulary import Term
from kit.errors import StackError
from kit.i18n import translate
from kit.validation import faults

DONE, FAILED, USAGE, REFUSED, AWAY = 0, 1, 2, 3, 4

console = Console(highlight=False)
if not console.is_terminal:
    console.width = 120  # into a file or a pipe: room for a table, whatever the terminal it was typed in
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


def _(template: str, **params: object) -> str:
    """The template in the reader's language, with its parameters."""
    return fill(translate(template), params)


def label(code: str | None, kind: type[Term]) -> str:
    """What a code is called."""
    if code is None:
        return ""
    return translate(kind(code).label)  # type: ignore[call-arg]


def plain(text: object) -> str:
    """A text that somebody typed, safe to print: no mark-up of it is obeyed."""
    return escape(str(text))


def as_json(value: Any) -> None:
    """One JSON value on standard output, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


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
    params: dict[str, object] = dict(error.params)
    field = error.field if isinstance(error, Problem) else None
    if field is not None:
        params.setdefault("field", field)
    return {
        "code": error.code.replace("-", "_"),
        "message": _(error.message, **params),
        "field": field,
        "remedy": _(error.remedy, **params),
    }


def exit_code(error: Problem | StackError) -> int:
    """0 done, 2 usage, 3 refused, 4 engine or database away; 1 when it is our own fault."""
    if isinstance(error, Away | StackError):
        return AWAY
    if isinstance(error, Refused | Invalid):
        return REFUSED
    return USAGE if isinstance(error, Usage) else FAILED


def fail(error: Problem | StackError, machine: bool) -> NoReturn:
    """Says what went wrong and what to do about it, then ends with the exit code that fits."""
    said = describe(error)
    if machine:
        as_json({"error": said})
    else:
        complaints.print(Text.assemble((said["message"], "bold red"), " ", said["remedy"]))
    raise typer.Exit(exit_code(error))
