"""Child processes of a program in the foreground: started in order, restarted, and stopped for sure."""

import asyncio
import contextlib
import ctypes
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kit.errors import ChildNotReady, ChildNotStarted
from kit.process import log_files
from kit.refusals import reason

READY_WITHIN = 60.0  # seconds for a child to become ready
_READY_EVERY = 0.1  # seconds between two questions
LOGS_EVERY = 10.0  # seconds between two looks at how far the logs have grown

_PR_SET_PDEATHSIG = 1  # prctl(2)
# Loaded here because between fork and exec is no place to load a library.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Child:
    """A program to run and keep running, in the foreground of its own process group.

    `env` is the whole environment of the child, and its PATH is where `argv[0]` is looked up. It works in the folder
    `cwd`, or in ours. The output is appended to `log_path` (created with mode 0600), which is put aside as it grows.
    `ready` tells whether the child does its work yet; a probe that raises `OSError` (nothing listens) counts as "not
    yet". To stop, the child gets `stop_signal` and, if it is still there after `stop_timeout` seconds, SIGKILL with
    everything it started.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log_path: Path
    ready: Callable[[], Awaitable[bool]]
    stop_timeout: float = 15.0
    stop_signal: signal.Signals = signal.SIGTERM
    cwd: Path | None = None


@dataclass
class Backoff:
    """The wait before a child that died is started again: `first` seconds, doubling up to `cap`.

    A child that had been up for `reset_after` seconds is forgiven its past.
    """

    first: float = 0.5
    cap: float = 30.0
    reset_after: float = 60.0
    _next: float = field(init=False, default=0.0)

    def delay(self, uptime: float) -> float:
        """Seconds to wait now, for a child that lasted `uptime` seconds."""
        if self._next == 0 or uptime >= self.reset_after:
            self._next = self.first
        delay = self._next
        self._next = min(self.cap, delay * 2)
        return delay


@dataclass
class _Running:
    child: Child
    process: asyncio.subprocess.Process
    since: float
    backoff: Backoff

    @property
    def has_exited(self) -> bool:
        return self.process.returncode is not None


class Supervisor:
    """Runs `children`; from the main thread only.

    `on_event(name, what)` is called as it happens, `what` being "ready", "exited" (by itself), "restarted",
    "unstartable" (a restart failed, another will be tried), "stopped" or "killed" (it ignored the request
    to stop).

    On Linux the children are told to stop when the supervisor dies, even by SIGKILL. Elsewhere they stay.
    `clock`, `sleep`, `ready_within` and `logs_every` (seconds), and `log_size` (bytes) are there for tests.
    """

    def __init__(
        self,
        children: Sequence[Child],
        on_event: Callable[[str, str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        ready_within: float = READY_WITHIN,
        logs_every: float = LOGS_EVERY,
        log_size: int = log_files.SIZE,
    ) -> None:
        self._children = children
        self._on_event = on_event
        self._clock = clock
        self._sleep = sleep
        self._ready_within = ready_within
        self._logs_every = logs_every
        self._log_size = log_size
        self._running: list[_Running] = []

    async def start(self) -> None:
        """Starts the children in order, each once the one before is ready.

        Raises `ChildNotStarted` when a program cannot be run, `ChildNotReady` when a child ends meanwhile or
        is not ready in time. Then, as on cancellation, those already started are stopped first.
        """
        if threading.current_thread() is not threading.main_thread():
            # The system ties the parent-death signal to the thread that forks, not to the process.
            raise RuntimeError("children must be started from the main thread")
        try:
            for child in self._children:
                try:
                    process = await _spawn(child)
                except (OSError, subprocess.SubprocessError) as error:
                    raise ChildNotStarted(child.name, child.argv[0], reason(error)) from error
                self._running.append(_Running(child, process, self._clock(), Backoff()))
                await self._until_ready(child)
                self._on_event(child.name, "ready")
        except BaseException:
            await self.stop()
            raise

    async def run_until(self, stop: asyncio.Event) -> None:
        """Restarts the children that exit until `stop` is set, then stops them all; also when cancelled."""
        watches = [asyncio.create_task(self._keep_running(running)) for running in self._running]
        watches.append(asyncio.create_task(self._keep_logs_small()))
        waiting = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([waiting, *watches], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a watch ends only by an error
        finally:
            for task in (waiting, *watches):
                task.cancel()
            await asyncio.gather(waiting, *watches, return_exceptions=True)
            await self.stop()

    async def stop(self) -> None:
        """Stops the children one by one, last started first. `run_until` does it by itself."""
        try:
            for running in reversed(self._running):
                await self._stop_one(running)
        finally:
            # Interrupted (a second Ctrl-C): no more politeness.
            for running in self._running:
                if not running.has_exited:
                    _kill_group(running.process)
            self._running.clear()

    async def _until_ready(self, child: Child) -> None:
        try:
            async with asyncio.timeout(self._ready_within):
                while not await _is_ready(child):
                    for running in self._running:
                        if running.has_exited:
                            raise ChildNotReady(running.child.name, running.child.log_path)
                    await asyncio.sleep(_READY_EVERY)
        except TimeoutError as error:
            raise ChildNotReady(child.name, child.log_path) from error

    async def _keep_running(self, running: _Running) -> None:
        name = running.child.name
        while True:
            await running.process.wait()
            _kill_group(running.process)  # what it started may still hold its port
            self._on_event(name, "exited")
            uptime = self._clock() - running.since
            while True:
                await self._sleep(running.backoff.delay(uptime))
                try:
                    running.process = await _spawn(running.child)
                except (OSError, subprocess.SubprocessError):
                    self._on_event(name, "unstartable")  # its program may be in the middle of an upgrade
                    uptime = 0.0
                else:
                    break
            running.since = self._clock()
            self._on_event(name, "restarted")

    async def _keep_logs_small(self) -> None:
        while True:
            for child in self._children:
                # The disk may be full: tried again, and what was put aside before stays meanwhile.
                with contextlib.suppress(OSError):
                    log_files.put_aside(child.log_path, size=self._log_size)
            await asyncio.sleep(self._logs_every)

    async def _stop_one(self, running: _Running) -> None:
        child, process = running.child, running.process
        if running.has_exited:
            return
        outcome = "stopped"
        with contextlib.suppress(ProcessLookupError):
            # To the child alone: how to stop what it started is its own business. Not
            # process.send_signal(), which may reap the child under asyncio's feet.
            os.kill(process.pid, child.stop_signal)
        try:
            async with asyncio.timeout(child.stop_timeout):
                await process.wait()
        except TimeoutError:
            outcome = "killed"
        _kill_group(process)
        await process.wait()
        self._on_event(child.name, outcome)


async def _is_ready(child: Child) -> bool:
    try:
        return await child.ready()
    except OSError:
        return False


async def _spawn(child: Child) -> asyncio.subprocess.Process:
    with _log_of(child) as output:
        return await asyncio.create_subprocess_exec(
            *child.argv,
            env=child.env,
            cwd=child.cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C in the terminal reaches the supervisor only
            preexec_fn=_preexec(child.stop_signal),
        )


@contextlib.contextmanager
def _log_of(child: Child) -> Iterator[int]:
    child.log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(child.log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _preexec(stop_signal: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None
    return functools.partial(_die_with_parent, _libc.prctl, int(stop_signal), os.getpid())


def _die_with_parent(prctl: Callable[..., int], stop_signal: int, parent: int) -> None:
    """Runs in the child between fork and exec, where locks of other threads stay locked: keep it short."""
    prctl(_PR_SET_PDEATHSIG, stop_signal)
    if os.getppid() != parent:
        os._exit(1)  # the supervisor died before the request: the signal will never come


def _kill_group(process: asyncio.subprocess.Process) -> None:
    """Kills what is left of the child's process group, the child included.

    Its number is the child's, and is not given out again while a member of the group lives. With no member
    left it could be, but not within the moment between the end of the child and this call.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
