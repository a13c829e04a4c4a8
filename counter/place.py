"""The place where the desk is asked: a Unix socket that one process holds, for the accounts of its group alone."""

import contextlib
import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from kit.errors import Misused, StackError
from kit.refusals import reason

FOLDER_MODE, SOCKET_MODE = 0o750, 0o660
LONGEST = 100
"""Bytes that the path of a socket may have: sun_path has 108 on Linux, 104 elsewhere."""
_BACKLOG = 128


class SocketUnusable(Misused):
    """There can be no socket of this name. `reason` says why."""

    code = "socket-unusable"
    field = "desk_socket"
    message = "The socket {path} cannot be used: {reason}."
    remedy = "Choose a short path in a folder of its own (ABOUTIR_DESK_SOCKET)."

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path=path, reason=reason)


class SocketInUse(StackError):
    """Another process answers there."""

    code = "socket-in-use"
    field = "desk_socket"
    message = "Another process answers at {path}."
    remedy = "Stop it, or choose another socket (ABOUTIR_DESK_SOCKET)."

    def __init__(self, path: Path) -> None:
        super().__init__(path=path)


@contextlib.contextmanager
def held_socket(path: Path) -> Iterator[socket.socket]:
    """A listening socket, which one that was killed may have left behind. Its folder is made if it is not there.

    Raises SocketInUse while another process holds it, SocketUnusable when there can be none.
    """
    if len(os.fsencode(path)) > LONGEST:
        raise SocketUnusable(path, reason(OSError(errno.ENAMETOOLONG, "")))
    try:
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SocketUnusable(path, reason(error)) from None
    try:
        _lock(handle, path)
        with _bound(path) as listening:
            yield listening
    finally:
        os.close(handle)  # releases it, as the end of a killed process does; the file stays


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SocketInUse(path) from None


@contextlib.contextmanager
def _bound(path: Path) -> Iterator[socket.socket]:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        try:
            if path.exists() and not stat.S_ISSOCK(path.stat().st_mode):
                raise SocketUnusable(path, reason(FileExistsError(errno.EEXIST, "")))
            path.unlink(missing_ok=True)
            former = os.umask(0o777 & ~SOCKET_MODE)  # so that it is never open to more, not even for a moment
            try:
                listening.bind(str(path))
            finally:
                os.umask(former)
            listening.listen(_BACKLOG)
        except OSError as error:
            raise SocketUnusable(path, reason(error)) from None
        try:
            yield listening
        finally:
            path.unlink(missing_ok=True)
    finally:
        listening.close()


def is_ready(path: Path) -> bool:
    """Asks the process at a socket whether it reaches all that it works with. Waits for ten seconds at most."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(10)
        asking.connect(str(path))
        asking.sendall(b"GET /readyz HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n")
        return asking.recv(64).startswith(b"HTTP/1.1 200 ")
    return False
