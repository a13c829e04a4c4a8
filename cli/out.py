"""Writing files under names that people give: whole or not at all, and over nothing unless they say so."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from cli.say import Usage, _
from kit.refusals import reason
from kit.storage.files import Occupied, written_together

ForceOption = Annotated[bool, typer.Option("--force", help=_("Write over a file that is there already."))]


@contextmanager
def written(paths: Sequence[Path], field: str, *, force: bool) -> Iterator[Sequence[IO[bytes]]]:
    """Files to write into, one for each path. They get their names once all are whole; only their owner may read them.

    Raises Usage when they cannot be written, or when something else is there and `force` does not give it up; then
    nothing has changed. A file that is there with the same content is left as it is. `field` is the option that named
    them.
    """
    try:
        with written_together(paths, over=force) as files:
            yield files
    except Occupied as error:
        raise Usage(
            "file_exists",
            "{file} is there already, with something else in it.",
            "Choose another name." if force else "Choose another name, or write over it with --force.",
            field=field,
            file=error.path.name,
        ) from None
    except OSError as error:
        raise unwritable(paths[0], field, error) from None


def unwritable(path: Path, field: str, error: OSError) -> Usage:
    """The error of a file that cannot be written. `field` is the option that named it."""
    return Usage(
        "unwritable",
        "{file} cannot be written: {reason}.",
        "Check its folder and your permissions.",
        field=field,
        file=path.name,
        reason=reason(error),
    )
