"""Asks clamd (ClamAV) whether a stream holds malware, over a socket of its own for each question.

Own lines and no client library, because the protocol is three (clamd(8), INSTREAM): the one that is kept, aioclamd,
sends a kilobyte at a time, each through a thread, and knows no UNIX socket.
"""

import contextlib
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from kit.errors import StackError
from kit.refusals import reason

_LONGEST_ANSWER = 4096


class ClamdAway(StackError):
    """The scanner does not answer, or answers something else."""

    code = "clamd_away"
    message = "The malware scanner does not answer: {reason}."
    remedy = "Check that clamd runs and that ABOUTIR_CLAMD names its socket. What waits is scanned within the hour."
    action = "SCAN_STORE"


class Finding(Enum):
    """What the scanner says of a stream."""

    CLEAN = auto()
    INFECTED = auto()
    NOT_SCANNED = auto()
    """It did not look, or not at all of it."""


@dataclass(frozen=True)
class Verdict:
    """What was found, and what the scanner calls it or why it did not look."""

    finding: Finding
    said: str


class Clamd:
    """A clamd at "host:port", or at the path of its UNIX socket."""

    def __init__(self, address: str, *, limit: int, timeout: float = 300) -> None:
        """`limit` is how many bytes it looks at: no more than its StreamMaxLength, MaxFileSize and MaxScanSize.

        Beyond MaxFileSize clamd says OK without having looked: nothing longer is ever sent, and so never called clean.
        """
        self.address, self.limit, self._timeout = address, limit, timeout

    def version(self) -> str:
        """What it calls itself, with the version of its signatures. Raises ClamdAway."""
        with self._connected() as clamd:
            clamd.sendall(b"zVERSION\0")
            return _answer(clamd)

    def scan(self, pieces: Iterable[bytes], size: int) -> Verdict:
        """What it finds in a stream of this many bytes. Raises ClamdAway."""
        if size > self.limit:
            return Verdict(Finding.NOT_SCANNED, "too large")
        with self._connected() as clamd:
            clamd.sendall(b"zINSTREAM\0")
            for piece in pieces:
                if not _send(clamd, struct.pack("!L", len(piece)) + piece):
                    break  # it has seen enough: its answer is there to be read
            else:
                _send(clamd, struct.pack("!L", 0))
            return _verdict(_answer(clamd))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        with contextlib.ExitStack() as stack:
            try:
                yield stack.enter_context(self._connect())
            except OSError as error:
                raise ClamdAway(reason=reason(error)) from None

    def _connect(self) -> socket.socket:
        if self.address.startswith("/"):
            clamd = socket.socket(socket.AF_UNIX)
            clamd.settimeout(self._timeout)
            try:
                clamd.connect(self.address)
            except BaseException:
                clamd.close()
                raise
            return clamd
        host, _, port = self.address.rpartition(":")
        if not port.isdigit():
            raise ClamdAway(reason="the address has no port")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self._timeout)


def _send(clamd: socket.socket, data: bytes) -> bool:
    try:
        clamd.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _answer(clamd: socket.socket) -> str:
    """One line of what it says, without anything that a terminal obeys."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        some = clamd.recv(_LONGEST_ANSWER)
        if not some:
            break
        answer += some
    said = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in said)


def _verdict(answer: str) -> Verdict:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return Verdict(Finding.CLEAN, "")
    if said.endswith(" FOUND"):
        name = said.removesuffix(" FOUND")
        # Not malware, but what kept it from looking (AlertExceedsMax, AlertEncrypted).
        unseen = name.startswith(("Heuristics.Limits.Exceeded", "Heuristics.Encrypted"))
        return Verdict(Finding.NOT_SCANNED if unseen else Finding.INFECTED, name)
    if "size limit exceeded" in said:
        return Verdict(Finding.NOT_SCANNED, "too large")
    raise ClamdAway(reason=said[:100] or "no answer")
