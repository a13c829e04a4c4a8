"""Stands before every page: refuses what another site sends and what is too large, and says what a browser may do."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY = 256 * 1024
"""Bytes that a form may have: its longest texts, and room."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: under that, a browser sends a form without saying from which site it comes.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
TLS_ONLY = "max-age=31536000; includeSubDomains"


class Guard:
    """The outermost layer of the pages."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app, self._is_secure = app, is_secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or refuses it; every answer carries the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                answer.setdefault("Cache-Control", "no-store")
                if self._is_secure:
                    answer["Strict-Transport-Security"] = TLS_ONLY
            await send(message)

        if is_foreign(scope["method"], headers):
            refusal = PlainTextResponse("This was sent by another site, and was not done.", 403)
            await refusal(scope, receive, dressed)
        elif _length(headers) > BODY:
            await PlainTextResponse("This is too large.", 413)(scope, receive, dressed)
        else:
            await self._app(scope, _bounded(receive), dressed)


def is_foreign(method: str, headers: Headers) -> bool:
    """True if another site has a browser send this: a form posted from elsewhere, a page framed or fetched.

    Following a link from anywhere is none of that. What comes without either header comes from no browser of today,
    and carries no cookie that was not put there on purpose.
    """
    site = headers.get("sec-fetch-site")
    if method in SAFE:
        is_visit = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return site in ("cross-site", "same-site") and not is_visit
    if site is not None:
        return site != "same-origin"
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def _length(headers: Headers) -> int:
    try:
        return int(headers.get("content-length", "0"))
    except ValueError:
        return BODY + 1


class TooLarge(Exception):
    """A body that is longer than what was said of it, or than it may be."""


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY:
            raise TooLarge
        return message

    return counted
