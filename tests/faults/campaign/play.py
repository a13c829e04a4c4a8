"""The course of a campaign: callers and files at work, stroke after stroke, until all is answered; then the reckoning.

To be imported once days are fast: what is taken from the domain before would count in slow ones.
"""

import asyncio
import sys
import time
from argparse import Namespace
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from models.taking_up import TakingUp
from tests.faults.campaign import reckoning
from tests.faults.campaign.callers import Crowd
from tests.faults.campaign.files import Filer
from tests.faults.campaign.ground import QUEUE, Ground, ground
from tests.faults.campaign.reckoning import Report
from tests.faults.campaign.strokes import Stroke, planned, strike
from tests.people import SUPERVISOR
from tests.support.builders import note
from tests.support.servers import KEYS
from workflows.cases import CaseClient

MB = 1_000_000
GRACE = 60
"""Seconds within which an alert that was due is told, once everything is there."""
PATIENCE = timedelta(seconds=5)
"""Time after which a caller sends again what was not answered."""
FILERS = 2


async def campaign(asked: Namespace, epoch: int, folder: Path) -> Report:
    """The whole of it."""
    quiet = TelemetryFilter(core_level="ERROR", other_level="ERROR")  # it warns of each call that an outage turned away
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=quiet))))
    dice, report = Random(asked.seed), Report()  # noqa: S311 - dice
    workers = asked.workers or (2 if asked.on == "postgresql" else 1)
    files_mb = 200 + asked.files * asked.file_mb * 5 // 4
    with ground(folder, asked.on, epoch=epoch, day=asked.day, workers=workers, files_mb=files_mb) as stack:
        client, rescue = await stack.engine.client(), TakingUp(stack.database, KEYS)
        desk = CaseClient(client, QUEUE, KEYS.mint, PATIENCE, rescue=rescue)
        crowd = Crowd(stack, desk, Random(dice.random()), asked.cases)  # noqa: S311
        filers = [_filer(stack, crowd, asked, dice) for _ in range(FILERS)]
        strokes = planned(stack, asked.strokes, dice, asked.only)
        print(f"seed {asked.seed}: {asked.commands} commands, {len(strokes)} strokes", file=sys.stderr)
        began = time.monotonic()
        made = await _at_work(stack, crowd, filers, strokes, asked)
        report.figures |= {
            "seed": asked.seed,
            "on": asked.on,
            "workers": workers,
            "seconds a day": asked.day,
            "minutes": round((time.monotonic() - began) / 60, 1),
            "strokes": made.total(),
            "strokes, by kind": dict(made.most_common()),
        }
        await _reckoned(stack, crowd, filers, report)
    return report


def _filer(stack: Ground, crowd: Crowd, asked: Namespace, dice: Random) -> Filer:
    goal = asked.files // FILERS
    return Filer(stack, Random(dice.random()), asked.file_mb * MB, goal, lambda: crowd.answered / asked.commands)  # noqa: S311


async def _at_work(
    stack: Ground, crowd: Crowd, filers: list[Filer], strokes: list[Stroke], asked: Namespace
) -> Counter[str]:
    """Everybody works until so many commands were answered, and the strokes fall in between; gives those made."""
    made: Counter[str] = Counter()
    loop, threads, end = asyncio.get_running_loop(), ThreadPoolExecutor(4), time.monotonic() + asked.minutes * 60
    dice = Random(asked.seed)  # noqa: S311
    filing = [loop.run_in_executor(threads, filer.work) for filer in filers]
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(asked.callers):
                group.create_task(crowd.caller())
            for number, each in enumerate(strokes, 1):
                if time.monotonic() > end:
                    asked.commands = crowd.answered
                    break
                await crowd.has_answers(asked.commands * number // (len(strokes) + 1))
                await loop.run_in_executor(threads, strike, each, stack, dice)
                made[each.kind] += 1
                print(f"{number}. {each.kind}: {crowd.answered} answered", file=sys.stderr)
            await crowd.has_answers(asked.commands)
            crowd.is_over = True
        await asyncio.gather(*filing)
    finally:
        for filer in filers:
            filer.goal = 0
    return made


async def _reckoned(stack: Ground, crowd: Crowd, filers: list[Filer], report: Report) -> None:
    """Each case takes one more command; then nobody works any more, and what is there is held against the answers."""
    by = time.time() - GRACE
    await asyncio.sleep(GRACE / 4)
    report.faults["cases that do not go on"] = await _stuck(crowd)
    reckoning.of_time(stack, by, report)
    await reckoning.of_the_silent(stack, crowd, report)
    stack.kill(*stack.workers)
    reckoning.of_commands(stack, crowd, filers, report)
    reckoning.of_mails(stack, report)
    reckoning.of_files(stack, filers, report)
    await reckoning.of_records(stack, report)


async def _stuck(crowd: Crowd) -> list[str]:
    """Cases that do not take another note, if there are any."""
    stuck = []
    for known in [*crowd.known.values()]:
        await crowd.seen(known.reference)
        if known.case is not None and not known.is_erased:
            sent = await crowd.submit(known, note("It goes on"), SUPERVISOR)
            stuck += [known.reference] if sent.receipt is None else []
    return stuck
