"""Keeps sealed bytes, in a folder or on S3: `put` and `get` are what matters, and nothing that is kept ever changes.

A store knows nothing of what it keeps: names are drawn at random by `new_name`, never given from the outside, and the
bytes come sealed. Once `put` has returned, they survive a power cut.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Protocol

from kit.errors import StackError
from kit.refusals import reason
from kit.storage.files import sync_folder

_NAME = re.compile(r"[0-9a-f]{32}")


class StoreAway(StackError):
    """The store cannot be reached, or is full. Nothing half-written is taken for whole."""

    code = "store_away"
    message = "The store of the files does not answer: {reason}."
    remedy = "Try again in a moment; if it lasts, check the disk or the address of the store (ABOUTIR_FILES)."


class NotKept(LookupError):
    """The store has nothing of that name."""


class Store(Protocol):
    """A place for sealed bytes. Its own failures are raised as StoreAway."""

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Keeps the bytes under a new name: all of them, durably, once this returns; nothing of them if it raises."""

    def get(self, name: str) -> Iterator[bytes]:
        """Gives the bytes, piece by piece. Raises NotKept."""

    # --- Housekeeping ---

    def delete(self, name: str) -> None:
        """Deletes the bytes of that name, whole or half-written, if there are any."""

    def names(self, before: datetime) -> Iterator[str]:
        """Gives the names of what was last written before an instant, whole or half-written."""


def new_name() -> str:
    """A name for something new: 128 random bits, in hexadecimal."""
    return secrets.token_hex(16)


def checked(name: str) -> str:
    """A name that `new_name` could have given. Raises ValueError for any other."""
    if not _NAME.fullmatch(name):
        raise ValueError("a name in the store is 32 hexadecimal digits")
    return name


# --- A folder --------------------------------------------------------------------------------------------

_PART = ".part"
_READ = 256 * 1024


class FolderStore:
    """A folder that only its owner may read; 256 folders in it, so that none grows too long."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """See Store."""
        path = self._path(name)
        part = path.with_suffix(_PART)
        with _disk():
            self._make(path.parent)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:
                for piece in pieces:  # outside of `_disk`: an error of whoever gives them is not the disk's
                    with _disk():
                        _write(handle, piece)
                with _disk():
                    os.fsync(file.fileno())
            with _disk():
                part.rename(path)
                sync_folder(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def get(self, name: str) -> Iterator[bytes]:
        """See Store."""
        path = self._path(name)
        with _disk():
            if not path.exists():
                raise NotKept(name)
            file = path.open("rb", buffering=0)
        with file:
            while piece := _read(file):
                yield piece

    def delete(self, name: str) -> None:
        """See Store."""
        path = self._path(name)
        with _disk():
            path.unlink(missing_ok=True)
            path.with_suffix(_PART).unlink(missing_ok=True)

    def names(self, before: datetime) -> Iterator[str]:
        """See Store."""
        for path in sorted(self.folder.glob("??/*")):
            with contextlib.suppress(FileNotFoundError):  # it was deleted, or is whole by now
                written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if written < before and _NAME.fullmatch(path.stem):
                    yield path.stem

    def _path(self, name: str) -> Path:
        return self.folder / checked(name)[:2] / name

    def _make(self, folder: Path) -> None:
        for level in (self.folder, folder):
            if not level.is_dir():
                level.mkdir(mode=0o700, parents=True, exist_ok=True)
                sync_folder(level.parent)


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreAway(reason=reason(error)) from None


def _write(handle: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _read(file: FileIO) -> bytes:
    with _disk():
        return file.read(_READ) or b""


# --- By setting ------------------------------------------------------------------------------------------


def store_at(address: str, *, endpoint: str, region: str, key: str, secret: str) -> Store:
    """The store at an address: "s3://bucket/prefix", or the path of a folder. Raises StoreAway for a malformed one."""
    if not address.startswith("s3://"):
        return FolderStore(Path(address))
    from kit.storage.object_store import ObjectStore  # only where it is used: it is a library of its own

    return ObjectStore.at(address, endpoint=endpoint, region=region, key=key, secret=secret)
