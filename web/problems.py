"""Pages for what went wrong: in words, with the remedy, and never with a traceback."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from domain.errors import Away, Invalid, NotFound, Problem, Refused
from kit.process.logs import get_logger
from web.drawing import bare_page
from web.guard import SAFE, TooLarge
from web.visit import Visit, language_of
from words import Words

log = get_logger("pages")

STATUS: Mapping[type[Problem], int] = {Invalid: 422, NotFound: 404, Refused: 403, Away: 503}
SIGN_IN = "/connexion"
GIVEN_BACK = ("/accueillir", "/dossiers/")
"""Beginnings of the addresses of forms that are given back when the desk is away. What signs in is kept nowhere."""
SIGNED_OUT = "not_signed_in"
"""The code of the refusal that whoever is not signed in gets."""


def status_of(problem: Problem) -> int:
    """The status by which a problem is told."""
    return next((status for kind, status in STATUS.items() if isinstance(problem, kind)), 500)


def install(app: FastAPI) -> None:
    """Has every problem told as a page."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(Exception, _bug)


def _page(request: Request, problem: Problem, status: int) -> HTMLResponse:
    visit: Visit | None = getattr(request.state, "visit", None)
    words = visit.words if visit else Words(language_of(request))
    wording = words.problem(problem)
    plain = visit or Visit(request, words, None, False)  # type: ignore[arg-type] # nobody is asked any more
    answer = bare_page(plain, "problem.html", status=status, wording=wording, is_away=isinstance(problem, Away))
    if problem.retryable:
        answer.headers["Retry-After"] = "2"
    return answer


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - it is registered for nothing else
    if error.code == SIGNED_OUT:
        return RedirectResponse(to_sign_in(request), 303) if request.method in SAFE else await _kept(request)
    if isinstance(error, Away) and request.method not in SAFE and request.url.path.startswith(GIVEN_BACK):
        return await _given_back(request, error)
    return _page(request, error, status_of(error))


async def _kept(request: Request) -> Response:
    """The sign-in page for whoever sent a form after their session had ended: it keeps what they typed."""
    back, kept = request.url.path, await _typed_into(request)
    return bare_page(request.state.visit, "sign_in.html", status=401, back=back, problem=None, typed="", kept=kept)


async def _given_back(request: Request, problem: Away) -> Response:
    """What was typed, to be sent again, for whoever sent a form while the desk was away."""
    visit: Visit = request.state.visit
    wording, kept = visit.words.problem(problem), await _typed_into(request)
    answer = bare_page(visit, "given_back.html", status=503, back=request.url.path, kept=kept, problem=wording)
    answer.headers["Retry-After"] = "2"
    return answer


async def _typed_into(request: Request) -> list[tuple[str, str]]:
    form = await request.form()
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def to_sign_in(request: Request) -> str:
    """The address of the sign-in page, which comes back here. What stands after the path is codes only."""
    where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return SIGN_IN if where == "/" else f"{SIGN_IN}?{urlencode({'retour': where})}"


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    problem = (
        NotFound("no_such_page", "There is no such page.", "Go back to the first page.")
        if status == 404
        else Problem("not_allowed_here", "This cannot be done here.", "Go back to the first page.")
    )
    answer = _page(request, problem, status)
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


async def _not_understood(request: Request, error: Exception) -> Response:  # noqa: ARG001 - what was sent is not told
    problem = Invalid("not_understood", "This address or form is not complete.", "Go back, and try again.")
    return _page(request, problem, 422)


async def _too_large(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return _page(request, Problem("too_large", "This is too large.", "Send less at once."), 413)


async def _bug(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the server logs it
    problem = Problem(
        "internal",
        "Something went wrong on our side.",
        "Try again; if it happens again, tell whoever runs this service, with the time.",
    )
    return _page(request, problem, 500)
