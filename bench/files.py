"""Measures how quickly a large file is taken in and given out, in how much memory, beside disk and cipher alone.

The reference copies the file from disk to disk, encrypted by the `openssl` program with AES-256-CTR, and synced: what
the machine can do with one pass and no look at what goes by. Ours looks, counts, hashes, seals and authenticates.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.say import progress

NORMAL, QUICK = 500_000_000, 60_000_000
ROUNDS = 3
_PIECE = 1 << 20


def measure(folder: Path, size: int) -> dict[str, Any]:
    """Megabytes a second in and out, and the most memory each held; medians of rounds taken in turn."""
    with tempfile.TemporaryDirectory(prefix="aboutir-bench-", dir=folder) as place:
        source = Path(place) / "film.mp4"
        _film(source, size)
        rounds = []
        for number in range(ROUNDS):
            progress(f"files: {size / 1e6:.0f} MB, round {number + 1} of {ROUNDS}")
            rounds.append({"plain": _plain(source, Path(place)), **_ours(source, Path(place))})
    medians = {
        name: sorted(figures[name]["mb_per_s"] for figures in rounds)[ROUNDS // 2] for name in ("plain", "in", "out")
    }
    ratios = {
        name: sorted(figures[name]["mb_per_s"] / figures["plain"]["mb_per_s"] for figures in rounds)
        for name in ("in", "out")
    }
    return {
        "size_mb": size / 1e6,
        "plain_mb_per_s": medians["plain"],
        "in_mb_per_s": medians["in"],
        "out_mb_per_s": medians["out"],
        "in_ratio": ratios["in"][ROUNDS // 2],
        "out_ratio": ratios["out"][ROUNDS // 2],
        "memory_before": max(figures["in"]["before"] for figures in rounds),
        "memory_in": max(figures["in"]["peak"] for figures in rounds),
        "memory_out": max(figures["out"]["peak"] for figures in rounds),
    }


def _film(path: Path, size: int) -> None:
    """A file that begins as a film does; the rest is noise, which nothing makes smaller."""
    noise = os.urandom(_PIECE)
    with path.open("wb") as file:
        file.write(b"\0\0\0\x10ftypisom\0\0\0\0")
        while (left := size - file.tell()) > 0:
            file.write(noise[:left])
        file.flush()
        os.fsync(file.fileno())


def _plain(source: Path, place: Path) -> dict[str, float]:
    target = place / "plain"
    cipher = ["-aes-256-ctr", "-K", secrets.token_hex(32), "-iv", secrets.token_hex(16), "-bufsize", "1048576"]
    began = time.perf_counter()
    subprocess.run(["openssl", "enc", *cipher, "-in", source, "-out", target], check=True)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    seconds = time.perf_counter() - began
    target.unlink()
    return {"mb_per_s": source.stat().st_size / 1e6 / seconds}


def _ours(source: Path, place: Path) -> dict[str, dict[str, float]]:
    """In a process of its own, so that its memory is what this takes and nothing else."""
    kept = place / "kept"
    ended = subprocess.run(
        [sys.executable, "-m", "bench.files", source, kept], check=True, stdout=subprocess.PIPE, text=True
    )
    shutil.rmtree(kept)
    figures: dict[str, dict[str, float]] = json.loads(ended.stdout)
    return figures


def _main(source: Path, folder: Path) -> None:
    """Takes a file in, then gives it out to another file, and says how long that took."""
    from domain.parts.base import Occurrence
    from domain.parts.files import EvidenceFile
    from domain.values import new_reference
    from domain.vocabulary import ScanState
    from kit.crypto.vault import KeyFile
    from kit.storage.database import Database, sqlite_url
    from kit.storage.store import FolderStore
    from models.evidence import Evidence
    from models.keys import CaseKeys
    from models.migrate import VAULT

    folder.mkdir()
    store = Database(sqlite_url(folder / "keys.db"))
    VAULT.migrate(store)
    keys = CaseKeys(store, KeyFile.made_if_missing(folder / "master.key"))
    evidence = Evidence(FolderStore(folder / "files"), keys, 1 << 40)
    reference = new_reference()
    keys.mint(reference)
    size = source.stat().st_size
    before = _peak()
    began = time.perf_counter()
    with source.open("rb", buffering=0) as file:
        taken = evidence.take_in(reference, source.name, iter(lambda: file.read(256 * 1024), b""))
    into = {"mb_per_s": size / 1e6 / (time.perf_counter() - began), "before": before, "peak": _peak()}
    occurrence = Occurrence.model_construct()
    file = EvidenceFile.model_construct(
        id="D1",
        stored=taken.stored,
        sha256=taken.sha256,
        size=taken.size,
        attached=occurrence,
        scan=ScanState.NOT_SCANNED,
    )
    began = time.perf_counter()
    with (folder / "out").open("wb") as out:
        for piece in evidence.read(reference, file):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    outof = {"mb_per_s": size / 1e6 / (time.perf_counter() - began), "peak": _peak()}
    json.dump({"in": into, "out": outof}, sys.stdout)


def _peak() -> float:
    """The most memory this process has held. Not `ru_maxrss`: that is inherited from whoever started it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024.0
    return float("nan")


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]))
