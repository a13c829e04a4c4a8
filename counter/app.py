"""The application that answers: a route for each published service, each request checked in the same order."""

import inspect
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from counter.bearer import Resolver, Resolvers
from counter.bodies import FILE_WITHIN, Body, Pieces, Stream, head_of, whole
from counter.calling import Calling
from counter.problems import busy, internal, problem_in, response_to
from counter.protocol import ADDRESS, JSON, STREAM, path_of
from counter.published import CHUNKS, Published, published
from counter.rates import Rates
from desk.office import Office
from domain.actors import Actor
from domain.errors import Invalid, NotFound, Problem, Refused
from domain.signin.bearer import Bearer, not_signed_in
from domain.signin.visitor import visitor_of
from domain.vocabulary import Door
from kit.process.logs import get_logger
from words import Words

log = get_logger(__name__)

STREAMS = 8
"""Files under way at once: the other threads are left to those who read and write."""


class Counter:
    """Serves requests at one office."""

    def __init__(
        self, office: Office, resolvers: Resolvers, rates: Rates | None = None, calling: Calling | None = None
    ) -> None:
        self._office, self._resolvers = office, resolvers
        self._rates, self._calling = rates or Rates(), calling or Calling()
        self._streams = 0

    def application(self, ready: Callable[[], Mapping[str, bool | str]]) -> Starlette:
        """The application; `ready` tells what it reaches, and may wait."""

        async def readyz(_request: Request) -> Response:
            checks = dict(await self._calling.call(ready))
            return JSONResponse(checks, 200 if all(check is True for check in checks.values()) else 503)

        async def livez(_request: Request) -> Response:
            return PlainTextResponse("ok\n")

        routes = [
            Route(path_of(name), partial(self._answer, service), methods=["POST"])
            for name, service in published().items()
        ]
        routes += [Route("/livez", livez), Route("/readyz", readyz)]
        refusals: Mapping[Any, ExceptionHandler] = {404: _no_such_service, 405: _not_allowed}
        return Starlette(routes=routes, exception_handlers=refusals)

    async def _answer(self, service: Published, request: Request) -> Response:
        words = words_of(request)
        try:
            return await self._served(service, request, words)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody is there to read it
        except Exception as error:
            problem = problem_in(error)
            if problem is None:
                log.error("request_failed", service=service.name, exc_info=True)
                problem = internal()
            return _closing(response_to(problem, words))

    async def _served(self, service: Published, request: Request, words: Words) -> Response:
        _require_type(request, STREAM if service.takes_stream else JSON)
        given = await self._given(service, request)
        if service.takes_words():
            given["words"] = words
        if not (service.takes_stream or service.gives_stream):
            asked = service.request.model_validate_json(await whole(request))
            content = await self._calling.call(lambda: _rendered(service, given | _fields(asked)))
            return _json(content)
        if self._streams >= STREAMS:
            raise busy()
        self._streams += 1
        with ExitStack() as under_way:
            under_way.callback(self._stream_ended)
            if service.takes_stream:
                return await self._taken(service, request, given)
            stream = await self._give(service, request, given)
            stream.ended = under_way.pop_all().close  # it is on its way only when it is sent
            return stream

    async def _given(self, service: Published, request: Request) -> dict[str, Any]:
        """What a service is given of who asks it: counted, and with the account as it stands now."""
        given: dict[str, Any] = {"office": self._office}
        if service.takes_visitor():
            agent = request.headers.get("user-agent", "")
            given["visitor"] = visitor_of(request.headers.get(ADDRESS, ""), agent)
        if service.of_nobody:
            self._rates.count(given["visitor"].place, service.kind)
            return given
        bearer = await self._bearer(service, _token_of(request))
        actor = bearer.actor
        if actor is None:
            raise Refused("no_account", "Only an account may do this.", "Sign in, then do it again.")
        self._rates.count(actor.account, service.kind)
        if bearer.door is Door.CAPABILITY and not service.by_capability:
            await self._calling.call(lambda: _refuse_by_link(self._office, actor))
        given |= {"office": self._office.through(bearer.door), "actor": actor}
        if service.takes_session():
            if bearer.session is None:
                raise not_signed_in()
            given["session"] = bearer.session
        return given

    async def _bearer(self, service: Published, token: str) -> Bearer:
        try:
            return await self._resolved(self._resolvers.full, token)
        except Refused:
            if not service.adds_means:
                raise
        return await self._resolved(self._resolvers.enrolling, token)

    async def _resolved(self, resolver: Resolver, token: str) -> Bearer:
        bearer: Bearer = await self._calling.call(lambda: resolver(self._office, token))
        return bearer

    def _stream_ended(self) -> None:
        self._streams -= 1

    async def _taken(self, service: Published, request: Request, given: dict[str, Any]) -> Response:
        """Takes a file in, which is read no faster than it is sealed and written."""
        body = Body(request, FILE_WITHIN)
        head, rest = await head_of(body)
        fields = _fields(service.request.model_validate_json(head))
        fields[CHUNKS] = Pieces(rest, body)
        content = await self._calling.call(lambda: _rendered(service, given | fields), within=FILE_WITHIN)
        return _json(content)

    async def _give(self, service: Published, request: Request, given: dict[str, Any]) -> Stream:
        """Gives a file out. What keeps it from being given is told before its first byte."""
        asked = service.request.model_validate_json(await whole(request))
        download = await self._calling.call(lambda: service.function(**given, **_fields(asked)))
        first = await self._calling.call(lambda: next(download.content, None))
        return Stream(download.view.model_dump_json().encode(), first, download, self._calling)

    def close(self) -> None:
        """Takes no more requests."""
        self._calling.close()


def _refuse_by_link(office: Office, actor: Actor) -> None:
    with office.noting_denials(actor):
        raise Refused("not_by_link", "This cannot be done by a link.", "Sign in, then do it again.")


def _fields(asked: BaseModel) -> dict[str, Any]:
    """What a request gives, as values: a model that stands in it stays one."""
    return {name: getattr(asked, name) for name in type(asked).model_fields}


def _rendered(service: Published, arguments: dict[str, Any]) -> Any:
    """Calls a service and renders its answer, in the thread that called it."""
    answer = service.function(**arguments)
    if not inspect.isawaitable(answer):
        return service.view.dump_json(answer)

    async def wait() -> bytes:
        return service.view.dump_json(await answer)

    return wait()


def words_of(request: Request) -> Words:
    """The language that a request asks for: French, unless it is English."""
    return Words("en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "fr")


def _token_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise not_signed_in()
    return token.strip()


def _require_type(request: Request, wanted: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise Invalid("wrong_type", "This is not sent in this form.", "Send it as {type}.", type=wanted)


def _json(content: bytes) -> Response:
    return Response(content, media_type=JSON, headers={"Cache-Control": "no-store"})


def _closing(response: Response) -> Response:
    """Ends the connection after a refusal: the rest of its request may still be on the way, and nobody reads it."""
    response.headers["Connection"] = "close"
    return response


async def _no_such_service(request: Request, _error: Exception) -> Response:
    problem = NotFound("no_such_service", "There is no such service here.", "")
    return _closing(response_to(problem, words_of(request)))


async def _not_allowed(request: Request, _error: Exception) -> Response:
    return _closing(response_to(Problem("not_allowed", "Services are asked by POST.", ""), words_of(request)))
