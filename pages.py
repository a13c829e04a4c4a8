"""The process of the pages: answers browsers until it is told to stop. Start it with `python pages.py`."""

import asyncio
import signal
import sys

from kit.process.log_setup import configure
from kit.process.logs import get_logger
from web.process import serve
from web.settings import PageSettings

log = get_logger("pages")


async def main() -> int:
    """Answers; gives 0 when it was told to stop, 4 when it could not begin."""
    settings = PageSettings()
    configure(safe_keys=frozenset({"port"}), level=settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await serve(settings, stop)
    except OSError as error:
        print(f"{settings.web_host}:{settings.web_port}: {error.strerror}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
