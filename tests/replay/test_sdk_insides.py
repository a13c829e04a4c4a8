"""Uses of the SDK beyond its public interface stand in one file, which an upgrade looks through."""

import re
from pathlib import Path

from bench.house.files import read

ROOT = Path(__file__).parents[2]
PRIVATE = re.compile(r"^\s*(from|import) temporalio(\.\w+)*\.(_\w+|bridge\b)", re.MULTILINE)
ROOMS = (
    "activities",
    "audit",
    "cli",
    "desk",
    "documents",
    "domain",
    "importer",
    "kit",
    "models",
    "workers",
    "workflows",
)


def test_one_module_alone_names_private_parts_of_the_sdk() -> None:
    naming = [source.path.as_posix() for source in read(ROOT) if PRIVATE.search(source.text)]
    assert naming == ["kit/engine/sdk.py"]
