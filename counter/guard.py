"""The guard of each connection: whoever sends a request drop by drop, or does not read the answer, is cut off."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN = 10.0
"""Seconds from the first byte of a connection, or of its next request, until the headers are whole."""
READ_WITHIN = 30.0
"""Seconds for which a client may leave an answer unread."""


class GuardedProtocol(H11Protocol):
    """HTTP/1.1 of uvicorn, which has no time limit for either of the two."""

    _head: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begins to wait for the first request."""
        super().connection_made(transport)
        self._head = self.loop.call_later(HEAD_WITHIN, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Waits on for as long as the headers are not whole."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head = _ended(self._head)
        elif self._head is None and not self.transport.is_closing():
            self._head = self.loop.call_later(HEAD_WITHIN, self.transport.abort)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:  # noqa: ARG002
        """Answers no upgrade: there is nothing but requests here."""
        self.send_400_response("no upgrade here")

    def pause_writing(self) -> None:
        """The client reads less than it is sent."""
        super().pause_writing()
        if self._reading is None:
            self._reading = self.loop.call_later(READ_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._reading = _ended(self._reading)

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._head, self._reading = _ended(self._head), _ended(self._reading)
        super().connection_lost(exc)


def _ended(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Cancels a timer; gives the one that runs then: none."""
    if timer is not None:
        timer.cancel()
    return None
