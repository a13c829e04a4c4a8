"""Runs the command line in copies of a process that has imported it already.

Each command still runs in a process of its own, with its own words, environment, folder and streams, and ends as one.
Only what is the same each time, a second of imports, is done once.
"""

import contextlib
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

from kit.process.imports import collect_less
from kit.process.leave import leave

ROOT = Path(__file__).parents[2]

_ROOMS = ("cli", "importer", "desk", "audit", "workflows", "documents", "models", "words", "kit", "domain")
_AT_MOST = 1_000_000
"""Bytes of a request: words and an environment."""


class Zygote:
    """The process that has imported the command line, seen from the tests."""

    def __init__(self) -> None:
        self._socket = Path(tempfile.mkdtemp(prefix="zygote-")) / "socket"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote", str(self._socket)],
            stdin=subprocess.PIPE,  # it ends when this pipe does, and so with the tests
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=dict(os.environ) | {"LANG": "C.UTF-8", "PYTHONWARNINGS": "error"},
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def run(self, words: Sequence[str], sent: bytes, env: Mapping[str, str], folder: Path) -> tuple[int, bytes, bytes]:
        """Runs one command to its end; gives its exit code, output and errors."""
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            streams[0].write(sent)
            streams[0].seek(0)
            asking = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            asking.settimeout(60)
            asking.connect(str(self._socket))
            request = json.dumps({"words": list(words), "env": dict(env), "folder": str(folder)}).encode()
            socket.send_fds(asking, [len(request).to_bytes(4, "big")], [s.fileno() for s in streams])
            asking.sendall(request)
            code = int(_received(asking, 4).decode())
            return code, _all_of(streams[1]), _all_of(streams[2])

    def end(self) -> None:
        """Lets it go, and waits until it is gone."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait(10)


@cache
def zygote() -> Zygote:
    """The one of this run: started when it is first needed."""
    return Zygote()


def end() -> None:
    """Ends the one of this run, if there is one."""
    if zygote.cache_info().currsize:
        zygote().end()
        zygote.cache_clear()


def _all_of(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read()


def _received(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        more = connection.recv(size - len(content))
        if not more:
            raise EOFError(f"{len(content)} bytes of {size}")
        content += more
    return content


# --- The process itself ---


def _modules() -> Iterator[str]:
    for room in _ROOMS:
        package = importlib.import_module(room)
        yield from (module.name for module in pkgutil.walk_packages(package.__path__, f"{room}."))


def _serve(path: str) -> NoReturn:
    for name in _modules():
        importlib.import_module(name)
    importlib.import_module("temporalio.client")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever serves a request is reaped by the system
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(path)
        listening.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            ready, _, _ = select.select([listening, 0], [], [])
            if 0 in ready:
                os._exit(0)
            asked, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _answer(asked)
            asked.close()


def _answer(asked: socket.socket) -> NoReturn:
    """Runs one command in a process below this one, kills it if nobody waits any more, and tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _flags, _address = socket.recv_fds(asked, 4, 3)
    request = json.loads(_received(asked, min(int.from_bytes(size, "big"), _AT_MOST)))
    command = os.fork()
    if command == 0:
        asked.close()
        _run(request, streams)
    ended = os.pidfd_open(command)
    ready, _, _ = select.select([asked, ended], [], [])
    if ended not in ready:
        os.kill(command, signal.SIGKILL)
    _, status = os.waitpid(command, 0)
    with contextlib.suppress(OSError):
        asked.sendall(b"%4d" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _run(request: dict[str, Any], streams: Sequence[int]) -> NoReturn:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["folder"])
    sys.argv = [str(ROOT / "starter.py"), *request["words"]]
    sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w", "backslashreplace")
    from cli.app import main

    collect_less()
    leave(main())


def _text(number: int, mode: str, errors: str = "surrogateescape") -> io.TextIOWrapper:
    return io.TextIOWrapper(open(number, f"{mode}b", closefd=False), "utf-8", errors)


if __name__ == "__main__":
    _serve(sys.argv[1])
