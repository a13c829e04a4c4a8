"""The data folder of a stack, whatever it is called, and what is said when something in it is missing or damaged."""

import asyncio
import contextlib
import fcntl
import os
import pty
import shutil
import signal
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.stack.embedded import stop_on_signals
from tests.support.servers import until
from tests.support.starter import STARTER, Folder, children, environment, is_alive

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


# --- What is missing -------------------------------------------------------------------------------------


def without(folder: Folder, name: str) -> Path:
    """Moves a database out of a folder; gives where it is now."""
    elsewhere = folder.path.parent / "elsewhere"
    elsewhere.mkdir()
    for file in folder.path.glob(f"{name}*"):
        file.rename(elsewhere / file.name)
    return elsewhere


def test_a_book_that_is_missing_is_said_so_and_no_new_one_takes_its_place_unasked(copy: Folder) -> None:
    (reference,), before = copy.versions(), files(copy.path)
    elsewhere = without(copy, "aboutir.db")
    for words in ("list",), ("show", reference), ("submit", reference, "start_evidence"):
        refusal = copy.refused(*words, code=4)
        assert refusal["code"] == "book_missing"
        assert "starter.py up" not in refusal["remedy"]
    refusal = copy.refused("up", *ANY_PORT, code=4)
    assert refusal["code"] == "book_missing"
    assert "--new-book" in refusal["remedy"] and "rebuild --from histories" in refusal["remedy"]
    assert "aboutir.db" not in files(copy.path)
    for file in elsewhere.iterdir():
        file.rename(copy.path / file.name)
    assert before <= files(copy.path)
    assert copy.ask("show", reference)["reference"] == reference


def test_a_book_that_is_lost_for_good_comes_back_from_the_engine_when_that_is_asked_for(copy: Folder) -> None:
    before = copy.versions()
    without(copy, "aboutir.db")
    said = copy.start("up", "--new-book")
    assert "rebuild --from histories" in "".join(said.readline() for _ in range(3))
    assert copy.versions() == {}
    restored = copy.ask("rebuild", "--from", "histories")
    assert (restored["lines"], restored["refused"], restored["keyless"]) == (sum(before.values()), [], [])
    assert copy.versions() == before
    (reference,) = before
    assert copy.ask("submit", reference, "start_evidence")["version"] == before[reference] + 1
    assert copy.end(signal.SIGTERM) == 0
    assert copy.refused("up", "--new-book", *ANY_PORT, code=2)["code"] == "book_there"


@pytest.mark.parametrize("engine", [True, False])
def test_keys_that_are_missing_are_never_made_anew(copy: Folder, engine: bool) -> None:
    without(copy, "aboutir-keys.db")
    if not engine:
        for file in copy.path.glob("temporal.db*"):
            file.unlink()
    refusal = copy.refused("up", *ANY_PORT, code=4)
    assert (refusal["code"], "aboutir-keys.db" in refusal["message"]) == ("keys_missing", True)
    assert "aboutir-keys.db" not in files(copy.path)


def test_a_book_that_is_missing_with_the_engine_is_known_by_the_keys(copy: Folder) -> None:
    without(copy, "aboutir.db")
    for file in copy.path.glob("temporal.db*"):
        file.unlink()
    assert copy.refused("up", *ANY_PORT, code=4)["code"] == "book_missing"


def test_an_engine_that_is_missing_is_told_of_at_the_start(copy: Folder) -> None:
    for file in copy.path.glob("temporal.db*"):
        file.unlink()
    said = copy.start("up")
    assert "rebuild --from book" in "".join(said.readline() for _ in range(3))
    assert copy.ask("rebuild", "--from", "book")["started"] == 1
    assert copy.end(signal.SIGTERM) == 0


# --- What is damaged -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [("aboutir.db", "database_damaged"), ("aboutir-keys.db", "keys_damaged")])
@pytest.mark.parametrize("header", [b"", b"SQLite format 3\0"])
def test_a_database_that_is_damaged_is_said_so(copy: Folder, name: str, code: str, header: bytes) -> None:
    (reference,) = copy.versions()
    for file in copy.path.glob(f"{name}-*"):
        file.unlink()
    (copy.path / name).write_bytes(header + b"rubbish" * 1000)
    for words in ("show", reference), ("up", *ANY_PORT):
        assert copy.refused(*words, code=4)["code"] == code


# --- The end of the terminal -----------------------------------------------------------------------------


def test_a_stack_whose_terminal_is_closed_stops_as_it_should(home: Folder) -> None:
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*STARTER, "up", *map(str, ANY_PORT)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(home.path),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - nothing but one call of the system
    ) as stack:
        os.close(slave)
        try:
            said = b""
            while b"Ctrl-C" not in said:
                said += os.read(master, 4096)
            everybody = children(stack.pid)
            assert len(everybody) == 4, "the engine, the worker, the desk, the pages"
            os.close(master)
            assert stack.wait(40) == 0
        finally:
            stack.kill()
    until(lambda: not any(map(is_alive, everybody)), "its children are gone")
    log = (home.path / "logs" / "worker.log").read_text().splitlines()
    assert "stopped" in log[-1], "the worker was told, and ended by itself"


@pytest.mark.parametrize(("before", "stops"), [(signal.SIG_DFL, True), (signal.SIG_IGN, False)])
def test_the_end_of_the_terminal_stops_a_stack_unless_it_is_to_outlive_it(before: signal.Handlers, stops: bool) -> None:
    async def hung_up() -> bool:
        stop = stop_on_signals()
        os.kill(os.getpid(), signal.SIGHUP)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10 if stops else 0.1):
                await stop.wait()
        return stop.is_set()

    ours = signal.signal(signal.SIGHUP, before)
    try:
        assert asyncio.run(hung_up()) is stops
    finally:
        signal.signal(signal.SIGHUP, ours)
