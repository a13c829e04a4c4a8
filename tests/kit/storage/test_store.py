"""A file that is put into a store is there as a whole or not at all, in a folder as on an S3 server."""

import os
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kit.storage.store import FolderStore, NotKept, Store, StoreAway, new_name
from tests.support.stores import on_s3

LATER = timedelta(minutes=1)


def names(store: Store, before: timedelta = LATER) -> list[str]:
    return list(store.names(datetime.now(UTC) + before))


def test_what_was_put_comes_back(store: Store) -> None:
    for size in (0, 1, 300_000, 9_000_000):
        name, data = new_name(), os.urandom(size)
        store.put(name, (data[at : at + 70_000] for at in range(0, size, 70_000)))
        assert b"".join(store.get(name)) == data
        assert name in names(store)


def test_what_is_not_there_is_said_not_to_be(store: Store) -> None:
    with pytest.raises(NotKept):
        b"".join(store.get(new_name()))


def test_what_was_deleted_is_gone_and_may_be_deleted_again(store: Store) -> None:
    name = new_name()
    store.put(name, [b"-"])
    for _ in range(2):
        store.delete(name)
        assert names(store) == []
    with pytest.raises(NotKept):
        b"".join(store.get(name))


def test_a_source_that_fails_leaves_nothing(store: Store) -> None:
    def failing() -> Iterator[bytes]:
        yield bytes(9_000_000)
        raise KeyError("the line went dead")

    name = new_name()
    with pytest.raises(KeyError):
        store.put(name, failing())
    assert names(store) == []
    with pytest.raises(NotKept):
        b"".join(store.get(name))


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 32, "a" * 31, "a" * 33, "a" * 32 + "\n", "/" * 32])
def test_a_name_from_the_outside_is_refused(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal"):
        store.put(name, [b"-"])
    with pytest.raises(ValueError, match="32 hexadecimal"):
        b"".join(store.get(name))
    with pytest.raises(ValueError, match="32 hexadecimal"):
        store.delete(name)


def test_only_what_is_old_enough_is_named(store: Store) -> None:
    store.put(new_name(), [b"-"])
    assert names(store, -timedelta(hours=1)) == []
    assert len(names(store)) == 1


# --- The folder ------------------------------------------------------------------------------------------


def test_nobody_else_may_look_into_the_folder(folder_store: FolderStore) -> None:
    folder_store.put(new_name(), [b"-"])
    for path in (folder_store.folder, *folder_store.folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_was_half_written_is_named_and_goes(folder_store: FolderStore) -> None:
    name = new_name()
    part = folder_store.folder / name[:2] / f"{name}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    assert names(folder_store) == [name]
    folder_store.delete(name)
    assert not part.exists()


def test_a_full_or_missing_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("a file, no folder")
    with pytest.raises(StoreAway):
        FolderStore(tmp_path / "in-the-way").put(new_name(), [b"-"])


# --- S3 --------------------------------------------------------------------------------------------------


def test_an_upload_that_failed_leaves_no_parts_on_the_server(s3_server: str) -> None:
    store = on_s3("s3://files/parts", s3_server)

    def failing() -> Iterator[bytes]:
        for _ in range(3):
            yield bytes(9_000_000)
        raise KeyError

    with pytest.raises(KeyError):
        store.put(new_name(), failing())
    with urllib.request.urlopen(f"{s3_server}/files?uploads") as answer:  # noqa: S310 - our own server
        assert b"<Upload>" not in answer.read()


def test_a_server_that_is_away_is_told_in_a_line(s3_server: str) -> None:
    nowhere = on_s3("s3://files", "http://127.0.0.1:9")
    nobucket = on_s3("s3://nothing", s3_server)
    with pytest.raises(StoreAway) as told:
        nowhere.put(new_name(), [b"-"])
    assert "\n" not in str(told.value)
    with pytest.raises((StoreAway, NotKept)):
        nobucket.put(new_name(), [b"-"])
