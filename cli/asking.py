"""Asking the desk for something: what is said while its answer is awaited, and when the words do not fit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import typer
from rich.text import Text

from cli.say import Usage, complaints, fail
from domain.errors import Invalid


@contextmanager
def stopped_waiting(command_id: str, machine: bool) -> Iterator[None]:
    """Tells whoever stops waiting for an answer (Ctrl-C) how to ask again without asking twice."""
    try:
        yield
    except KeyboardInterrupt:
        from workflows.cases import not_confirmed

        with suppress(typer.Exit):
            fail(not_confirmed(command_id), machine)
        raise


@contextmanager
def misuse() -> Iterator[None]:
    """Turns content that does not fit into a matter of usage: here it was typed as words and options."""
    try:
        yield
    except Invalid as error:
        raise Usage(
            error.code, error.message, error.remedy, field=error.field, action=error.action, **error.params
        ) from None


def progress_told(sentence: Callable[[int], str], *, quiet: bool) -> Callable[[int], None] | None:
    """Prints a sentence about how many cases are done, each time that it is told; None to be told nothing."""
    if quiet:
        return None
    return lambda done: complaints.print(Text(sentence(done), "dim"))
