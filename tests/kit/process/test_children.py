"""Children are started in order, restarted when they die, and never outlive their supervisor."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kit.errors import ChildNotReady, ChildNotStarted
from kit.process.children import Backoff, Child, Supervisor

ROOT = Path(__file__).parents[3]
DEADLINE = 20.0

# Says who it is once its handlers are in place, then waits to be told to stop.
POLITE = """
import os, signal, sys
from pathlib import Path
def stop(*_):
    print("stopped", flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
Path(sys.argv[1]).write_text(str(os.getpid()))
while True:
    signal.pause()
"""
STUBBORN = POLITE.replace("signal.SIGTERM, stop", "signal.SIGTERM, signal.SIG_IGN")
# Starts a grandchild in its own process group, which ignores the request to stop too.
PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1] + ".grandchild"]).wait()
"""

Events = list[tuple[str, str]]


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan stays a zombie where process 1 does not reap: dead all the same.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


class Program:
    """A small child, and what is known of it from the file it writes its process id to."""

    def __init__(self, folder: Path, name: str, source: str = POLITE, stop_timeout: float = DEADLINE) -> None:
        self.pid_file = folder / f"{name}.pid"
        self.log = folder / f"{name}.log"
        argv = [sys.executable, "-c", source, str(self.pid_file), STUBBORN]
        self.child = Child(name, argv, dict(os.environ), self.log, self.ready, stop_timeout)

    async def ready(self) -> bool:
        return bool(self.pid)

    @property
    def pid(self) -> int:
        return read_pid(self.pid_file)


def read_pid(file: Path) -> int:
    return int(file.read_text() or 0) if file.exists() else 0


def supervisor(
    events: Events, *programs: Program, sleep: Callable[[float], Awaitable[None]] | None = None
) -> Supervisor:
    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    children = [program.child for program in programs]
    return Supervisor(children, lambda name, what: events.append((name, what)), sleep=sleep or at_once)


async def test_children_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    events: Events = []
    first, second = Program(tmp_path, "first"), Program(tmp_path, "second")
    running = supervisor(events, first, second)
    await running.start()
    assert is_alive(first.pid)
    assert is_alive(second.pid)
    stop = asyncio.Event()
    stop.set()
    await running.run_until(stop)
    assert events == [("first", "ready"), ("second", "ready"), ("second", "stopped"), ("first", "stopped")]
    assert not is_alive(first.pid)
    assert not is_alive(second.pid)
    assert first.log.read_text() == second.log.read_text() == "stopped\n"
    assert stat.S_IMODE(first.log.stat().st_mode) == 0o600


async def test_a_child_starts_only_when_the_one_before_is_ready(tmp_path: Path) -> None:
    slow, after = Program(tmp_path, "slow"), Program(tmp_path, "after")
    asked = 0

    async def ready_the_third_time() -> bool:
        nonlocal asked
        asked += 1
        assert after.pid == 0
        if asked == 1:
            raise ConnectionRefusedError  # a probe of something that does not listen yet
        return asked >= 3 and slow.pid > 0

    slow.child = Child("slow", slow.child.argv, slow.child.env, slow.log, ready_the_third_time)
    running = supervisor([], slow, after)
    await running.start()
    assert asked >= 3
    await running.stop()


async def test_a_child_killed_by_force_is_restarted_until_the_stop(tmp_path: Path) -> None:
    events: Events = []
    first, second = Program(tmp_path, "first"), Program(tmp_path, "second")
    running = supervisor(events, first, second)
    await running.start()
    stop = asyncio.Event()
    run = asyncio.create_task(running.run_until(stop))
    for round_ in (1, 2):
        killed = second.pid
        second.pid_file.unlink()
        os.kill(killed, signal.SIGKILL)
        await until(lambda n=round_: events.count(("second", "restarted")) == n and second.pid > 0)
        assert second.pid != killed
    stop.set()
    await run
    assert events[2:] == [
        *[("second", "exited"), ("second", "restarted")] * 2,
        ("second", "stopped"),
        ("first", "stopped"),
    ]
    assert not is_alive(second.pid)
    assert second.log.read_text() == "stopped\n"  # appended by the third, after two that could say nothing


async def test_the_log_of_a_child_that_never_ends_is_kept_small(tmp_path: Path) -> None:
    talks = POLITE.replace("    signal.pause()", "    print('x' * 99, flush=True)")
    program = Program(tmp_path, "talkative", talks)
    running = Supervisor([program.child], lambda *_: None, logs_every=0.01, log_size=100_000)
    await running.start()
    stop = asyncio.Event()
    run = asyncio.create_task(running.run_until(stop))
    oldest = tmp_path / "talkative.log.4"
    await until(oldest.exists)
    first = oldest.stat().st_ino
    await until(lambda: oldest.stat().st_ino != first)
    stop.set()
    await run
    assert not tmp_path.joinpath("talkative.log.5").exists()
    assert program.log.read_text().endswith("stopped\n")


async def test_the_pause_before_a_restart_grows(tmp_path: Path) -> None:
    pauses: list[float] = []
    enough = asyncio.Event()

    async def remember(delay: float) -> None:
        pauses.append(delay)
        if len(pauses) == 4:
            enough.set()
            await asyncio.Event().wait()  # cancelled by the stop

    # Ends as soon as it has written its process id.
    hopeless = Program(tmp_path, "hopeless", POLITE.replace("while True:\n    signal.pause()", ""))
    hopeless.child = Child("hopeless", hopeless.child.argv, hopeless.child.env, hopeless.log, ready=always_ready)
    events: Events = []
    running = supervisor(events, hopeless, sleep=remember)
    await running.start()
    run = asyncio.create_task(running.run_until(enough))
    await asyncio.wait_for(run, DEADLINE)
    assert pauses == [0.5, 1, 2, 4]
    assert events.count(("hopeless", "restarted")) == 3
    assert events[-1] == ("hopeless", "exited")  # nothing was left to stop


async def always_ready() -> bool:
    return True


def test_the_pause_doubles_up_to_a_ceiling_and_a_long_life_resets_it() -> None:
    backoff = Backoff()
    assert [backoff.delay(uptime=1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert [backoff.delay(uptime=60), backoff.delay(uptime=59)] == [0.5, 1]


async def test_a_long_life_is_measured_by_the_clock(tmp_path: Path) -> None:
    now = 0.0
    pauses: list[float] = []
    program = Program(tmp_path, "a")

    async def remember(delay: float) -> None:
        pauses.append(delay)

    events: Events = []
    running = Supervisor(
        [program.child],
        lambda name, what: events.append((name, what)),
        clock=lambda: now,
        sleep=remember,
    )
    await running.start()
    stop = asyncio.Event()
    run = asyncio.create_task(running.run_until(stop))
    for round_, uptime in enumerate((1, 1, 61), start=1):
        now += uptime
        killed = program.pid
        program.pid_file.unlink()
        os.kill(killed, signal.SIGKILL)
        await until(lambda n=round_: events.count(("a", "restarted")) == n and program.pid > 0)
    stop.set()
    await run
    assert pauses == [0.5, 1, 0.5]


async def test_a_program_that_vanished_is_tried_again_until_it_is_back(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    events: Events = []
    program = Program(tmp_path, "a")
    argv = [str(python), *program.child.argv[1:]]
    program.child = Child("a", argv, program.child.env, program.log, program.ready)
    running = supervisor(events, program)
    await running.start()
    python.unlink()
    stop = asyncio.Event()
    run = asyncio.create_task(running.run_until(stop))
    os.kill(program.pid, signal.SIGKILL)
    await until(lambda: ("a", "unstartable") in events)
    program.pid_file.unlink()
    python.symlink_to(sys.executable)
    await until(lambda: ("a", "restarted") in events and program.pid > 0)
    stop.set()
    await run
    assert events[-1] == ("a", "stopped")


async def test_a_child_that_ignores_the_request_is_killed_with_what_it_started(tmp_path: Path) -> None:
    events: Events = []
    stubborn = Program(tmp_path, "stubborn", STUBBORN, stop_timeout=0.2)
    family = Program(tmp_path, "family", PARENT)
    grandchild = Path(f"{family.pid_file}.grandchild")

    async def grandchild_is_there() -> bool:
        return read_pid(grandchild) > 0

    family.child = Child("family", family.child.argv, family.child.env, family.log, grandchild_is_there)
    running = supervisor(events, stubborn, family)
    await running.start()
    await running.stop()
    assert events[2:] == [("family", "stopped"), ("stubborn", "killed")]
    assert not is_alive(stubborn.pid)
    await until(lambda: not is_alive(read_pid(grandchild)))


async def test_the_signal_to_stop_can_be_chosen(tmp_path: Path) -> None:
    program = Program(tmp_path, "a", POLITE.replace("SIGTERM", "SIGINT"))
    program.child = Child(
        "a", program.child.argv, program.child.env, program.log, program.ready, stop_signal=signal.SIGINT
    )
    running = supervisor([], program)
    await running.start()
    await running.stop()
    assert program.log.read_text() == "stopped\n"


async def test_a_child_that_never_becomes_ready_stops_everything(tmp_path: Path) -> None:
    events: Events = []
    first, never, after = (Program(tmp_path, name) for name in ("first", "never", "after"))

    async def hangs() -> bool:
        await until(lambda: never.pid > 0)
        await asyncio.Event().wait()
        return True

    never.child = Child("never", never.child.argv, never.child.env, never.log, hangs)
    children = [first.child, never.child, after.child]
    running = Supervisor(children, lambda name, what: events.append((name, what)), ready_within=2)
    with pytest.raises(ChildNotReady) as refused:
        await running.start()
    assert str(refused.value) == f"never did not become ready. Its output is in {never.log}."
    assert events == [("first", "ready"), ("never", "stopped"), ("first", "stopped")]
    assert not is_alive(first.pid)
    assert not is_alive(never.pid)
    assert after.pid == 0


async def test_a_child_that_ends_while_starting_is_not_waited_for(tmp_path: Path) -> None:
    dead = Program(tmp_path, "dead", "print('no configuration'); raise SystemExit(1)")
    with pytest.raises(ChildNotReady) as refused:
        await supervisor([], dead).start()
    assert refused.value.params["log_path"] == dead.log
    assert dead.log.read_text() == "no configuration\n"


async def test_a_child_that_ends_while_another_starts_is_the_one_named(tmp_path: Path) -> None:
    first, second = Program(tmp_path, "first"), Program(tmp_path, "second")

    async def once_the_first_is_gone() -> bool:
        if first.pid and is_alive(first.pid):
            os.kill(first.pid, signal.SIGKILL)
        return False

    second.child = Child("second", second.child.argv, second.child.env, second.log, once_the_first_is_gone)
    with pytest.raises(ChildNotReady) as refused:
        await supervisor([], first, second).start()
    assert refused.value.params["name"] == "first"


async def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    first, missing = Program(tmp_path, "first"), Program(tmp_path, "missing")
    missing.child = Child("missing", ["/no/such/program"], {}, missing.log, missing.ready)
    with pytest.raises(ChildNotStarted) as refused:
        await supervisor([], first, missing).start()
    assert "missing could not be started: /no/such/program: No such file" in str(refused.value)
    assert not is_alive(first.pid)


async def test_cancelling_the_run_stops_the_children(tmp_path: Path) -> None:
    program = Program(tmp_path, "a")
    running = supervisor([], program)
    await running.start()
    run = asyncio.create_task(running.run_until(asyncio.Event()))
    await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not is_alive(program.pid)


async def test_children_are_out_of_reach_of_the_terminal(tmp_path: Path) -> None:
    program = Program(tmp_path, "a")
    running = supervisor([], program)
    await running.start()
    assert os.getsid(program.pid) == os.getpgid(program.pid) == program.pid
    await running.stop()


async def test_another_thread_may_not_start_children() -> None:
    with pytest.raises(RuntimeError, match="main thread"):
        await asyncio.to_thread(asyncio.run, supervisor([]).start())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
async def test_a_supervisor_killed_by_force_takes_its_children_along(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, sys
from pathlib import Path
from kit.process.children import Child, Supervisor

def child(name):
    pid = Path({str(tmp_path)!r}, name)
    async def ready():
        return pid.exists() and bool(pid.read_text())
    log = pid.with_suffix(".log")
    return Child(name, [sys.executable, "-c", {POLITE!r}, str(pid)], dict(os.environ), log, ready)

async def main():
    supervisor = Supervisor([child("first"), child("second")], lambda *_: None)
    await supervisor.start()
    print("ready", flush=True)
    await supervisor.run_until(asyncio.Event())

asyncio.run(main())
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as killed:  # noqa: ASYNC220
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"ready\n"
        pids = [read_pid(tmp_path / name) for name in ("first", "second")]
        assert all(is_alive(pid) for pid in pids)
        killed.kill()
    await until(lambda: not any(is_alive(pid) for pid in pids))
    assert (tmp_path / "first.log").read_text() == "stopped\n"
