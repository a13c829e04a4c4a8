"""A service that decrypts cases for the engine's own pages and tool: for auditors only, and noted in the journal."""

import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from temporalio.api.common.v1 import Payload

from desk.office import Office
from desk.views.decoding import Decoding
from domain.actors import Actor
from domain.errors import Invalid, NotFound, Refused
from domain.values import is_reference
from domain.vocabulary import Role
from kit.crypto.codec import key_name, opened
from kit.engine.decoding import DecodeServer, NotAllowed
from models import journal
from models.cases import find_case
from models.decoders import bearer, digest_of, make_token, revoke
from models.journal import Access
from models.keys import JOURNAL, CaseErased

LOOPBACK = "127.0.0.1"


@contextmanager
def decoding(
    office: Office,
    actor: Actor,
    why: str,
    *,
    at: tuple[str, int],
    origin: str | None,
    tool_lasts: timedelta,
    page_lasts: timedelta,
) -> Iterator[Decoding]:
    """Serves until the block ends. Raises Invalid without a reason, Refused for anybody but an auditor, PortInUse.

    With an `origin` there are two tokens. The engine's tool sends the first, with a reason in each request. Its
    pages can send neither: the second stands in the address that they are given, for the reason `why`.
    """
    if not why.strip():
        raise Invalid("no_reason", "No reason was given.", "Say why: it stands in the access journal.", field="why")
    with office.writing_as(actor) as (tx, actor):
        if actor.role is not Role.AUDITOR:
            raise Refused("decode_for_auditors", "Cases are decoded for auditors only.", "Ask one of them.", field="as")
        journal.note(tx, office.keys.of(JOURNAL), actor, Access.DECODE, why=why)
        tool_token = make_token(tx, actor, tool_lasts)
        page_token = make_token(tx, actor, page_lasts) if origin else None
    page = Page(digest_of(page_token), why) if page_token else None
    server = DecodeServer(*at, decode=Decoder(office, page), origin=origin)
    try:
        server.start()
        endpoint = f"http://{LOOPBACK}:{server.port}"  # the loopback of this machine, or of one with a tunnel to it
        page_address = f"{endpoint}/s/{page_token}" if page_token else None
        yield Decoding(endpoint=endpoint, token=tool_token, page=page_address)
    finally:
        server.stop()
        with office.writing() as tx:
            for token in filter(None, (tool_token, page_token)):
                revoke(tx, token)


@dataclass(frozen=True)
class Page:
    """The token of the engine's pages, kept as a digest, and the one reason for which it is good in this process."""

    digest: str
    why: str


class Decoder:
    """Decrypts payloads for whoever bears a token: each case of a request is noted before it is returned."""

    def __init__(self, office: Office, page: Page | None = None) -> None:
        self._office, self._page = office, page

    def __call__(self, token: str, reason: str | None, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads in clear. Raises NotAllowed."""
        reason = self._reason(token, reason)
        try:
            self._check_and_note(token, reason, sorted({name for name in map(key_name, payloads) if name is not None}))
            return [opened(payload, self._office.keys.of) for payload in payloads]
        except CaseErased:
            raise NotAllowed(HTTPStatus.GONE) from None
        except NotFound:
            raise NotAllowed(HTTPStatus.UNAUTHORIZED) from None

    def _check_and_note(self, token: str, reason: str, names: Sequence[str]) -> None:
        """Checks who bears the token, and notes each key that the request needs: a case's is named by its reference."""
        with self._office.writing() as tx:
            actor = bearer(tx, token)
            if actor is None:
                raise NotAllowed(HTTPStatus.UNAUTHORIZED)
            for name in names:
                reference = name if is_reference(name) else None
                if reference is not None and find_case(tx, actor, reference) is None:
                    raise NotAllowed(HTTPStatus.NOT_FOUND)
                journal.note(tx, self._office.keys.of(JOURNAL), actor, Access.DECODE, reference=reference, why=reason)

    def _reason(self, token: str, reason: str | None) -> str:
        """The reason for the request: the one it gives or, for the token of the pages, which gives none, theirs.

        A token that comes in the way of the other is refused.
        """
        page = self._page if self._page and hmac.compare_digest(self._page.digest, digest_of(token)) else None
        if (page is None) != (reason is not None):
            raise NotAllowed(HTTPStatus.UNAUTHORIZED)
        return page.why if page else reason or ""
