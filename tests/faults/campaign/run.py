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

from tests.faults.fast_days import hasten


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


def main(words: Sequence[str]) -> int:
    asked = arguments(words)
    asked.seed = time.time_ns() % 2**32 if asked.seed is None else asked.seed
    epoch = int(time.time())
    hasten(epoch, asked.day)
    from tests.faults.campaign.play import campaign

    with tempfile.TemporaryDirectory(prefix="aboutir-campaign-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as nobody
        report = asyncio.run(campaign(asked, epoch, folder))
    print(json.dumps(report.as_dict(), indent=1, default=str))
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
