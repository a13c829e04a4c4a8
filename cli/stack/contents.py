"""The folder of an embedded stack: which of its parts are there, and the errors of those that are missing."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Away
from kit.errors import FolderUnusable
from kit.refusals import reason
from kit.storage.database import LONGEST_PATH, beside, sqlite_url
from kit.storage.folder import DataFolder

DATABASE_FILE = "aboutir.db"
ENGINE_FILE = "temporal.db"
MASTER_KEY_FILE = "master.key"
KEYS_FILE = Path(beside(sqlite_url(Path(DATABASE_FILE)), "keys").database or "").name
"""The store of the keys."""
OUTBOX = "outbox"
"""The folder of the mails, unless a mail server is set."""


@dataclass(frozen=True)
class Contents:
    """Which of its databases a folder holds. One that is empty is as good as none."""

    book: bool
    keys: bool
    engine: bool


def check_folder(folder: Path) -> None:
    """Raises FolderUnusable when no stack can be in a folder of this name."""
    DataFolder(folder).check()
    if len(os.fsencode((folder / KEYS_FILE).absolute())) > LONGEST_PATH:
        raise FolderUnusable(folder, reason(OSError(errno.ENAMETOOLONG, "")))


def contents(folder: Path) -> Contents:
    """Looks into a folder. Raises FolderUnusable as `check_folder` does, and when nobody may look into it."""
    check_folder(folder)
    return Contents(*(_holds(folder, name) for name in (DATABASE_FILE, KEYS_FILE, ENGINE_FILE)))


def _holds(folder: Path, name: str) -> bool:
    try:
        return (folder / name).stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise FolderUnusable(folder, reason(error)) from error


def nothing_there(folder: Path) -> Away:
    """The error of a folder in which no stack was ever started."""
    return Away(
        "no_stack",
        "There is no stack in the folder {folder}.",
        "Start one with: starter.py up --data {folder}, or name another folder with --data.",
        folder=str(folder),
    )


def book_missing(folder: Path, *, at_start: bool = False) -> Away:
    """The error of a folder that has lost its book.

    Starting the stack is no remedy, since it would hide the loss; only whoever is starting it is told how to go on
    without.
    """
    return Away(
        "book_missing",
        "The database of the cases, {file}, is missing from the folder {folder}.",
        "Put the file back from its back-up. If there is none: starter.py up --new-book, then rebuild --from histories "
        "brings back what the engine knows; see docs/production.md."
        if at_start
        else "Stop the stack if it is up, and put the file back from its back-up: see docs/production.md.",
        file=DATABASE_FILE,
        folder=str(folder),
    )


def keys_missing(folder: Path) -> Away:
    """The error of a folder that has lost the store of its keys."""
    return Away(
        "keys_missing",
        "The database of the keys, {file}, is missing from the folder {folder}.",
        "Put the file back from its back-up: without it nothing that was written can be read.",
        file=KEYS_FILE,
        folder=str(folder),
    )
