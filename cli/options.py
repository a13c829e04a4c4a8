"""The options that many commands have."""

from pathlib import Path
from typing import Annotated

import typer

from cli.say import _
from domain.errors import fault


def path(text: str) -> Path:
    """Reads a path. An empty word is refused: it would stand for the folder in which somebody happens to be."""
    if not text:
        raise fault("empty_path", "{field} is empty.", "Name a file or a folder; a dot names the one you are in.")
    return Path(text)


def source(text: str) -> str:
    """Reads the name of a file, or - for standard input."""
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
"""The option alone, without ABOUTIR_DATA: that is a setting like others, which in production says where histories are
put away."""
AsOption = Annotated[
    str, typer.Option("--as", envvar="ABOUTIR_AS", help=_("The account in whose name this is done."), metavar="ACCOUNT")
]
WhyOption = Annotated[
    str | None,
    typer.Option("--why", metavar="REASON", help=_("Why the case is looked at: it stands in the access journal.")),
]
JsonOption = Annotated[bool, typer.Option("--json", help=_("One JSON value on standard output, for machines."))]
