"""The stack: brought up, with stories told on it, and its database brought to this version."""

import asyncio
import shlex
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from cli.options import DataOption, JsonOption
from cli.say import Usage, _, answering, as_json, complaints, console, wait_for
from cli.stack.place import find
from kit.settings import Settings

if TYPE_CHECKING:
    from cli.stack.embedded import Running

PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help=_("Port of /livez, /readyz and /metrics; 0: any."))
]
TemporalPortOption = Annotated[
    int, typer.Option("--temporal-port", min=0, max=65535, help=_("Port of the engine; 0: any."))
]
WebPortOption = Annotated[
    int,
    typer.Option("--web-port", min=0, max=65535, envvar="ABOUTIR_WEB_PORT", help=_("Port of the pages; 0: any.")),
]


_REFILL = {
    "book": _("The book is new, and the engine knows of cases. Bring them back: starter.py rebuild --from histories."),
    "engine": _("The engine is new, and the book holds cases. Start them again: starter.py rebuild --from book."),
}


def up(
    data: DataOption = None,
    port: PortOption = 8080,
    temporal_port: TemporalPortOption = 7233,
    web_port: WebPortOption = 8000,
    new_book: Annotated[
        bool, typer.Option("--new-book", help=_("Start an empty book in a folder whose book is lost for good."))
    ] = False,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        wait_for(_up(folder_of(data), port, temporal_port, web_port, machine, new_book=new_book))


def demo(
    data: DataOption = None,
    port: PortOption = 8080,
    temporal_port: TemporalPortOption = 7233,
    web_port: WebPortOption = 8000,
    leave_when_told: Annotated[bool, typer.Option("--exit", help=_("End when the stories are told."))] = False,
) -> None:
    with answering(machine=False):
        folder = folder_of(data)
        life = _up(folder, port, temporal_port, web_port, machine=False, story=True, leave_when_told=leave_when_told)
        wait_for(life)


def folder_of(data: Path | None) -> Path:
    """The folder of the embedded stack."""
    return (data or Settings().data).absolute()


async def _up(
    folder: Path,
    port: int,
    temporal_port: int,
    web_port: int,
    machine: bool,
    *,
    new_book: bool = False,
    story: bool = False,
    leave_when_told: bool = False,
) -> None:
    from cli.stack.embedded import Stopped, embedded, stop_on_signals

    if port and port == temporal_port:
        raise Usage(
            "same_port",
            "Port {port} is given twice.",
            "Choose another with --temporal-port N, or --temporal-port 0 for any free one.",
            field="temporal_port",
            port=port,
        )

    def told(name: str, event: str) -> None:
        if machine:
            return
        with suppress(OSError):  # the terminal is gone; what is told of being stopped must not keep from stopping
            complaints.print(Text(_("{name}: {event}", name=_(name), event=_(event)), "dim"))

    stop = stop_on_signals()
    with suppress(Stopped):
        async with embedded(
            folder, port, temporal_port, told, stop, skips_time=story, new_book=new_book, web_port=web_port
        ) as running:
            _say_up(running, machine)
            if story:
                await _tell(running, stop)
                if leave_when_told:
                    return
            if not machine:
                console.print(Text(_("Ctrl-C stops it."), "dim"))
            await stop.wait()


def _say_up(running: "Running", machine: bool) -> None:
    engine, http, folder = running.settings.temporal_address, running.http, str(running.folder)
    if machine:
        desk, web = str(running.settings.desk_socket), running.settings.public_url
        as_json({"temporal": engine, "http": http, "data": folder, "desk": desk, "web": web})
        return
    where = _("Engine {engine}, health {http}/readyz, data in {data}.", engine=engine, http=http, data=folder)
    console.print(Text.assemble((_("Aboutir is up."), "bold green"), "  ", where))
    if running.lacks is not None:
        console.print(Text(_REFILL[running.lacks], "bold red"))


async def _tell(running: "Running", stop: asyncio.Event) -> None:
    from cli.demo.sleep import tell_of_sleep
    from cli.demo.story import tell
    from cli.stack.embedded import or_stopped
    from desk.office import Office

    office = Office(running.database, running.settings, running.settings.temporal_address)
    references = await or_stopped(tell(office, datetime.now(UTC)), stop)
    references.append(await or_stopped(tell_of_sleep(office), stop))
    office.keys.close()
    _print_links(running)
    where = "" if running.folder == folder_of(None) else f" --data {shlex.quote(str(running.folder))}"
    console.print(_("Look at them:"))
    console.print(f"  starter.py list --as superviseur{where}")
    console.print(f"  starter.py show {references[0]} --as superviseur{where}")


def _print_links(running: "Running") -> None:
    """The address of the pages and, for each fictitious account, one that signs it in once."""
    from cli.stack.embedded import STARTER_ACCOUNTS
    from desk.office import Office
    from desk.signin.invitations import sign_in_link
    from domain.actors import OPERATOR

    office = Office(running.database, running.settings, None, running.folder)
    console.print(_("The pages are at {address}. Each of these signs in once:", address=running.settings.public_url))
    for actor in STARTER_ACCOUNTS:
        address = sign_in_link(office, OPERATOR, actor.account).address or ""
        console.print(Text.assemble(f"  {actor.account:20}", (address, "cyan")))


def migrate(data: DataOption = None, machine: JsonOption = False) -> None:
    from models.keys import asking, vault_of
    from models.migrate import VAULT, wanted_revision
    from models.migrate import migrate as upgrade

    with answering(machine):
        office = find(data).as_owner()
        with office.reading():
            pass  # is it there at all?
        changed = [upgrade(office.database)]
        with closing(vault_of(office.settings)) as vault, asking():
            changed.append(VAULT.migrate(vault))
        if machine:
            as_json({"revision": wanted_revision(), "changed": any(changed)})
        else:
            console.print(_("The database is at revision {revision}.", revision=wanted_revision()))
