"""Asking the desk for something: what is said while its answer is awaited, and when the words do not fit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import typer
from rich.text import Text

from cli.say import FAILED, Usage, _, complaints, fail, label, plural, words
from desk.case import show_case
from desk.office import Office
from domain.actors import Actor
from domain.errors import Invalid
from domain.parts.base import Command
from domain.vocabulary import Step


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


def version_decided_on(office: Office, actor: Actor, reference: str, command: Command) -> int:
    """Shows where a case stands and has its version typed by whoever decides upon that; gives that version.

    Raises Exit when something else is typed. Looking stands in the access journal, as everywhere.
    """
    case = show_case(office, actor, reference, words())
    where = (f"  v{case.version}  ", label(case.step, Step), "  ", case.holder)
    complaints.print(Text.assemble((case.reference, "bold"), *where))
    if standing := len(case.standing_alerts):
        complaints.print(Text(plural("{count} alert stands.", "{count} alerts stand.", standing, count=standing)))
    question = _(
        "What {command} does cannot be undone. To ask it of this version, type its number ({version}):",
        command=command.name(),
        version=case.version,
    )
    if typer.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True) != str(case.version):
        raise typer.Exit(FAILED)
    return case.version


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
