"""The data folder of a stack, whatever it is called, and what is said when something in it is missing or damaged."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.starter import Folder

ODD = "a?b#c%20d&e;f 'g' \"h\" 100% é"
"""A name in which a URL would read a query, a fragment and a space."""
ANY_PORT = ("--port", 0, "--temporal-port", 0)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, example: dict[str, Any]) -> Iterator[Folder]:
    """A stack in a folder of an odd name, with a case in it, that is down."""
    folder = Folder(tmp_path_factory.mktemp("odd") / ODD)
    folder.up()
    folder.open(example)
    assert folder.end(signal.SIGTERM) == 0
    yield folder
    if folder.is_up:
        folder.end(signal.SIGTERM)


@pytest.fixture
def copy(home: Folder, tmp_path: Path) -> Folder:
    """The same, to be damaged."""
    shutil.copytree(home.path, tmp_path / "copy")
    return Folder(tmp_path / "copy")


def files(folder: Path) -> set[str]:
    """The names of what stands in a folder."""
    return {path.name for path in folder.iterdir()}


# --- What it is called -----------------------------------------------------------------------------------


def test_a_folder_may_have_any_name_and_everything_is_in_it(home: Folder) -> None:
    assert files(home.path.parent) == {ODD, f"{ODD}.err"}
    assert {"aboutir.db", "aboutir-keys.db", "temporal.db"} <= files(home.path)
    home.up()
    assert home.ask("list")["total"] == 1
    assert home.end(signal.SIGTERM) == 0
