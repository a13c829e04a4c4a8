"""The data folder of an embedded stack: one process at a time, and a note of what runs in it."""

import contextlib
import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kit.errors import FolderInUse, FolderUnusable
from kit.refusals import reason
from kit.storage.files import written_whole

# Whoever reads stack.json holds a shared lock for an instant. A start that collides with it tries again.
_TRIES = 10
_BETWEEN_TRIES = 0.02  # seconds


class DataFolder:
    """A folder that one process at a time may hold. The system drops the lock of a process that is killed."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock_file = self.path / "lock"
        self._stack_file = self.path / "stack.json"
        self._held = False

    def check(self) -> None:
        """Raises `FolderUnusable` when there can be no folder of this name: it is a file's, or none for the system."""
        try:
            mode = self.path.stat().st_mode
        except FileNotFoundError:
            return
        except OSError as error:
            raise FolderUnusable(self.path, reason(error)) from error
        if not stat.S_ISDIR(mode):
            raise FolderUnusable(self.path, reason(NotADirectoryError(errno.ENOTDIR, "")))

    def check_free(self) -> None:
        """Raises `FolderInUse` when a process holds the folder now. Nothing is made or written."""
        if self._is_held_by_somebody():
            raise self._in_use(self._lock_file.read_bytes())

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the folder, created with mode 0700 when absent.

        Raises `FolderInUse` when a process holds it already (this one included), and `FolderUnusable` when it
        cannot be created, written or locked.
        """
        self.check()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderUnusable(self.path, reason(error)) from error
        try:
            self._take(handle)
            # A stack that crashed left its note; with the lock held it would now pass for ours.
            self._stack_file.unlink(missing_ok=True)
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            self._held = True
            try:
                yield
            finally:
                self._held = False
                self._stack_file.unlink(missing_ok=True)
                os.ftruncate(handle, 0)
        finally:
            # Closing releases. The file stays: removing it would let two processes lock two different files.
            os.close(handle)

    def write_stack(self, stack: dict[str, Any]) -> None:
        """Notes what runs here (ports, process ids: any JSON) for other processes, in one step, mode 0600.

        Raises `RuntimeError` when this object does not hold the folder: the note would be stale at once.
        """
        if not self._held:
            raise RuntimeError("write_stack() belongs inside lock()")
        with written_whole(self._stack_file) as file:
            file.write(json.dumps(stack, indent=2).encode() + b"\n")

    def read_stack(self) -> dict[str, Any] | None:
        """Reads what the process that holds the folder noted; `None` when nobody holds it or nothing is noted."""
        if not self._is_held_by_somebody():
            return None
        try:
            stack = json.loads(self._stack_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return stack if isinstance(stack, dict) else None

    def _take(self, handle: int) -> None:
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_BETWEEN_TRIES)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            except OSError as error:  # a file system without locks
                raise FolderUnusable(self.path, reason(error)) from error
            return
        raise self._in_use(os.pread(handle, 32, 0))

    def _in_use(self, holder: bytes) -> FolderInUse:
        digits = holder.strip()
        return FolderInUse(self.path, int(digits) if digits.isdigit() else None)

    def _is_held_by_somebody(self) -> bool:
        try:
            handle = os.open(self._lock_file, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise FolderUnusable(self.path, reason(error)) from error
        try:
            # Shared, so that two readers do not take each other for the holder.
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False
