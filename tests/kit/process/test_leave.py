"""The end of a process when the interpreter's own shutdown is not to be trusted."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(program: str, **options: object) -> subprocess.CompletedProcess[str]:
    # Unbuffered output would leave nothing to flush.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", program], cwd=ROOT, env=env, text=True, timeout=60, check=False, **options
    )


def test_leaving_keeps_the_status_and_the_output_and_skips_the_shutdown() -> None:
    ended = run(
        "import atexit, sys\n"
        "from kit.process.leave import leave\n"
        "atexit.register(print, 'shutdown')\n"
        "sys.stdout.write('out')\n"
        "leave(7)\n",
        capture_output=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, "out", "")


def test_leaving_flushes_what_logging_holds_back(tmp_path: Path) -> None:
    log = tmp_path / "log"
    ended = run(
        "import logging, logging.handlers\n"
        "from kit.process.leave import leave\n"
        f"target = logging.FileHandler({str(log)!r})\n"
        "held = logging.handlers.MemoryHandler(100, target=target)\n"
        "logging.getLogger().addHandler(held)\n"
        "logging.error('kept')\n"
        "leave(0)\n"
    )
    assert ended.returncode == 0
    assert log.read_text() == "kept\n"


def test_a_reader_that_has_gone_causes_no_traceback() -> None:
    # What `| head` does, without its timing: a pipe whose reading end is closed.
    program = (
        "import os, sys\n"
        "from kit.process.leave import leave\n"
        "reader, writer = os.pipe()\n"
        "os.dup2(writer, 1); os.close(writer); os.close(reader)\n"
        "sys.stdout.write('nobody reads this')\n"
        "leave(3)\n"
    )
    ended = run(program, stderr=subprocess.PIPE)
    assert (ended.returncode, ended.stderr) == (3, "")


def test_closed_streams_are_no_obstacle() -> None:
    ended = run(
        "import sys\nfrom kit.process.leave import leave\nsys.stdout.close()\nsys.stderr = None\nleave(4)\n",
        stderr=subprocess.PIPE,
    )
    assert (ended.returncode, ended.stderr) == (4, "")
