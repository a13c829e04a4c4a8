"""A visit: one request of somebody, with their language, their session, and the desk that is asked in their name."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict

from fastapi import Depends, Request

from counter.client.services import Desk
from words import Words

LANGUAGES = ("fr", "en")
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,200}")


@dataclass(frozen=True)
class Visit:
    """One request. `desk` answers for the session of its cookie, if it has one."""

    request: Request
    words: Words
    desk: Desk
    is_signed_in: bool
    """True if there is a session to ask with; the desk alone knows whether it is alive."""


def session_cookie(request: Request) -> str:
    """The name of the cookie that holds a session's token."""
    return _cookie(request, "session")


def language_cookie(request: Request) -> str:
    """The name of the cookie that holds the language which was chosen on this device."""
    return _cookie(request, "langue")


def _cookie(request: Request, name: str) -> str:
    """The name of a cookie. Under TLS, one that no other host can have set."""
    return f"__Host-{name}" if request.app.state.settings.is_secure else name


class CookieTerms(TypedDict):
    """The terms on which a browser keeps a cookie."""

    path: str
    httponly: bool
    samesite: Literal["lax"]
    secure: bool


def cookie_terms(request: Request) -> CookieTerms:
    """The terms of every cookie, also of one that is let go of: without them a browser takes none of these names."""
    # Lax: a link in a mail leads to the page that it names. What changes anything is a form of these pages.
    return {"path": "/", "httponly": True, "samesite": "lax", "secure": request.app.state.settings.is_secure}


def language_of(request: Request) -> str:
    """The language of a request: the one that was chosen, else the first of the browser's that there is."""
    chosen = request.cookies.get(language_cookie(request))
    if chosen in LANGUAGES:
        return chosen
    wanted = (part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(","))
    return next((code for code in wanted if code in LANGUAGES), LANGUAGES[0])


def _token(request: Request) -> str | None:
    """The token of the visit's session; None for a cookie that can be none."""
    token = request.cookies.get(session_cookie(request), "")
    return token if _TOKEN.fullmatch(token) else None


def _sendable(text: str) -> str:
    """What can be sent on in a header of a text that anybody may have chosen."""
    return "".join(letter for letter in text if " " <= letter <= "~").strip()


async def visit(request: Request) -> AsyncIterator[Visit]:
    """The visit of a request, for as long as it is answered."""
    token, language = _token(request), language_of(request)
    address = _sendable(request.client.host if request.client else "")
    device = _sendable(request.headers.get("user-agent", ""))[:200]
    socket = request.app.state.settings.desk_socket
    async with Desk(socket, token, language=language, address=address, device=device) as desk:
        made = Visit(request, Words(language), desk, token is not None)
        request.state.visit = made
        yield made


Visiting = Annotated[Visit, Depends(visit, scope="function")]
"""The visit, for a page."""
