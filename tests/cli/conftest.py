"""One stack for the whole session, and one case that nobody touches."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.starter import Folder


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """A stack that is up."""
    folder = Folder(tmp_path_factory.mktemp("cli") / "data")
    folder.up()
    yield folder
    assert folder.end(signal.SIGTERM) == 0


@pytest.fixture(scope="session")
def example(stack: Folder) -> dict[str, Any]:
    """The complaint that `open --print-example` prints."""
    complaint: dict[str, Any] = json.loads(stack.run("open", "--print-example").out)
    return complaint


@pytest.fixture(scope="session")
def case(stack: Folder, example: dict[str, Any]) -> str:
    """A case as it is opened; whoever changes it is in the wrong."""
    return stack.open(example, "--id", "a-case-to-look-at")
