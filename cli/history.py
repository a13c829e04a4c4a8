"""Arguments of commands that look at a case: its reference, and the moment up to which they look."""

from typing import Annotated

import typer

from cli.say import _
from domain.hindsight import until as until

ReferenceArgument = Annotated[str, typer.Argument(metavar="REF", help=_("The reference of a case."))]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="VERSION|DATE|EVENT", help=_("As it stood then; now, if nothing is said.")),
]
