"""A wire that remembers: everything that passes between a client and a server, both ways."""

import contextlib
import gzip
import socket
import threading
from collections.abc import Callable


class Recorder:
    """Listens on a port of its own, passes everything on to another, and keeps a copy."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._seen: list[bytes] = []
        self._open: list[socket.socket] = [self._listener]
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def seen(self) -> bytes:
        """Everything that has passed, as it was and as it reads: one direction of one connection after the other."""
        with self._lock:
            streams = list(self._seen)
        return b"\n".join([*streams, *(message for stream in streams for message in messages(stream))])

    def close(self) -> None:
        """Cuts every connection."""
        with self._lock:
            still_open = list(self._open)
        for each in still_open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._open:
            each.close()

    def _run(self, work: Callable[..., None], *args: socket.socket) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                theirs = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open += [ours, theirs]
                self._run(self._pass, ours, theirs)
                self._run(self._pass, theirs, ours)

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        place = self._place()
        with contextlib.suppress(OSError):
            while piece := one.recv(65_536):
                with self._lock:
                    self._seen[place] += piece
                other.sendall(piece)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)

    def _place(self) -> int:
        with self._lock:
            self._seen.append(b"")
            return len(self._seen) - 1


_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def messages(stream: bytes) -> list[bytes]:
    """The gRPC messages in one direction of an HTTP/2 connection, decompressed: the SDK compresses what it sends."""
    decompressed: list[bytes] = []
    bodies: dict[bytes, bytes] = {}
    rest = stream.removeprefix(_PREFACE)
    while len(rest) >= 9:
        size, kind, flags, id = int.from_bytes(rest[:3]), rest[3], rest[4], rest[5:9]
        frame, rest = rest[9 : 9 + size], rest[9 + size :]
        if kind == 0:  # DATA
            padding = frame[0] if flags & 8 else 0
            bodies[id] = bodies.get(id, b"") + frame[bool(flags & 8) : len(frame) - padding]
    for body in bodies.values():
        at = 0
        while at + 5 <= len(body):
            size, compressed = int.from_bytes(body[at + 1 : at + 5]), body[at]
            message = body[at + 5 : at + 5 + size]
            decompressed.append(gzip.decompress(message) if compressed and len(message) == size else message)
            at += 5 + size
    return decompressed
