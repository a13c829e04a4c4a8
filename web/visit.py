"""A visit: one request of somebody, with their language, their session, and the desk that is asked in their name."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from counter.client.services import Desk
from words import Words

LANGUAGES = ("fr", "en")
LANGUAGE_COOKIE = "langue"
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
    """The name of the cookie that holds a session's token. Under TLS, one that no other host can have set."""
    return "__Host-session" if request.app.state.settings.is_secure else "session"


def language_of(request: Request) -> str:
    """The language of a request: the one that was chosen, else the first of the browser's that there is."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
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
