"""The options that many commands have."""

from pathlib import Path
from typing import Annotated

import typer

from cli.say import _
from domain.errors import fault


def path(text: str) -> Path:
    """A path that was typed. An empty word is none: it would stand for the folder in which somebody happens to be."""
    if not text:
        raise fault("empty_path", "{field} is empty.", "Name a file or a folder; a dot names the one you are in.")
    return Path(text)


def source(text: str) -> str:
    """A file to read from, or - for standard input, as it was typed."""
    return text if text == "-" else str(path(text))


DEFAULT_ACCOUNT = "accueil"

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="PATH",
        parser=path,
        help=_("Folder of the embedded stack (default: ABOUTIR_DATA, or ./data)."),
        show_default=False,
    ),
]
"""Only what is typed. ABOUTIR_DATA is a setting like others: beside a database, in production, it says where histories
are put away."""
AsOption = Annotated[
    str, typer.Option("--as", envvar="ABOUTIR_AS", help=_("The account in whose name this is done."), metavar="ACCOUNT")
]
WhyOption = Annotated[
    str | None,
    typer.Option("--why", metavar="REASON", help=_("Why the case is looked at: it stands in the access journal.")),
]
JsonOption = Annotated[bool, typer.Option("--json", help=_("One JSON value on standard output, for machines."))]
