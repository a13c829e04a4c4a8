"""The life of a stack: one for each folder, stopped cleanly, restarted when killed, and never a loss."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.demo.sleep import KEY
from cli.demo.story import reference_of
from kit.process.ports import free_port, is_listening
from tests.support.good_files import SAMPLES
from tests.support.servers import until
from tests.support.starter import STARTER, Folder, children, environment, is_alive


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, example: dict[str, Any]) -> Iterator[Folder]:
    """A stack that may be killed, with a case in it."""
    folder = Folder(tmp_path_factory.mktemp("life") / "data")
    folder.up()
    folder.open(example)
    yield folder
    if folder.is_up:
        folder.end(signal.SIGTERM)


@pytest.fixture
def up(home: Folder) -> Folder:
    """The same, up."""
    if not home.is_up:
        home.up()
    return home


@pytest.fixture
def down(home: Folder) -> Folder:
    """The same, stopped."""
    if home.is_up:
        assert home.end(signal.SIGINT) == 0
    return home


def connections(pid: int, port: int) -> set[str]:
    """The connections that a process holds to a port of this machine."""
    sockets = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    there = {f"socket:[{f[9]}]" for f in lines if f[2].endswith(f":{port:04X}") and f[3] == "01"}
    return sockets & there


def only_case(folder: Folder) -> str:
    (reference,) = folder.versions()
    return reference


# --- One at a time ---------------------------------------------------------------------------------------


def test_a_second_stack_on_the_same_folder_is_refused(stack: Folder) -> None:
    refusal = stack.refused("up", "--port", 0, "--temporal-port", 0, code=3)
    assert refusal["code"] == "folder_in_use"
    assert str(stack.supervisor) in refusal["message"]


@pytest.mark.parametrize("option", ["--port", "--temporal-port"])
def test_a_port_in_use_is_refused_and_the_option_named(stack: Folder, option: str) -> None:
    other = "--port" if option == "--temporal-port" else "--temporal-port"
    elsewhere = stack.path.parent / "elsewhere"
    refusal = stack.refused("up", "--data", elsewhere, option, stack.ports[option], other, 0, code=2)
    assert (refusal["code"], refusal["field"]) == ("port_in_use", option.lstrip("-").replace("-", "_"))
    assert f"{option} 0" in refusal["remedy"]
    assert not elsewhere.exists()


def test_a_folder_that_cannot_be_written_is_refused_by_name(stack: Folder, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    refusal = stack.refused("up", "--data", tmp_path / "taken", "--port", 0, "--temporal-port", 0, code=2)
    assert (refusal["code"], refusal["field"]) == ("folder_unusable", "data")


def test_one_port_for_both_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    port = free_port()
    refusal = folder.refused("up", "--port", port, "--temporal-port", port, code=2)
    assert (refusal["code"], refusal["field"]) == ("same_port", "temporal_port")
    assert not folder.path.exists()


def test_a_folder_without_a_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    folder = Folder(tmp_path / "here" / "data")
    refusal = folder.refused("up", "--data", "", "--port", 0, "--temporal-port", 0, code=2)
    assert refusal["field"] == "data"
    assert list((tmp_path / "here").iterdir()) == []


def test_what_a_stack_makes_is_its_owners_alone(stack: Folder) -> None:
    # The socket of the desk is open to its group, as everywhere; here its folder is not.
    assert (stack.path / "run").stat().st_mode & 0o777 == 0o700
    made = {path.name: path.stat().st_mode & 0o777 for path in stack.path.rglob("*") if path.is_file()}
    assert {"aboutir.db", "aboutir-keys.db", "temporal.db", "master.key", "worker.log"} <= set(made)
    assert {name: oct(mode) for name, mode in made.items() if mode & 0o077} == {}


# --- Killed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["worker.py", "temporal"])
def test_a_child_that_is_killed_comes_back_and_a_command_counts_once(up: Folder, what: str) -> None:
    reference, before = only_case(up), up.versions()
    killed = up.child(what)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    until(lambda: up.child(what) not in (None, killed), f"{what} is started again")
    note = ("submit", reference, "add_note", "--set", "text=Encore", "--id", f"after-{what}", "--json")
    until(lambda: up.run(*note).code == 0, "a command is answered")
    assert up.ask(*note[:-1])["version"] == before[reference] + 1
    assert up.versions() == {reference: before[reference] + 1}


@pytest.mark.parametrize("machine", [False, True])
def test_whoever_stops_waiting_for_an_answer_is_told_how_to_ask_again(up: Folder, machine: bool) -> None:
    reference, worker = only_case(up), up.child("worker.py")
    assert worker is not None
    id, words = f"given-up-{machine}", ["--json"] if machine else []
    note = ("submit", reference, "add_note", "--set", "text=Patience", "--id", id)
    os.kill(worker, signal.SIGSTOP)
    try:
        asked = subprocess.Popen(
            [*STARTER, *note, *words],
            env=environment(up.path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with asked:
            until(lambda: bool(connections(asked.pid, up.ports["--temporal-port"])), "the engine is asked")
            asked.send_signal(signal.SIGINT)
            out, err = asked.communicate(timeout=20)
    finally:
        os.kill(worker, signal.SIGCONT)
    assert asked.returncode == 130
    assert id in (json.loads(out)["error"]["remedy"] if machine else err)
    assert "Traceback" not in err
    version = up.ask(*note)["version"]
    assert up.ask(*note)["version"] == version == up.versions()[reference]


def test_whoever_stops_waiting_while_a_file_is_attached_is_told_how_to_ask_again(up: Folder) -> None:
    reference, worker, engine = only_case(up), up.child("worker.py"), up.ports["--temporal-port"]
    assert worker is not None
    attach = ("attach", reference, "EV001", "-", "--name", "film.mp4", "--description", "-", "--id", "attached-once")
    film, known = SAMPLES[".mp4"] + bytes(3_000_000), len(up.ask("files", reference)["files"])
    before = set((up.path / "files").rglob("*.part"))
    os.kill(worker, signal.SIGSTOP)
    try:
        asked = subprocess.Popen(
            [*STARTER, *attach, "--json"],
            env=environment(up.path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with asked:
            assert asked.stdin is not None
            asked.stdin.write(film)
            asked.stdin.flush()
            until(lambda: bool(set((up.path / "files").rglob("*.part")) - before), "the file is being taken in")
            to_look = connections(asked.pid, engine)
            asked.stdin.close()
            asked.stdin = None
            until(lambda: bool(connections(asked.pid, engine) - to_look), "the case is asked")
            asked.send_signal(signal.SIGINT)
            out, err = asked.communicate(timeout=20)
    finally:
        os.kill(worker, signal.SIGCONT)
    assert asked.returncode == 130
    assert "attached-once" in json.loads(out)["error"]["remedy"]
    assert err == b""
    assert up.ask(*attach, stdin=film)["id"] == up.ask(*attach, stdin=film)["id"]
    assert len(up.ask("files", reference)["files"]) == known + 1


def test_nothing_outlives_a_supervisor_that_is_killed_and_nothing_is_lost(up: Folder) -> None:
    before, engine = up.versions(), up.ports["--temporal-port"]
    everybody = children(up.supervisor)
    assert len(everybody) == 4
    assert up.end(signal.SIGKILL) == -signal.SIGKILL
    assert not is_listening("127.0.0.1", engine)
    up.up()
    assert up.versions() == before
    assert (
        up.ask("submit", only_case(up), "add_note", "--set", "text=Toujours là")["version"] == sum(before.values()) + 1
    )


# --- Stopped ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stack_that_is_told_to_stop_leaves_no_process(up: Folder, number: signal.Signals) -> None:
    everybody = [up.supervisor, *children(up.supervisor)]
    assert up.end(number) == 0
    assert not any(map(is_alive, everybody))


def test_a_stack_that_is_down_can_still_be_read(down: Folder) -> None:
    reference = only_case(down)
    assert down.ask("show", reference)["reference"] == reference
    assert down.ask("list")["total"] == 1
    assert len(down.ask("history", reference)["entries"]) == down.versions()[reference]


def test_a_stack_that_is_down_says_so_at_once(down: Folder, example: dict[str, Any]) -> None:
    before, since = down.versions(), time.monotonic()
    refusal = down.refused("submit", only_case(down), "start_evidence", code=4)
    assert time.monotonic() - since < 10
    assert refusal["code"] == "engine_away"
    assert f"up --data {down.path}" in refusal["remedy"]
    assert down.versions() == before


def test_a_stack_can_be_stopped_while_it_starts(down: Folder) -> None:
    down.start("up")
    until(lambda: down.child("temporal") is not None, "the engine is started")
    assert down.end(signal.SIGINT) == 0


# --- The demonstration -----------------------------------------------------------------------------------


def test_the_stories_can_be_interrupted_told_to_the_end_and_told_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = Folder(tmp_path_factory.mktemp("demo") / "data")
    told = folder.start("demo", "--exit")
    while "▸" not in (line := told.readline()):
        assert line, "the stories begin"
    assert folder.end(signal.SIGINT) == 0
    begun = folder.versions()
    assert 1 <= len(begun) < 6

    first = folder.run("demo", "--exit", "--port", 0, "--temporal-port", 0)
    assert first.code == 0, first.err
    for part, event in ("moteur", "en marche"), ("exécuteur", "en marche"), ("exécuteur", "arrêté"):
        assert f"{part}\u00a0: {event}" in first.err.splitlines(), "the parts are named in the reader's language"
    told_once = folder.versions()
    assert len(told_once) == 6
    assert set(begun) < set(told_once)
    assert f"starter.py show {min(begun, key=first.out.index)}" in first.out

    again = folder.run("demo", "--exit", "--port", 0, "--temporal-port", 0)
    assert again.code == 0, again.err
    assert folder.versions() == told_once
    alerts = [a for a in folder.ask("show", reference_of(KEY))["alerts"] if a["kind"] == "STALL"]
    assert [a["level"] for a in alerts] == ["CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"]
    assert [a["answered_by"] for a in alerts] == ["pilote"] * 3
    days = [datetime.fromisoformat(a["raised_at"]).date() for a in alerts]
    assert date.today() < days[0] < days[1] < days[2]  # noqa: DTZ011 - any zone will do
    steps = {row["step"] for row in folder.ask("list", "--as", "superviseur")["cases"]}
    assert steps == {"CLOSED", "INTAKE"}
