"""The service by which the engine's own pages and tool show a case decoded: to auditors, who stand in the journal."""

import hmac
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from signal import SIGINT, SIGTERM, signal

from rich.text import Text
from temporalio.api.common.v1 import Payload

from cli.say import Usage, _, as_json, console
from desk.office import Office
from domain.errors import NotFound, Refused
from domain.values import is_reference
from domain.vocabulary import Role
from kit.crypto.codec import key_name, opened
from kit.engine.decoding import REASON_HEADER, DecodeServer, NotAllowed
from models import journal
from models.cases import find_case
from models.decoders import bearer, digest_of, make_token, revoke
from models.journal import Access
from models.keys import JOURNAL, CaseErased

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Lasts:
    """For how many hours each way of asking is open."""

    tool: int
    page: int


def serve(
    office: Office, account: str, why: str, at: tuple[str, int], origin: str | None, lasts: Lasts, machine: bool
) -> None:
    """Serves until told to stop. Raises Refused for whoever is no auditor, PortInUse.

    With an `origin` there are two tokens: one for the engine's tool, which says why at each request, and one for its
    pages, which cannot: it stands in the address that they are given, and is bound to the reason given here.
    """
    if not why.strip():
        raise Usage("no_reason", "No reason was given.", "Say why: it stands in the access journal.", field="why")
    actor = office.actor(account)
    if actor.role is not Role.AUDITOR:
        raise Refused("decode_for_auditors", "Cases are decoded for auditors only.", "Ask one of them.", field="as")
    stop = _told_to_stop()
    with office.writing() as tx:
        journal.note(tx, office.keys.of(JOURNAL), actor, Access.DECODE, why=why)
        token = make_token(tx, actor, timedelta(hours=lasts.tool))
        of_page = make_token(tx, actor, timedelta(hours=lasts.page)) if origin else None
    page = Page(digest_of(of_page), why) if of_page else None
    server = DecodeServer(*at, decode=Decoder(office, page), origin=origin)
    try:
        server.start()
        endpoint = f"http://{LOOPBACK}:{server.port}"  # of this machine, or of one that a tunnel leads from
        _say(endpoint, token, f"{endpoint}/s/{of_page}" if of_page else None, lasts, machine)
        stop.wait()
    finally:
        server.stop()
        with office.writing() as tx:
            for given in filter(None, (token, of_page)):
                revoke(tx, given)


def _say(endpoint: str, token: str, page: str | None, lasts: Lasts, machine: bool) -> None:
    if machine:
        as_json({"endpoint": endpoint, "token": token, "page": page})
        return
    console.print(Text(_("Decoding at {endpoint}, until Ctrl-C.", endpoint=endpoint), "bold"))
    console.print(f"  temporal workflow show --workflow-id REF --codec-endpoint {endpoint} \\")
    console.print(f'    --codec-auth "Bearer {token}" --codec-header "{REASON_HEADER}=..."')
    if page is not None:
        said = _("In the pages, as the endpoint of the codec server, for {hours} h. Whoever has it reads as you do:",
                 hours=lasts.page)  # fmt: skip
        console.print(Text(said))
        console.print(f"  {page}", soft_wrap=True)


def _told_to_stop() -> threading.Event:
    """Set by a signal: listened for before there is a token, or a service that is stopped early leaves one behind."""
    stop = threading.Event()
    for number in (SIGINT, SIGTERM):
        signal(number, lambda *_: stop.set())
    return stop


@dataclass(frozen=True)
class Page:
    """What the engine's pages may ask with: known by its digest, for one reason, for as long as this process lasts."""

    digest: str
    why: str


class Decoder:
    """Opens payloads for whoever bears a token: each case of a request is noted before anything of it is told."""

    def __init__(self, office: Office, page: Page | None = None) -> None:
        self._place, self._page = office, page

    def __call__(self, token: str, reason: str | None, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads in clear. Raises NotAllowed."""
        keys = self._place.keys
        reason = self._reason(token, reason)
        try:
            with self._place.writing() as tx:
                actor = bearer(tx, token)
                if actor is None:
                    raise NotAllowed(HTTPStatus.UNAUTHORIZED)
                for name in sorted({name for name in map(key_name, payloads) if name is not None}):
                    reference = name if is_reference(name) else None
                    if reference is not None and find_case(tx, actor, reference) is None:
                        raise NotAllowed(HTTPStatus.NOT_FOUND)
                    journal.note(tx, keys.of(JOURNAL), actor, Access.DECODE, reference=reference, why=reason)
            return [opened(payload, keys.of) for payload in payloads]
        except CaseErased:
            raise NotAllowed(HTTPStatus.GONE) from None
        except NotFound:
            raise NotAllowed(HTTPStatus.UNAUTHORIZED) from None

    def _reason(self, token: str, said: str | None) -> str:
        """Why it is asked. A token is good for the one way that it was made for."""
        page = self._page if self._page and hmac.compare_digest(self._page.digest, digest_of(token)) else None
        if (page is None) != (said is not None):
            raise NotAllowed(HTTPStatus.UNAUTHORIZED)
        return page.why if page else said or ""
