"""Measures what a reading and a command cost through the desk's socket, beside the direct call, in turn in one run."""

import asyncio
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bench.lives import OPENED, OPENER
from bench.process import child, processor_time
from bench.say import progress
from bootstrap import office_of
from cli.stack.embedded import Running, embedded
from counter.client.services import Desk
from desk.case import show_case
from desk.listing import list_cases
from desk.office import Office
from desk.opening import open_case
from desk.signin.common import limits_of
from desk.submitting import submit_command
from domain.parts.contact import AddNote
from domain.vocabulary import Means
from models.signin import sessions
from words import FRENCH

Ask = Callable[[], Awaitable[object]]
NOTE = AddNote(text="L'agence rappelle lundi.")


@dataclass(frozen=True)
class Size:
    """Sizes of a run."""

    rounds: int
    cases: int
    """Cases in the list."""
    asked: int
    """Calls of each kind, on either way, in each round."""


NORMAL, QUICK = Size(rounds=7, cases=60, asked=30), Size(rounds=3, cases=20, asked=10)


async def measure(folder: Path, size: Size) -> dict[str, Any]:
    """All rounds: milliseconds of each call, and the ratios of the socket to the direct call."""
    with tempfile.TemporaryDirectory(prefix="aboutir-bench-", dir=folder) as place:
        async with embedded(Path(place) / "data", 0, 0, lambda *_: None, asyncio.Event()) as running:
            return await _rounds(running, size)


async def _rounds(running: Running, size: Size) -> dict[str, Any]:
    office = office_of(running.settings, running.settings.temporal_address)
    references = [(await open_case(office, OPENER, OPENED)).reference for _ in range(size.cases)]
    async with Desk(running.settings.desk_socket, _token(office)) as desk:
        asks = _asks(office, desk, references[0])
        times: dict[str, list[dict[str, float]]] = {name: [] for name in asks}
        for turn in range(size.rounds + 1):
            progress(f"desk: round {turn} of {size.rounds}" if turn else "desk: warming up")
            for name, ways in asks.items():
                figures = {way: await _median(ask, size.asked) for way, ask in ways.items()}
                figures["desk_cpu"] = await _cpu(ways["socket"], size.asked)
                if turn:
                    times[name].append(figures)
    return {name: _summary(rounds) for name, rounds in times.items()}


def _asks(office: Office, desk: Desk, reference: str) -> dict[str, dict[str, Ask]]:
    """Calls that are measured, each on both ways."""

    async def shown() -> object:
        return show_case(office, OPENER, reference, FRENCH)

    async def listed() -> object:
        return list_cases(office, OPENER, limit=50)

    return {
        "show_case": {"direct": shown, "socket": partial(desk.show_case, reference=reference)},
        "list_cases": {"direct": listed, "socket": partial(desk.list_cases, limit=50)},
        "add_note": {
            "direct": lambda: submit_command(office, OPENER, reference, NOTE),
            "socket": lambda: desk.submit_command(reference=reference, command=NOTE, command_id=str(uuid.uuid4())),
        },
    }


def _token(office: Office) -> str:
    with office.writing() as tx:
        at = datetime.now(UTC)
        token, _ = sessions.make(tx, OPENER.account, Means.PASSKEY, "bench", at, limits_of(office))
    return token


async def _median(ask: Ask, times: int) -> float:
    """Milliseconds of a call by one caller, p50."""
    each = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        each.append((time.perf_counter() - began) * 1000)
    return statistics.median(each)


async def _cpu(ask: Ask, times: int) -> float:
    """Milliseconds of processor that the desk and the caller take for a call through the socket, together."""
    pids = (child("serve.py"), os.getpid())
    before = sum(processor_time(pid) or 0 for pid in pids)
    for _ in range(times):
        await ask()
    return (sum(processor_time(pid) or 0 for pid in pids) - before) * 1000 / times


def _summary(rounds: list[dict[str, float]]) -> dict[str, float]:
    ratios = [figures["socket"] / figures["direct"] for figures in rounds]
    medians = {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}
    return medians | {"ratio": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}
