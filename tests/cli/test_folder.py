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


@pytest.mark.parametrize("name", ["x" * 300, "/".join(["x" * 100] * 5), "/".join(["x" * 200] * 25)])
@pytest.mark.parametrize("words", [("list",), ("up", *ANY_PORT)])
def test_a_folder_whose_name_is_too_long_is_refused(tmp_path: Path, name: str, words: tuple[object, ...]) -> None:
    refusal = Folder(tmp_path / "data").refused(*words, "--data", tmp_path / name, code=2)
    assert (refusal["code"], refusal["field"]) == ("folder_unusable", "data")
    assert files(tmp_path) == set()


@pytest.mark.parametrize("words", [("list",), ("up", *ANY_PORT)])
def test_a_file_is_no_data_folder(tmp_path: Path, words: tuple[object, ...]) -> None:
    (tmp_path / "file").write_text("")
    for path in ("file", "file/data"):
        refusal = Folder(tmp_path / "data").refused(*words, "--data", tmp_path / path, code=2)
        assert (refusal["code"], refusal["field"]) == ("folder_unusable", "data")
        assert "ce n’est pas un répertoire" in refusal["message"]


def test_an_empty_word_is_no_folder_and_what_to_type_is_said(tmp_path: Path) -> None:
    refusal = Folder(tmp_path / "data").refused("list", "--data", "", code=2)
    assert refusal["field"] == "data"
    assert "starter.py" not in refusal["remedy"]


def test_a_second_stack_typed_the_same_way_is_told_of_the_folder_and_not_of_its_ports(stack: Folder) -> None:
    ports = [word for option, port in stack.ports.items() for word in (option, port)]
    refusal = stack.refused("up", *ports, code=3)
    assert (refusal["code"], refusal["field"]) == ("folder_in_use", "data")
