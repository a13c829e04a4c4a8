"""The command line as it is used: `starter.py` as a process of its own, on a data folder of its own."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.support.servers import ROOT, until
from tests.support.zygote import zygote

STARTER = [sys.executable, str(ROOT / "starter.py")]

UNFILLED = re.compile(r"\{[a-z_]+\}")
"""A parameter of a message that nothing was put into."""


@dataclass(frozen=True)
class Answer:
    """Output and exit code of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        assert self.out.endswith("\n") and self.out.count("\n") == 1, self.out + self.err
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """Error as a machine gets it: a code, a message and what to do; nothing on standard error."""
        assert self.err == ""
        assert set(self.json) == {"error"}
        error: dict[str, Any] = self.json["error"]
        assert set(error) == {"code", "message", "field", "remedy"}
        assert error["message"] and error["remedy"]
        assert not UNFILLED.search(error["message"] + error["remedy"])
        return error


def environment(folder: Path, lang: str = "C.UTF-8", **more: str) -> dict[str, str]:
    """Warnings are errors there too; nothing of ours is set but the folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"LANG": lang, "ABOUTIR_DATA": str(folder), "ABOUTIR_WEB_PORT": "0", "PYTHONWARNINGS": "error"} | more


class Folder:
    """A data folder, and the commands that are run on it."""

    def __init__(self, path: Path, **environment: str) -> None:
        self.path, self._environment = path, environment
        self._up: subprocess.Popen[str] | None = None
        self.ports: dict[str, int] = {}

    # --- Commands ---

    def run(self, *words: object, stdin: str | bytes = "", lang: str = "C.UTF-8", **env: str) -> Answer:
        """One command, to its end, in a process of its own."""
        sent = stdin.encode() if isinstance(stdin, str) else stdin
        known = environment(self.path, lang, **env)
        code, out, err = zygote().run([*map(str, words)], sent, known, self.path.parent)
        answer = Answer(code, out.decode(), err.decode())
        assert "Traceback" not in answer.err, answer.err
        return answer

    def ask(self, *words: object, stdin: str | bytes = "") -> Any:
        """Runs a command that succeeds, and gives its JSON."""
        answer = self.run(*words, "--json", stdin=stdin)
        assert answer.code == 0, answer.out + answer.err
        assert answer.err == ""
        return answer.json

    def refused(self, *words: object, stdin: str | bytes = "", code: int = 3) -> dict[str, Any]:
        """Runs a command that fails with this exit code, and gives its JSON."""
        answer = self.run(*words, "--json", stdin=stdin)
        assert answer.code == code, answer.out + answer.err
        return answer.error

    def open(self, complaint: Mapping[str, Any], *words: str) -> str:
        """The reference of a case opened for this complaint."""
        return str(self.ask("open", "-", *words, stdin=json.dumps(complaint))["reference"])

    def decide(self, reference: str, command: str, *words: object, stdin: str = "") -> Any:
        """The answer to a command that cannot be undone, asked of the case as it stands now."""
        return self.ask("submit", reference, command, *words, "--expect", self.versions()[reference], stdin=stdin)

    # --- The book ---

    def versions(self) -> dict[str, int]:
        """Every case of the book with its version, read behind the command line's back."""
        with contextlib.closing(sqlite3.connect(self.path / "aboutir.db")) as book:
            return dict(book.execute("select reference, version from cases"))

    def logs(self) -> str:
        """Everything that the children have written."""
        return "".join(log.read_text() for log in sorted((self.path / "logs").glob("*.log")))

    # --- The stack ---

    def start(self, *words: str) -> IO[str]:
        """Starts a long-running command on the folder; gives its standard output."""
        with (self.path.parent / f"{self.path.name}.err").open("ab") as err:
            self._up = subprocess.Popen(
                [*STARTER, *words, "--port", "0", "--temporal-port", "0"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
                env=environment(self.path, **self._environment),
                cwd=self.path.parent,
            )
        assert self._up.stdout is not None
        return self._up.stdout

    def up(self) -> dict[str, Any]:
        """Brings the stack up, if it is not; gives what it said of itself."""
        addresses: dict[str, Any] = json.loads(self.start("up", "--json").readline())
        assert "error" not in addresses, addresses
        self.ports = {"--temporal-port": _port(addresses["temporal"]), "--port": _port(addresses["http"])}
        return addresses

    @property
    def is_up(self) -> bool:
        return self._up is not None and self._up.poll() is None

    @property
    def supervisor(self) -> int:
        assert self._up is not None
        return self._up.pid

    def child(self, what: str) -> int | None:
        """The process of the engine ("temporal") or of the worker ("worker.py"), while it runs."""
        return next((pid for pid in children(self.supervisor) if what in command_of(pid)), None)

    def end(self, number: signal.Signals) -> int:
        """Sends a signal to the stack and waits until nothing of it is left; gives its exit code."""
        assert self._up is not None and self._up.stdout is not None
        everybody = children(self._up.pid)
        self._up.send_signal(number)
        code = self._up.wait(40)
        self._up.stdout.close()
        until(lambda: not any(map(is_alive, everybody)), "its children are gone")
        return code


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    listed = subprocess.run(["pgrep", "-P", str(pid)], check=False, capture_output=True)
    return [int(line) for line in listed.stdout.split()]


def command_of(pid: int) -> str:
    """Command line of a process; empty if it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def is_alive(pid: int) -> bool:
    """True if a process is there, and not just waiting to be reaped."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1])


def without(complaint: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A complaint without some of its fields."""
    return {name: value for name, value in complaint.items() if name not in names}
