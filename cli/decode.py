"""The service by which the engine's own pages and tool show a case decoded: to auditors, who stand in the journal."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from signal import SIGINT, SIGTERM, signal

from rich.text import Text
from temporalio.api.common.v1 import Payload

from cli.place import Place
from cli.say import _, as_json, console
from domain.errors import NotFound, Refused
from domain.values import is_reference
from domain.vocabulary import Role
from kit.codec import key_name, opened
from kit.decoding import REASON_HEADER, DecodeServer, NotAllowed
from models import journal
from models.cases import find_case
from models.decoders import bearer, make_token, revoke
from models.journal import Access
from models.keys import JOURNAL, CaseErased

HOST = "127.0.0.1"


def serve(place: Place, account: str, why: str, port: int, origin: str | None, hours: int, machine: bool) -> None:
    """Serves until told to stop. Raises Refused for whoever is no auditor, PortInUse."""
    actor = place.actor(account)
    if actor.role is not Role.AUDITOR:
        raise Refused("decode_for_auditors", "Cases are decoded for auditors only.", "Ask one of them.", field="as")
    with place.writing() as tx:
        journal.note(tx, place.keys.of(JOURNAL), actor, Access.DECODE, why=why)
        token = make_token(tx, actor, timedelta(hours=hours))
    server = DecodeServer(HOST, port, decode=Decoder(place), origin=origin)
    server.start()
    try:
        _say(f"http://{HOST}:{server.port}", token, machine)
        _until_told()
    finally:
        server.stop()
        with place.writing() as tx:
            revoke(tx, token)


def _say(endpoint: str, token: str, machine: bool) -> None:
    if machine:
        as_json({"endpoint": endpoint, "token": token})
        return
    console.print(Text(_("Decoding at {endpoint}, until Ctrl-C.", endpoint=endpoint), "bold"))
    console.print(f"  temporal workflow show --workflow-id REF --codec-endpoint {endpoint} \\")
    console.print(f'    --codec-auth "Bearer {token}" --codec-header "{REASON_HEADER}=..."')


def _until_told() -> None:
    stop = threading.Event()
    for number in (SIGINT, SIGTERM):
        signal(number, lambda *_: stop.set())
    stop.wait()


class Decoder:
    """Opens payloads for whoever bears a token: each case of a request is noted before anything of it is told."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def __call__(self, token: str, reason: str, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads in clear. Raises NotAllowed."""
        keys = self._place.keys
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
