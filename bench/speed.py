"""Measures opens and steps a second, and how long one takes, for cases and for the references, in turn."""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.lives import LIVES, OPENED, OPENER, STEPS
from bench.process import child, processor_time
from bench.references import REFERENCES, Reference, in_clear
from bench.say import progress
from cli.stack.embedded import ROOT, Running, embedded
from kit.engine.temporal import connect
from kit.process.children import Child, Supervisor
from workflows.cases import CaseClient

OURS = "aboutir"
SYSTEMS = (OURS, *REFERENCES)
CALLERS = 20


class System(Protocol):
    """Something that is opened and then takes steps, one after the other."""

    async def open(self, number: int) -> str: ...

    async def step(self, id: str, number: int, step: int) -> None: ...


class Cases:
    """Ours: a case, opened and stepped through the desk like any other."""

    def __init__(self, desk: CaseClient) -> None:
        self._desk = desk
        self._versions: dict[str, int] = {}

    async def open(self, number: int) -> str:  # noqa: ARG002 - all are alike
        """Opens a case."""
        receipt = await self._desk.open(OPENED, OPENER)
        self._versions[receipt.reference] = receipt.version
        return receipt.reference

    async def step(self, id: str, number: int, step: int) -> None:
        """Submits the next command of its life."""
        actor, command = LIVES[number % len(LIVES)][step]
        receipt = await self._desk.submit(
            id, command, actor, expected_version=self._versions[id] if command.irreversible else None
        )
        self._versions[id] = receipt.version


@dataclass(frozen=True)
class Size:
    """Sizes of a run."""

    rounds: int
    cases: int
    """Opened and stepped by 20 callers, for each system in each round."""
    alone: int
    """The same by one caller."""


NORMAL, QUICK = Size(rounds=7, cases=60, alone=6), Size(rounds=3, cases=30, alone=3)


async def measure(folder: Path, size: Size) -> dict[str, Any]:
    """All rounds, and the medians of their figures."""
    stop = asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="aboutir-bench-", dir=folder) as place:
        async with embedded(Path(place) / "data", 0, 0, lambda *_: None, stop) as running:
            supervisor = Supervisor([_worker_of(name, running, Path(place)) for name in REFERENCES], lambda *_: None)
            await supervisor.start()
            try:
                return await _rounds(running, size)
            finally:
                await supervisor.stop()


async def _rounds(running: Running, size: Size) -> dict[str, Any]:
    client, clear = await connect(running.settings, running.keys), await in_clear(running.settings.temporal_address)
    systems: dict[str, System] = {
        OURS: Cases(CaseClient(client, running.settings.task_queue, running.keys.mint)),
        **{name: Reference(name, clear) for name in REFERENCES},
    }
    pids = {"engine": child("start-dev"), "caller": os.getpid()}
    workers = {OURS: child("worker.py"), **{name: child(f"bench.references\0{name}") for name in REFERENCES}}
    numbers = iter(range(10**9))
    rounds: dict[str, list[dict[str, float | None]]] = {name: [] for name in systems}
    for turn in range(size.rounds + 1):
        progress(f"speed: round {turn} of {size.rounds}" if turn else "speed: warming up")
        for name, system in systems.items():
            watched = pids | {"worker": workers[name]}
            sizes = size if turn else Size(rounds=0, cases=CALLERS, alone=2)
            figures = await one_round(system, sizes, numbers, watched)
            if turn:
                rounds[name].append(figures)
    figures_of_all = summary(rounds, REFERENCES)
    for name, system in systems.items():
        figures_of_all["medians"][name]["events_per_step"] = await _events_a_step(client, system, next(numbers))
    return figures_of_all


async def one_round(system: System, size: Size, numbers: Any, pids: dict[str, int | None]) -> dict[str, float | None]:
    """One system's turn: 20 callers open, 20 callers step, then one caller does both."""
    mine = [next(numbers) for _ in range(size.cases)]
    opened: dict[int, str] = {}
    opens: list[float] = []
    steps: list[float] = []
    alone: list[float] = []

    async def open(number: int) -> None:
        opened[number] = await _timed(opens, lambda: system.open(number))

    async def live(number: int) -> None:
        for step in range(STEPS):
            await _timed(steps, lambda step=step: system.step(opened[number], number, step))  # type: ignore[misc]

    opening = await by_callers(mine, open)
    before = {who: processor_time(pid) for who, pid in pids.items()}
    stepping = await by_callers(mine, live)
    after = {who: processor_time(pid) for who, pid in pids.items()}
    for number in (next(numbers) for _ in range(size.alone)):
        id = await system.open(number)
        for step in range(STEPS):
            await _timed(alone, lambda step=step, id=id, number=number: system.step(id, number, step))  # type: ignore[misc]
    return {
        "opens_per_s": len(opens) / opening,
        "steps_per_s": len(steps) / stepping,
        **_percentiles("open", opens),
        **_percentiles("step", steps),
        **_percentiles("alone", alone),
        **{f"cpu_{who}_ms": _per_step(before[who], after[who], len(steps)) for who in pids},
    }


async def by_callers(numbers: Sequence[int], act: Callable[[int], Awaitable[None]]) -> float:
    """Has 20 callers take the numbers one by one; how many seconds it took."""
    left = iter(numbers)

    async def caller() -> None:
        for number in left:
            await act(number)

    start = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return time.perf_counter() - start


async def _timed(into: list[float], act: Callable[[], Awaitable[Any]]) -> Any:
    start = time.perf_counter()
    result = await act()
    into.append(time.perf_counter() - start)
    return result


def _percentiles(what: str, seconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {f"{what}_p{n}_ms": cuts[n - 1] * 1000 for n in (50, 95, 99)}


def _per_step(before: float | None, after: float | None, steps: int) -> float | None:
    return None if before is None or after is None else (after - before) * 1000 / steps


async def _events_a_step(client: Any, system: System, number: int) -> float:
    """Counts the events that a step adds to the engine's history, on average over one life of each kind."""
    added = 0
    for life in range(len(LIVES)):
        id = await system.open(number * len(LIVES) + life)
        handle = client.get_workflow_handle(id)
        start = len((await handle.fetch_history()).events)
        for step in range(STEPS):
            await system.step(id, life, step)
        added += len((await handle.fetch_history()).events) - start
    return added / (len(LIVES) * STEPS)


def summary(rounds: dict[str, list[dict[str, float | None]]], references: Iterable[str]) -> dict[str, Any]:
    """The medians of the rounds, and the ratios of ours to each reference, taken within each round."""
    medians: dict[str, dict[str, float | None]] = {}
    ratios: dict[str, dict[str, dict[str, float]]] = {}
    for name, figures in rounds.items():
        medians[name] = {key: _median([f[key] for f in figures]) for key in figures[0]}
    for reference in references:
        ratios[reference] = {}
        for key in rounds[OURS][0]:
            pairs = [(ours[key], theirs[key]) for ours, theirs in zip(rounds[OURS], rounds[reference], strict=True)]
            each = [ours / theirs for ours, theirs in pairs if ours is not None and theirs]
            if each:
                ratios[reference][key] = {"median": statistics.median(each), "min": min(each), "max": max(each)}
    return {"medians": medians, "ratios": ratios, "rounds": rounds}


def _median(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return statistics.median(numbers) if numbers else None


def _worker_of(name: str, running: Running, folder: Path) -> Child:
    async def ready() -> bool:
        return True  # the first round, which does not count, waits for it

    argv = [sys.executable, "-m", "bench.references", name, running.settings.temporal_address, str(folder)]
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    return Child(name, argv, environment, running.folder / "logs" / f"{name}.log", ready)
