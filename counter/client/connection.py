"""The connection of a client to the desk's process: a request and its answer, sent again only where that is safe."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx2
from pydantic import TypeAdapter
from pydantic_core import to_json

from counter.protocol import ADDRESS, HEAD_LIMIT, JSON, STREAM, path_of, problem_of
from domain.errors import Away, Problem

T = TypeVar("T")

TRIES = 3
"""Times that a request is sent in all, where sending it again is safe."""
PAUSE = 0.2
"""Seconds before the second time, and twice that before the third."""
TIMEOUT = httpx2.Timeout(75, connect=5)

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Of no use on a socket of this machine. Without it each client would read every certificate authority."""


@dataclass
class Given(Generic[T]):
    """A file that is given: what it is, and its bytes, which can be read once and within the `async with` block."""

    view: T
    content: AsyncIterator[bytes]


class Connection:
    """Asks the desk's process in the name of whoever has the token. To be used as an `async with` block."""

    def __init__(
        self,
        socket: Path | str,
        token: str | None = None,
        *,
        language: str = "fr",
        address: str = "",
        device: str = "",
        pause: float = PAUSE,
    ) -> None:
        """`address` and `device` say where a visitor asks from, and with what: who guesses is slowed down by them."""
        headers = {"Accept-Language": language, ADDRESS: address, "User-Agent": device}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx2.AsyncClient(
            transport=httpx2.AsyncHTTPTransport(uds=str(socket), verify=_NO_TLS),
            base_url="http://desk",
            headers=headers,
            timeout=TIMEOUT,
            trust_env=False,
        )
        self._pause = pause

    async def __aenter__(self) -> Self:
        """Opens nothing yet: the first request does."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes what is open."""
        await self._client.aclose()

    async def ask(self, name: str, answer: type[T], fields: Mapping[str, object], *, again: bool) -> T:
        """Asks a service. With `again`, sends the request again when it is not known whether it arrived.

        Raises the problem that the desk answers with, or Away when there is no answer.
        """
        content = to_json(fields)
        for turn in range(TRIES if again else 1):
            if turn:
                await asyncio.sleep(self._pause * 2 ** (turn - 1))
            try:
                response = await self._client.post(path_of(name), content=content, headers={"Content-Type": JSON})
            except httpx2.TransportError as error:
                problem: Problem = _unanswered(error)
                continue
            if response.is_success:
                return _read(answer, response.content)
            problem = _problem(response)
            if not isinstance(problem, Away):
                break
        raise problem

    async def send(self, name: str, answer: type[T], fields: Mapping[str, object], content: AsyncIterable[bytes]) -> T:
        """Asks a service that takes a file, which is sent as it is read. It is never sent again by itself."""

        async def framed() -> AsyncIterator[bytes]:
            yield to_json(fields) + b"\n"
            async for piece in content:
                yield piece

        headers = {"Content-Type": STREAM}
        try:
            response = await self._client.post(path_of(name), content=framed(), headers=headers)
        except httpx2.TransportError as error:
            raise _unanswered(error) from None
        if not response.is_success:
            raise _problem(response)
        return _read(answer, response.content)

    async def receive(self, stack: AsyncExitStack, name: str, view: type[T], fields: Mapping[str, object]) -> Given[T]:
        """Asks a service that gives a file. It is closed with the stack.

        Reading its content raises Away when the connection is cut: then nothing that was read before may be used.
        """
        request = self._client.stream("POST", path_of(name), content=to_json(fields), headers={"Content-Type": JSON})
        try:
            response = await stack.enter_async_context(request)
            if not response.is_success:
                await response.aread()
                raise _problem(response)
            pieces = response.aiter_bytes()
            head, rest = await _head(pieces)
        except httpx2.TransportError as error:
            raise _unanswered(error) from None
        return Given(_read(view, head), _rest(rest, pieces))


async def _head(pieces: AsyncIterator[bytes]) -> tuple[bytes, bytes]:
    content = b""
    async for piece in pieces:
        content += piece
        head, line_end, rest = content.partition(b"\n")
        if line_end:
            return head, rest
        if len(content) > HEAD_LIMIT:
            break
    raise _no_desk()


async def _rest(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    try:
        async for piece in pieces:
            yield piece
    except httpx2.TransportError:
        raise Away(
            "cut_short", "The file was cut short: nothing of it may be used.", "Ask for it again.", field="file"
        ) from None


def _problem(response: httpx2.Response) -> Problem:
    try:
        return problem_of(json.loads(response.content))
    except ValueError:
        return _no_desk()


def _unanswered(error: httpx2.TransportError) -> Away:
    if isinstance(error, httpx2.ConnectError):
        return _no_desk()
    return Away(
        "desk_not_confirmed",
        "The desk did not answer to the end. What was sent may still be recorded.",
        "Send it again under the same id, where it has one: it will not count twice.",
    )


def _no_desk() -> Away:
    return Away("desk_away", "The desk does not answer.", "Try again in a moment.")


def _read(answer: type[T], content: bytes) -> T:
    kind: Any = answer
    view: T = _adapter(kind).validate_json(content)
    return view


@cache
def _adapter(answer: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answer)
