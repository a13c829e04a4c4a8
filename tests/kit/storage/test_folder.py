"""One process at a time holds a data folder, and a crashed one is not mistaken for a running one."""

import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kit.errors import FolderInUse, FolderUnusable
from kit.storage.folder import DataFolder

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys, time
from kit.storage.folder import DataFolder
folder = DataFolder(sys.argv[1])
with folder.lock():
    folder.write_stack({"port": 5432})
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process_holding(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_and_its_files_are_for_the_owner_only(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "a" / "data")
    with folder.lock():
        folder.write_stack({"port": 1})
        assert mode(folder.path) == 0o700
        assert mode(folder.path / "lock") == 0o600
        assert mode(folder.path / "stack.json") == 0o600
        assert sorted(p.name for p in folder.path.iterdir()) == ["lock", "stack.json"]


def test_the_stack_is_known_while_the_folder_is_held_and_no_longer(tmp_path: Path) -> None:
    folder, reader = DataFolder(tmp_path), DataFolder(tmp_path)
    assert reader.read_stack() is None
    with folder.lock():
        assert reader.read_stack() is None
        folder.write_stack({"port": 1})
        folder.write_stack({"port": 2})
        assert reader.read_stack() == folder.read_stack() == {"port": 2}
    assert reader.read_stack() is None


def test_a_folder_that_does_not_exist_has_no_stack(tmp_path: Path) -> None:
    assert DataFolder(tmp_path / "nowhere").read_stack() is None
    assert not (tmp_path / "nowhere").exists()


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with another_process_holding(tmp_path) as holder:
        folder = DataFolder(tmp_path)
        assert folder.read_stack() == {"port": 5432}
        with pytest.raises(FolderInUse) as refused, folder.lock():
            pass
        assert refused.value.params == {"path": tmp_path, "pid": holder.pid}
        assert f"in use by process {holder.pid}." in str(refused.value)
        assert folder.read_stack() == {"port": 5432}  # being refused disturbs nothing


def test_a_stack_that_crashed_is_not_taken_for_a_running_one(tmp_path: Path) -> None:
    with another_process_holding(tmp_path) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert (tmp_path / "stack.json").exists()
        folder = DataFolder(tmp_path)
        assert folder.read_stack() is None
        with folder.lock():
            assert DataFolder(tmp_path).read_stack() is None  # nor for ours, before ours is written


def test_the_same_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with DataFolder(tmp_path).lock(), pytest.raises(FolderInUse), DataFolder(tmp_path).lock():
        pass


def test_an_error_inside_releases_the_folder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with pytest.raises(ZeroDivisionError), folder.lock():
        _ = 1 / 0
    with folder.lock():
        pass


def test_a_reader_at_the_wrong_moment_does_not_refuse_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path)
    with folder.lock():
        pass
    with (tmp_path / "lock").open() as reader:
        fcntl.flock(reader, fcntl.LOCK_SH)
        # The reader is done by the time the start tries again.
        monkeypatch.setattr(time, "sleep", lambda _: fcntl.flock(reader, fcntl.LOCK_UN))
        with folder.lock():
            folder.write_stack({"port": 1})
            assert folder.read_stack() == {"port": 1}


def test_a_note_outside_the_lock_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        DataFolder(tmp_path).write_stack({})


def test_what_cannot_be_written_as_json_leaves_the_note_before_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.lock():
        folder.write_stack({"port": 1})
        with pytest.raises(TypeError):
            folder.write_stack({"port": object()})
        assert folder.read_stack() == {"port": 1}
        assert sorted(p.name for p in tmp_path.iterdir()) == ["lock", "stack.json"]


def test_a_path_that_cannot_be_a_folder_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable) as refused, DataFolder(tmp_path / "file").lock():
        pass
    assert "Not a directory" in str(refused.value)
    with pytest.raises(FolderUnusable), DataFolder(tmp_path / "file" / "data").lock():
        pass
    with pytest.raises(FolderUnusable, match="too long"):
        DataFolder(tmp_path / ("x" * 300)).check()
    DataFolder(tmp_path).check()
    DataFolder(tmp_path / "not" / "yet").check()
    assert DataFolder(tmp_path / "file").read_stack() is None


def test_a_look_at_a_folder_tells_whether_it_is_held_and_leaves_nothing_there(tmp_path: Path) -> None:
    DataFolder(tmp_path / "not yet").check_free()
    DataFolder(tmp_path).check_free()
    assert list(tmp_path.iterdir()) == []
    with another_process_holding(tmp_path) as holder:
        with pytest.raises(FolderInUse) as refused:
            DataFolder(tmp_path).check_free()
        assert refused.value.params == {"path": tmp_path, "pid": holder.pid}
    DataFolder(tmp_path).check_free()
