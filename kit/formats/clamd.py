"""Has clamd (ClamAV) scan streams for malware, over a socket of its own for each.

No client library: the protocol is three lines (clamd(8), INSTREAM), and the one that is maintained, aioclamd, sends a
kilobyte at a time, each through a thread, and knows no UNIX socket.
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
    """Outcomes of a scan."""

    CLEAN = auto()
    INFECTED = auto()
    NOT_SCANNED = auto()
    """The scanner did not look, or not at all of the stream."""


@dataclass(frozen=True)
class Verdict:
    """The outcome, with the scanner's name for what it found, or its reason for not looking."""

    finding: Finding
    said: str


class Clamd:
    """A clamd at "host:port", or at the path of its UNIX socket."""

    def __init__(self, address: str, *, limit: int, timeout: float = 300) -> None:
        """`limit` is the most bytes that it looks at: no more than its StreamMaxLength, MaxFileSize and MaxScanSize.

        Beyond MaxFileSize clamd says OK without having looked: nothing longer is ever sent, and so never called clean.
        """
        self.address, self.limit, self._timeout = address, limit, timeout

    def version(self) -> str:
        """The scanner's name for itself, with the version of its signatures. Raises ClamdAway."""
        with self._connected() as clamd:
            clamd.sendall(b"zVERSION\0")
            return _answer(clamd)

    def scan(self, pieces: Iterable[bytes], size: int) -> Verdict:
        """Scans a stream of `size` bytes. Raises ClamdAway."""
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
    """Reads one line of an answer, without anything that a terminal obeys."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        chunk = clamd.recv(_LONGEST_ANSWER)
        if not chunk:
            break
        answer += chunk
    line = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line)


def _verdict(answer: str) -> Verdict:
    outcome = answer.removeprefix("stream: ")
    if outcome == "OK":
        return Verdict(Finding.CLEAN, "")
    if outcome.endswith(" FOUND"):
        name = outcome.removesuffix(" FOUND")
        # Not malware, but the reason why it could not look (AlertExceedsMax, AlertEncrypted).
        unseen = name.startswith(("Heuristics.Limits.Exceeded", "Heuristics.Encrypted"))
        return Verdict(Finding.NOT_SCANNED if unseen else Finding.INFECTED, name)
    if "size limit exceeded" in outcome:
        return Verdict(Finding.NOT_SCANNED, "too large")
    raise ClamdAway(reason=outcome[:100] or "no answer")
