"""Files are written whole, together, and over nothing that was not given up."""

import os
from pathlib import Path

import pytest

from kit.storage.files import Occupied, written_together

NEW = b"new"


def write(*paths: Path, over: bool = False) -> None:
    with written_together(paths, over=over) as files:
        for file in files:
            file.write(NEW)


def test_files_are_put_when_all_are_whole_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    with written_together(paths, over=False) as files:
        for file in files:
            file.write(NEW)
        assert not any(path.exists() for path in paths)
    assert [(path.read_bytes(), path.stat().st_mode & 0o777) for path in paths] == [(NEW, 0o600)] * 2
    assert sorted(tmp_path.iterdir()) == paths


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="half"), written_together([tmp_path / "a"], over=True) as (file,):
        file.write(NEW)
        raise ValueError("half of it")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("taken", ["a", "b"])
def test_where_one_is_taken_none_is_put(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_bytes(b"old")
    with pytest.raises(Occupied) as raised:
        write(tmp_path / "a", tmp_path / "b")
    assert raised.value.path == tmp_path / taken
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(taken, b"old")]
    write(tmp_path / "a", tmp_path / "b", over=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": NEW, "b": NEW}


def test_what_holds_the_same_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(NEW)
    path.chmod(0o640)
    write(path)
    assert path.stat().st_mode & 0o777 == 0o640
    path.write_bytes(b"old")  # of the same length
    with pytest.raises(Occupied):
        write(path)


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, kind: str, over: bool) -> None:
    path = tmp_path / "there"
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(Occupied):
        write(path, over=over)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_that_leads_nowhere_is_not_free(tmp_path: Path) -> None:
    path = tmp_path / "link"
    path.symlink_to(tmp_path / "gone")
    with pytest.raises(Occupied):
        write(path)
    write(path, over=True)
    assert not path.is_symlink() and path.read_bytes() == NEW
