"""A campaign: many callers, files and mails on the real stack, which is struck again and again; then the reckoning.

`python -m tests.faults.campaign.run --on postgresql --commands 20000 --strokes 150 ...` tells on standard error
what it does, and prints its report as JSON; exit code 1 when anything in it is not as it should be. A day lasts
seconds, so that timers fire.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

MB = 1_000_000
GRACE = 60
"""Seconds within which an alert that was due is told, once everything is there."""


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="campaign")
    parser.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--commands", type=int, default=300)
    parser.add_argument("--strokes", type=int, default=12)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--files", type=int, default=4, help="files to attach and read")
    parser.add_argument("--file-mb", type=int, default=10)
    parser.add_argument("--workers", type=int, default=None, help="by default one on SQLite, two on PostgreSQL")
    parser.add_argument("--day", type=float, default=1.0, help="seconds that a day lasts")
    parser.add_argument("--minutes", type=float, default=1e9, help="time after which no further stroke is made")
    parser.add_argument("--only", default="", help="part of the name of a kind of strokes")
    parser.add_argument("--seed", type=int, default=None)
    return parser.parse_args(words)


async def campaign(asked: argparse.Namespace, epoch: int, folder: Path) -> dict[str, Any]:
    """The whole of it; gives the report."""
    # Imported once days are fast: what is taken from the domain before would count in slow ones.
    from collections import Counter
    from concurrent.futures import ThreadPoolExecutor
    from datetime import timedelta

    from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

    from models.taking_up import TakingUp
    from tests.faults.campaign import reckoning
    from tests.faults.campaign.callers import Crowd
    from tests.faults.campaign.files import Filer
    from tests.faults.campaign.ground import QUEUE, ground
    from tests.faults.campaign.strokes import planned, strike
    from tests.people import SUPERVISOR
    from tests.support.builders import note
    from tests.support.servers import KEYS
    from workflows.cases import CaseClient

    quiet = TelemetryFilter(core_level="ERROR", other_level="ERROR")  # it warns of each call that an outage turned away
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=quiet))))
    dice, began = Random(asked.seed), time.monotonic()  # noqa: S311 - dice
    report = reckoning.Report()
    workers = asked.workers or (2 if asked.on == "postgresql" else 1)
    files_mb = 200 + asked.files * asked.file_mb * 5 // 4
    with ground(folder, asked.on, epoch=epoch, day=asked.day, workers=workers, files_mb=files_mb) as stack:
        rescue = TakingUp(stack.database, KEYS)
        desk = CaseClient(await stack.engine.client(), QUEUE, KEYS.mint, timedelta(seconds=5), rescue=rescue)
        crowd = Crowd(stack, desk, Random(dice.random()), asked.cases)  # noqa: S311

        def over() -> float:
            return crowd.answered / asked.commands

        filers = [
            Filer(stack, Random(dice.random()), asked.file_mb * MB, asked.files // 2, over)  # noqa: S311
            for _ in range(2)
        ]

        strokes = planned(stack, asked.strokes, dice, asked.only)
        loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor(4)
        print(
            f"seed {asked.seed}: {asked.commands} commands on {asked.on}, {workers} workers, {len(strokes)} strokes",
            file=sys.stderr,
        )
        made: list[str] = []
        filing = [loop.run_in_executor(threads, filer.work) for filer in filers]
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(asked.callers):
                    group.create_task(crowd.caller())
                for number, each in enumerate(strokes, 1):
                    if time.monotonic() - began > asked.minutes * 60:
                        asked.commands = crowd.answered
                        break
                    made.append(each.kind)
                    await crowd.has_answers(asked.commands * number // (len(strokes) + 1))
                    await loop.run_in_executor(threads, strike, each, stack, dice)
                    print(f"{number}. {each.kind}: {crowd.answered} answered", file=sys.stderr)
                await crowd.has_answers(asked.commands)
                crowd.is_over = True
            await asyncio.gather(*filing)
        finally:
            for filer in filers:
                filer.goal = 0
        ended, by = time.monotonic(), time.time()
        await asyncio.sleep(GRACE / 4)

        goes_on = []
        for known in crowd.known.values():
            if not (await crowd.seen(known.reference)).is_erased and known.case is not None:
                sent = await crowd.submit(known, note("It goes on"), SUPERVISOR)
                goes_on += [known.reference] if sent.receipt is None else []
        report.figures |= {
            "seed": asked.seed,
            "on": asked.on,
            "workers": workers,
            "seconds a day": asked.day,
            "minutes": round((ended - began) / 60, 1),
            "strokes": len(made),
            "strokes, by kind": dict(Counter(made).most_common()),
        }
        report.faults["cases that do not go on"] = goes_on
        reckoning.of_time(stack, by - GRACE, report)
        await reckoning.of_the_silent(stack, crowd, report)
        stack.kill(*stack.workers)
        reckoning.of_commands(stack, crowd, filers, report)
        reckoning.of_mails(stack, report)
        reckoning.of_files(stack, filers, report)
        await reckoning.of_records(stack, report)
    return report.as_dict()


def main(words: Sequence[str]) -> int:
    asked = arguments(words)
    asked.seed = time.time_ns() % 2**32 if asked.seed is None else asked.seed
    epoch = int(time.time())
    from tests.faults.fast_days import hasten

    hasten(epoch, asked.day)
    with tempfile.TemporaryDirectory(prefix="aboutir-campaign-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as nobody
        found = asyncio.run(campaign(asked, epoch, folder))
    print(json.dumps(found, indent=1, default=str))
    return 0 if found["is_clean"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
