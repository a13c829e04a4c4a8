"""Doors alone compose what they work with: import-linter does not look at `bootstrap.py`, which is no package."""

import re
from pathlib import Path

from bench.house.files import read

ROOT = Path(__file__).parents[2]
COMPOSES = re.compile(r"^\s*(?:from|import) (?:bootstrap|workers)\b", re.MULTILINE)


def test_doors_alone_compose_what_they_work_with() -> None:
    rooms = {source.room for source in read(ROOT) if COMPOSES.search(source.text)}
    assert rooms == {"(top)", "cli", "counter", "workers"}
