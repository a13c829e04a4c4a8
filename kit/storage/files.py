"""Writes files whole: either what was there before, or all of what is new; readable by the owner alone."""

import errno
import filecmp
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO


class Occupied(FileExistsError):
    """Another file is there already, and may not be replaced."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        self.path = path


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into, which takes the place of `path` once everything is on the disk, and not before.

    Raises OSError when it cannot be written; then nothing is left behind.
    """
    with written_together([path], over=True) as (file,):
        yield file


@contextmanager
def written_together(paths: Sequence[Path], *, over: bool) -> Iterator[Sequence[IO[bytes]]]:
    """Files to write into, one for each path, which take their places once everything of all is on the disk.

    A file that is there already is replaced when it may be written over. Else it stays if it holds the same, and if
    it holds anything else raises Occupied. Raises OSError when they cannot be written. Then nothing is left behind.
    """
    with ExitStack() as opened:
        files = [opened.enter_context(_beside(path)) for path in paths]
        yield files
        for file in files:
            file.flush()
            os.fsync(file.fileno())
        parts = dict(zip(paths, (Path(file.name) for file in files), strict=True))
        for path in [path for path, part in parts.items() if _is_to_be_put(part, path, over)]:
            parts[path].replace(path)


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """A file in the same folder, gone in the end unless it got another name."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


def _is_to_be_put(part: Path, path: Path, over: bool) -> bool:
    """False when the path holds the same already. Raises Occupied when it holds what is not to be replaced."""
    if not os.path.lexists(path):
        return True
    if over and (path.is_file() or path.is_symlink()):  # never a device
        return True
    if path.is_file() and filecmp.cmp(part, path, shallow=False):
        return False
    raise Occupied(path)


def sync_folder(folder: Path) -> None:
    """Has the disk keep the names in a folder, and not the bytes of its files only."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
