"""Where whole files are put away: put under a name, got under the same. The name may hold slashes."""

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class Missing(LookupError):
    """Nothing is kept under this name."""


class ArchiveStore(Protocol):
    """A place for files."""

    def put(self, name: str, content: bytes) -> None:
        """Keeps the bytes under the name, as a whole or not at all; what was there before is replaced."""

    def get(self, name: str) -> bytes:
        """The bytes under the name. Raises Missing when there are none."""


class FolderArchive:
    """A folder, closed to everybody but its owner."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        """On the disk when it returns, and still there after a power cut."""
        path = self._path(name)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mkstemp gives mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(fresh).replace(path)
        except BaseException:
            Path(fresh).unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def get(self, name: str) -> bytes:
        """What was put there."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise Missing(name) from None

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name for a file: {name!r}")
        return self._folder / name


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # a file system that cannot sync a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
