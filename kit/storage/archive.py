"""Puts whole files away under names, and gets them back. A name may hold slashes."""

import contextlib
import re
from pathlib import Path
from typing import Protocol

from kit.storage.files import sync_folder, written_whole

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class Missing(LookupError):
    """Nothing is kept under this name."""


class ArchiveStore(Protocol):
    """A place for files."""

    def put(self, name: str, content: bytes) -> None:
        """Keeps the bytes under the name, as a whole or not at all; what was there before is replaced."""

    def get(self, name: str) -> bytes:
        """Gives the bytes under the name. Raises Missing when there are none."""


class FolderArchive:
    """A folder, closed to everybody but its owner."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        """On the disk when it returns, and still there after a power cut."""
        path = self._path(name)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with written_whole(path) as file:
            file.write(content)
        with contextlib.suppress(OSError):  # a file system that cannot sync a folder
            sync_folder(path.parent)

    def get(self, name: str) -> bytes:
        """Gives what was put there."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise Missing(name) from None

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name for a file: {name!r}")
        return self._folder / name
