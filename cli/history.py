"""Arguments of commands that look at a case: its reference, and the moment up to which they look."""

from collections.abc import Callable
from typing import Annotated

import typer

from cli.say import _
from domain.events import Entry
from domain.hindsight import until as until

ReferenceArgument = Annotated[str, typer.Argument(metavar="REF", help=_("The reference of a case."))]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="VERSION|DATE|EVENT", help=_("As it stood then; now, if nothing is said.")),
]


def cut_at(at: str | None, option: str = "at") -> Callable[[list[Entry]], list[Entry]] | None:
    """Keeps the lines of a history up to that moment, as `until` does; None where no moment is named."""
    return None if at is None else lambda entries: until(entries, at, option)
