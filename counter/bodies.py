"""Bodies of requests and answers: never longer than their limit, never waited for longer than their time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from counter.calling import Calling
from counter.composed import Download
from counter.protocol import HEAD_LIMIT, STREAM
from domain.errors import Invalid, Problem
from kit.process.logs import get_logger

log = get_logger(__name__)

LARGEST = 1024 * 1024
"""Bytes of a request that carries no file: no complaint is longer."""
BODY_WITHIN = 15.0
"""Seconds for such a request to arrive whole, and for the next piece of a file."""
FILE_WITHIN = 15 * 60.0
"""Seconds for a file to arrive whole."""


class BodyLate(Problem):
    """A request did not arrive in time."""

    def __init__(self) -> None:
        super().__init__("body_late", "The request did not arrive whole in time.", "Send it again.")


class Body:
    """The body of a request, piece by piece. Raises BodyLate, or ClientDisconnect, when the rest does not come."""

    def __init__(self, request: Request, within: float) -> None:
        self._pieces: AsyncIterator[bytes] = request.stream()
        self._until = time.monotonic() + within

    async def piece(self) -> bytes | None:
        """The next piece, never empty; None after the last."""
        while True:
            left = min(BODY_WITHIN, self._until - time.monotonic())
            try:
                piece = await asyncio.wait_for(anext(self._pieces, None), max(left, 0))
            except TimeoutError:
                raise BodyLate from None
            if piece is None or piece:
                return piece


async def whole(request: Request) -> bytes:
    """The whole body of a request that carries no file. Raises Invalid for one that is too long."""
    body, content = Body(request, BODY_WITHIN), bytearray()
    if int(request.headers.get("content-length", "0")) > LARGEST:
        raise _too_large()
    while (piece := await body.piece()) is not None:
        content += piece
        if len(content) > LARGEST:
            raise _too_large()
    return bytes(content)


async def head_of(body: Body) -> tuple[bytes, bytes]:
    """The first line of a stream, and what came with it of the file. Raises Invalid when there is no such line."""
    content = b""
    while (piece := await body.piece()) is not None:
        content += piece
        head, line_end, rest = content.partition(b"\n")
        if line_end and len(head) <= HEAD_LIMIT:
            return head, rest
        if len(head) > HEAD_LIMIT:
            raise _too_large()
    raise Invalid("no_head", "The stream does not say what it is about.", "Its first line is JSON.")


def _too_large() -> Invalid:
    return Invalid("body_too_large", "The request is too large.", "Send less in one request.")


class Pieces(Iterator[bytes]):
    """The pieces of a file for somebody in another thread: each is asked for when it is needed, none is held."""

    def __init__(self, first: bytes, body: Body) -> None:
        self._first, self._body, self._loop = first, body, asyncio.get_running_loop()

    def __next__(self) -> bytes:
        if first := self._first:
            self._first = b""
            return first
        piece = asyncio.run_coroutine_threadsafe(self._body.piece(), self._loop).result()
        if piece is None:
            raise StopIteration
        return piece


class Stream(Response):
    """A file on its way out, read no faster than it is taken. Its connection is cut when the file does not hold."""

    def __init__(self, head: bytes, first: bytes | None, download: Download, calling: Calling) -> None:
        super().__init__(media_type=STREAM, headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._head, self._first, self._download, self._calling = head, first, download, calling
        self.ended: Callable[[], None] = lambda: None
        """What is called when it was sent, or cut short."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends it all, or returns before the end: the server cuts the connection then."""
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send(_piece(self._head + b"\n"))
            piece = self._first
            while piece is not None:
                if gone.done():
                    return
                await send(_piece(piece))
                try:
                    piece = await self._calling.call(self._next)
                except Exception:
                    log.error("stream_cut_short", exc_info=True)
                    return
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            self.ended()
            with suppress(Exception):
                await self._calling.call(self._close)

    def _next(self) -> bytes | None:
        return next(self._download.content, None)

    def _close(self) -> None:
        close = getattr(self._download.content, "close", None)
        if close is not None:
            close()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _piece(content: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": True}
