"""Data folders that earlier versions have written, as they left them."""

import json
import tarfile
from pathlib import Path

from tests.support.servers import ROOT

FOLDERS = ROOT / "tests" / "fixtures" / "folders"

LEFT = "left.json"
"""File beside what that version wrote: how far it was in each case, by the version and the hash of its last line."""


def unpack(name: str, into: Path) -> dict[str, tuple[int, str]]:
    """Puts that folder there; gives what LEFT says."""
    with tarfile.open(FOLDERS / f"{name}.tar.xz") as archive:
        archive.extractall(into, filter="data")
    left = json.loads((into / LEFT).read_text())
    (into / LEFT).unlink()
    return {reference: (version, hash) for reference, (version, hash) in left.items()}
