"""Sealing: the holder of the key reads it, nobody else does, and nothing is lost on the way."""

import io
from pathlib import Path

import pyrage
import pytest

from kit.crypto.age import NoKey, key, sealed_to
from kit.storage.files import written_whole

OWNER, OTHER = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
KEY = key(str(OWNER.to_public()))


@pytest.mark.parametrize("size", [0, 1, 65_536, 5_000_001])
def test_what_is_sealed_is_read_by_its_owner_alone(size: int) -> None:
    clear, out = bytes(n % 251 for n in range(size)), io.BytesIO()
    with sealed_to(KEY, out) as sink:
        for start in range(0, size, 70_000):
            sink.write(clear[start : start + 70_000])
    assert pyrage.decrypt(out.getvalue(), [OWNER]) == clear
    assert size < 100 or clear[:100] not in out.getvalue()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(out.getvalue(), [OTHER])


@pytest.mark.parametrize(
    "text", ["", "age1", "age1zzzz", "ssh-ed25519 AAAA", pytest.param(str(OWNER), id="secret"), "é"]
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(NoKey):
        key(text)


def test_a_disk_that_is_full_is_told_to_whoever_writes() -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, _: object, /) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(Exception, match="space"), sealed_to(KEY, Full()) as sink:  # type: ignore[arg-type]
        sink.write(b"x" * 3_000_000)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match="half"), written_whole(path) as file:
        file.write(b"hal")
        raise ValueError("half")
    assert path.read_bytes() == b"before"
    with written_whole(path) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"
    assert [p.name for p in path.parent.iterdir()] == ["file"]
    assert path.stat().st_mode & 0o777 == 0o600
