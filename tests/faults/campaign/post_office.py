"""A mail server in a process of its own, which may be killed: it counts each mail, and whether its sender heard so.

`python -m tests.faults.campaign.post_office PORT FILE`. A line is in the file before the answer is given; another one
follows when the sender takes leave, and so has heard it. SIGUSR1 has it hang up without a word after the next mails.
"""

import asyncio
import json
import os
import signal
import sys
from collections import defaultdict
from email import message_from_bytes
from pathlib import Path
from typing import Any

CUT_AT_ONCE = 3
"""Mails that are kept without an answer each time it is told."""

ARRIVED, HEARD = "arrived", "heard"


class Counting:
    """What the server asks, in the words of aiosmtpd."""

    def __init__(self, file: Path) -> None:
        self._out = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._to_cut = 0

    def cut(self) -> None:
        self._to_cut = CUT_AT_ONCE

    def _note(self, what: str, id: str) -> None:
        os.write(self._out, f"{json.dumps([what, id])}\n".encode())

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        id = str(message_from_bytes(envelope.content)["Message-ID"]).strip("<>").partition("@")[0]
        self._note(ARRIVED, id)
        session.arrived = id
        if self._to_cut:
            self._to_cut -= 1
            server.transport.abort()
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002
        if id := getattr(session, "arrived", None):
            self._note(HEARD, id)
        return "221 Bye"


def counted(file: Path) -> dict[str, list[bool]]:
    """Each mail that arrived, by its id: for each time, True if its sender heard so."""
    times: dict[str, list[bool]] = defaultdict(list)
    for line in file.read_text().splitlines() if file.exists() else ():
        what, id = json.loads(line)
        if what == ARRIVED:
            times[id].append(False)
        else:
            times[id][-1] = True
    return dict(times)


async def main(port: int, file: Path) -> None:
    from aiosmtpd.smtp import SMTP

    handler = Counting(file)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, handler.cut)
    server = await loop.create_server(lambda: SMTP(handler, hostname="sink.test"), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
