"""The desk's process: answers over its socket until it is told to stop. Start it with `python serve.py`."""

import asyncio
import signal
import sys
from typing import NoReturn

from bootstrap import configure_logs, desk_office_of, resolvers
from counter.bearer import Resolvers
from counter.process import serve
from kit.errors import StackError
from kit.process.leave import leave
from kit.process.logs import get_logger
from kit.settings import Settings
from workers.starting import Stopped

log = get_logger("desk")


async def main(resolvers: Resolvers) -> NoReturn:
    """Answers and ends the process: with status 0, with 4 when it could not begin, with 1 when it failed."""
    # From within the loop: outside of it, threads would be waited for that wait for somebody else.
    leave(await _status(resolvers))


async def _status(resolvers: Resolvers) -> int:
    settings = Settings()
    configure_logs(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await serve(desk_office_of(settings), resolvers, stop)
    except Stopped:
        log.info("desk_stopped")
    except StackError as error:
        print(error, file=sys.stderr)
        return 4
    except Exception:
        log.exception("desk_failed")
        return 1
    return 0


if __name__ == "__main__":
    asyncio.run(main(resolvers()))
