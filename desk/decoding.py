"""The service by which the engine's own pages and tool show a case decoded: to auditors, who stand in the journal."""

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
    """Serves until the block ends. Raises Invalid without a reason, Refused for whoever is no auditor, PortInUse.

    With an `origin` there are two tokens: one for the engine's tool, which says why at each request, and one for its
    pages, which cannot: it stands in the address that they are given, and is bound to the reason given here.
    """
    if not why.strip():
        raise Invalid("no_reason", "No reason was given.", "Say why: it stands in the access journal.", field="why")
    if actor.role is not Role.AUDITOR:
        raise Refused("decode_for_auditors", "Cases are decoded for auditors only.", "Ask one of them.", field="as")
    with office.writing() as tx:
        journal.note(tx, office.keys.of(JOURNAL), actor, Access.DECODE, why=why)
        token = make_token(tx, actor, tool_lasts)
        of_page = make_token(tx, actor, page_lasts) if origin else None
    page = Page(digest_of(of_page), why) if of_page else None
    server = DecodeServer(*at, decode=Decoder(office, page), origin=origin)
    try:
        server.start()
        endpoint = f"http://{LOOPBACK}:{server.port}"  # of this machine, or of one that a tunnel leads from
        yield Decoding(endpoint=endpoint, token=token, page=f"{endpoint}/s/{of_page}" if of_page else None)
    finally:
        server.stop()
        with office.writing() as tx:
            for made in filter(None, (token, of_page)):
                revoke(tx, made)


@dataclass(frozen=True)
class Page:
    """The token of the engine's pages: known by its digest, for one reason, for as long as this process lasts."""

    digest: str
    why: str


class Decoder:
    """Opens payloads for whoever bears a token: each case of a request is noted before anything of it is told."""

    def __init__(self, office: Office, page: Page | None = None) -> None:
        self._office, self._page = office, page

    def __call__(self, token: str, reason: str | None, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads in clear. Raises NotAllowed."""
        reason = self._reason(token, reason)
        try:
            self._note(token, reason, sorted({name for name in map(key_name, payloads) if name is not None}))
            return [opened(payload, self._office.keys.of) for payload in payloads]
        except CaseErased:
            raise NotAllowed(HTTPStatus.GONE) from None
        except NotFound:
            raise NotAllowed(HTTPStatus.UNAUTHORIZED) from None

    def _note(self, token: str, reason: str, names: Sequence[str]) -> None:
        """Checks who bears the token, and notes each case of the request. `names` are those of the keys it takes."""
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
        """The reason for the request. A token is good only for the way of asking that it was made for."""
        page = self._page if self._page and hmac.compare_digest(self._page.digest, digest_of(token)) else None
        if (page is None) != (reason is not None):
            raise NotAllowed(HTTPStatus.UNAUTHORIZED)
        return page.why if page else reason or ""
