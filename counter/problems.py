"""Problems as documents (RFC 9457): in the language of the request, and in templates for pages that word them."""

import json
from collections.abc import Mapping

from pydantic import ValidationError
from starlette.responses import Response

from counter.protocol import MEMBER, PROBLEM
from domain.errors import Away, Invalid, NotFound, Problem, Refused, TooMany
from kit.errors import StackError
from words import Words
from words.problems import invalid

_STATUS: Mapping[type[Problem], int] = {Invalid: 422, NotFound: 404, Refused: 403, Away: 503, TooMany: 429}
_BY_CODE: Mapping[str, int] = {
    "not_signed_in": 401,
    "no_such_service": 404,
    "not_allowed": 405,
    "body_late": 408,
    "body_too_large": 413,
    "wrong_type": 415,
}
RETRY_AFTER = 2
"""Seconds after which an outage may be over."""


def response_to(problem: Problem, words: Words) -> Response:
    """The answer that tells a problem."""
    status = _BY_CODE.get(problem.code) or next(
        (status for kind, status in _STATUS.items() if isinstance(problem, kind)), 500
    )
    wording = words.problem(problem)
    document = {
        "type": f"urn:aboutir:problem:{problem.code}",
        "title": wording.message,
        "status": status,
        "detail": wording.remedy,
        "code": problem.code,
        "field": problem.field,
        "action": problem.action,
        "retryable": problem.retryable,
        MEMBER: problem.as_dict(),
    }
    headers = {"Cache-Control": "no-store"}
    if problem.retryable:
        headers["Retry-After"] = str(problem.wait if isinstance(problem, TooMany) else RETRY_AFTER)
    content = json.dumps(document, ensure_ascii=False).encode()
    return Response(content, status, headers, media_type=PROBLEM)


def problem_in(error: Exception) -> Problem | None:
    """The problem that an error is for whoever asked; None for one that is a fault of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationError):
        return invalid(error)
    if isinstance(error, StackError):
        # The remedy is for whoever runs the service: it names files and settings.
        return Away("unavailable", "A part of this service does not answer.", "Try again in a moment.")
    return None


def internal() -> Problem:
    """The problem of a fault of ours: what failed stands in the log, and in no answer."""
    return Problem(
        "internal",
        "Something went wrong on our side.",
        "Try again; if it happens again, tell whoever runs this service, with the time.",
    )


def busy() -> Away:
    """The refusal of a request that would have to wait for too many others."""
    return Away("busy", "Too much is asked at once.", "Try again in a moment.")


def slow() -> Away:
    """The refusal of a request that was not answered in time."""
    return Away(
        "no_answer_in_time",
        "There was no answer in time. What was sent may still be recorded.",
        "Try again in a moment, under the same id where it has one: it will not count twice.",
    )
