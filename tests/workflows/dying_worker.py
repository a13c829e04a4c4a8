"""`worker.py`, which dies once between the moment a mail is accepted and the moment it is marked as sent."""

import asyncio
import os
import signal
from pathlib import Path

import bootstrap
import worker
from kit.process.leave import leave
from models import mails

DIED = Path(os.environ["DIED"])
settle = mails.settle


def settle_or_die(*args: object, **kwargs: object) -> None:
    if not DIED.exists():
        DIED.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    settle(*args, **kwargs)  # type: ignore[arg-type]


mails.settle = settle_or_die  # type: ignore[assignment]
bootstrap.SLACK = bootstrap.timedelta(seconds=1)

if __name__ == "__main__":
    leave(asyncio.run(worker.main()))
