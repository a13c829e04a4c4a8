"""Serving cases decoded to the engine's own pages and tool, until told to stop."""

import threading
from datetime import timedelta
from signal import SIGINT, SIGTERM, signal

from rich.text import Text

from cli.asking import misuse
from cli.say import _, as_json, console
from desk.decoding import decoding
from desk.office import Office
from desk.views.decoding import Decoding
from domain.actors import Actor
from kit.engine.decoding import REASON_HEADER


def serve(
    office: Office,
    actor: Actor,
    why: str,
    *,
    at: tuple[str, int],
    origin: str | None,
    hours: int,
    page_hours: int,
    machine: bool,
) -> None:
    """Serves until told to stop. The hours are those for which the token and the address of the pages are good."""
    stop = _told_to_stop()
    lasts = {"tool_lasts": timedelta(hours=hours), "page_lasts": timedelta(hours=page_hours)}
    with misuse(), decoding(office, actor, why, at=at, origin=origin, **lasts) as service:
        if machine:
            as_json(service)
        else:
            _print(service, page_hours)
        stop.wait()


def _print(service: Decoding, page_hours: int) -> None:
    console.print(Text(_("Decoding at {endpoint}, until Ctrl-C.", endpoint=service.endpoint), "bold"))
    console.print(f"  temporal workflow show --workflow-id REF --codec-endpoint {service.endpoint} \\")
    console.print(f'    --codec-auth "Bearer {service.token}" --codec-header "{REASON_HEADER}=..."')
    if service.page is not None:
        template = "In the pages, as the endpoint of the codec server, for {hours} h. Whoever has it reads as you do:"
        console.print(Text(_(template, hours=page_hours)))
        console.print(f"  {service.page}", soft_wrap=True)


def _told_to_stop() -> threading.Event:
    """Set by a signal: listened for before there is a token, or a service that is stopped early leaves one behind."""
    stop = threading.Event()
    for number in (SIGINT, SIGTERM):
        signal(number, lambda *_: stop.set())
    return stop
