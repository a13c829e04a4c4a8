"""The tests stand where the code stands, in files that can be read at one sitting, and pages name them rightly."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
LONGEST = 400
ACROSS_ROOMS = {"browser", "faults", "house", "privacy", "replay"}
"""Rooms of tests that belong to no single room of the code: a real browser, what is away, the house itself,
what nobody may read, recorded histories."""
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
A_PATH = re.compile(r"\btests/[\w./-]*\w")


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def test_no_file_is_longer_than_can_be_read_at_one_sitting() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in files_of(TESTS)}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_every_folder_of_tests_stands_as_a_folder_of_the_code_stands() -> None:
    folders = {file.parent.relative_to(TESTS) for file in files_of(TESTS) if file.name.startswith("test_")}
    mirrored = {folder for folder in folders if folder.parts[:1] and folder.parts[0] not in ACROSS_ROOMS}
    assert {str(folder) for folder in mirrored if not (ROOT / folder / "__init__.py").is_file()} == set()


def test_no_test_stands_outside_of_a_room() -> None:
    assert [file.name for file in TESTS.glob("test_*.py")] == []


def test_no_test_takes_anything_from_another_test() -> None:
    takes = re.compile(r"^ *(?:from|import) tests\.(?:\w+\.)*test_\w+", re.MULTILINE)
    assert [str(file.relative_to(ROOT)) for file in files_of(TESTS) if takes.search(file.read_text())] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_tests_that_exist(page: Path) -> None:
    named = set(A_PATH.findall(page.read_text()))
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_code_and_tests_name_tests_that_exist() -> None:
    rooms = [room for room in ROOT.iterdir() if (room / "__init__.py").is_file() or room.name == "locales"]
    files = [file for room in rooms for file in files_of(room) if file.parent != TESTS / "bench"]
    named = {path for file in files for path in re.findall(r"\btests/[\w/-]+\.(?:py|json|typ)\b", file.read_text())}
    assert {path for path in named if not (ROOT / path).exists()} == set()
