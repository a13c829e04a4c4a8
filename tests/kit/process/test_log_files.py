"""A log that another process writes to is put aside as it grows, and its lines stay."""

import errno
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kit.process.log_files import put_aside

# Asked by a line, writes a thousand numbered ones and says so; at the end it says why it ends.
TALKATIVE = """
import os, sys
number = 0
for asked in sys.stdin:
    for number in range(number, number + 1_000):
        os.write(1, b"line %06d\\n" % number)
    number += 1
    os.write(2, b"done\\n")
os.write(1, b"nobody asks any more\\n")
"""


def test_a_log_within_its_size_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    assert not put_aside(log, size=100)
    log.write_bytes(b"x" * 99)
    assert not put_aside(log, size=100)
    assert [file.name for file in tmp_path.iterdir()] == ["worker.log"]


def test_so_many_are_kept_and_no_more(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    for number in range(6):
        log.write_text(f"life {number}\n")
        assert put_aside(log, size=7, kept=3)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "worker.log": "",
        "worker.log.1": "life 5\n",
        "worker.log.2": "life 4\n",
        "worker.log.3": "life 3\n",
    }
    assert stat.S_IMODE((tmp_path / "worker.log.1").stat().st_mode) == 0o600


def test_of_a_log_that_grew_too_far_the_end_is_kept_in_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("".join(f"line {number:04}\n" for number in range(1_000)))
    assert put_aside(log, size=25)
    assert (tmp_path / "worker.log.1").read_text() == "line 0998\nline 0999\n"


def test_what_cannot_be_put_aside_stays_and_costs_no_older_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "worker.log"
    for number in range(4):
        log.write_text(f"life {number}\n")
        put_aside(log, size=7, kept=3)
    log.write_text("killed\n")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(shutil, "copyfileobj", full)
        for _ in range(3):
            with pytest.raises(OSError, match="space"):
                put_aside(log, size=7, kept=3)
    assert log.read_text() == "killed\n"
    assert put_aside(log, size=7, kept=3)
    found = sorted(file.read_text() for file in tmp_path.iterdir())
    assert found == ["", "killed\n", "life 2\n", "life 3\n"]


def test_whoever_writes_goes_on_and_its_last_words_are_there(tmp_path: Path) -> None:
    log, times = tmp_path / "worker.log", 5
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with subprocess.Popen(
        [sys.executable, "-c", TALKATIVE], bufsize=0, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.PIPE
    ) as child:
        os.close(output)
        assert child.stdin is not None
        assert child.stderr is not None
        for _ in range(times):
            child.stdin.write(b"more\n")
            assert child.stderr.readline() == b"done\n"
            assert put_aside(log, size=12_000, kept=times - 1)
    assert log.read_bytes() == b"nobody asks any more\n"
    ages = [tmp_path / f"worker.log.{number}" for number in range(times - 1, 0, -1)]
    lines = [line for file in ages for line in file.read_text().splitlines()]
    assert lines == [f"line {number:06}" for number in range(1_000, 1_000 * times)]
