"""A site as people have it before them: pages at an address of this machine, over a book full of fictitious cases."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from cli.demo.story import Story, filled, reference_of
from cli.stack.embedded import STARTER_ACCOUNTS
from counter.bearer import Resolvers
from counter.serving import serve_until
from desk.office import Office
from desk.signin.common import begin_session
from desk.signin.resolving import resolve, resolve_enrolling
from domain.actors import CLOCK
from domain.commands import COMMANDS
from domain.complaint import Complaint
from domain.parts.alert import PassDeadlines
from domain.parts.intake import Open
from domain.vocabulary import Means, Role
from kit.crypto.signing import make_signing_key
from kit.crypto.vault import KeyFile
from kit.settings import Settings
from kit.storage.database import Database, sqlite_url
from models.accounts import add_account
from models.migrate import VAULT, migrate
from tests.counter.serving import served
from tests.desk.scene import BookOffice, Clients
from tests.people import person
from tests.support.pictured import PICTURED
from web.app import application
from web.settings import PageSettings

NEWCOMER = person("nouveau", Role.CASE_WORKER, "equipe-neuve")
"""A case worker of a team that has no case yet."""
CASES = {each.key: reference_of(each.key) for each in PICTURED}
"""References of the cases that are there, by the key of their story."""


@dataclass(frozen=True)
class Site:
    """A site that answers at its address."""

    office: Office
    address: str

    def cookie(self, account: str) -> dict[str, str]:
        """The cookie of somebody who has signed in."""
        with self.office.writing() as tx:
            signed_in = begin_session(tx, self.office, account, Means.PASSKEY, "Chromium", datetime.now(UTC))
        return {"name": "session", "value": signed_in.token, "url": self.address}


@asynccontextmanager
async def site_in(folder: Path) -> AsyncIterator[Site]:
    """Serves pages over a full book, whose files are in the folder."""
    with (
        closing(Database(sqlite_url(folder / "book.db"))) as database,
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        address = f"http://localhost:{listening.getsockname()[1]}"
        office = _office(database, folder, address)
        await asyncio.to_thread(_fill, office)
        async with served(office, folder, resolvers=Resolvers(resolve, resolve_enrolling)) as place:
            app, stop = application(PageSettings(desk_socket=place)), asyncio.Event()
            config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
            serving = asyncio.create_task(serve_until(config, listening, stop))
            try:
                yield Site(office, address)
            finally:
                stop.set()
                await serving


def _office(database: Database, folder: Path, address: str) -> Office:
    settings = Settings(
        database_url=database.url.render_as_string(hide_password=False),
        vault_url=sqlite_url(folder / "keys.db"),
        master_key_file=folder / "master.key",
        data=folder,
        public_url=address,
        argon2_mb=19,
        argon2_rounds=2,
    )
    migrate(database)
    KeyFile.made_if_missing(folder / "master.key")
    make_signing_key(settings.seal_key_file)
    office = BookOffice(database, settings, engine=None)
    VAULT.migrate(office.keys.store)
    return office


def _fill(office: Office) -> None:
    with office.writing() as tx:
        for account in (*STARTER_ACCOUNTS, NEWCOMER):
            add_account(tx, account)
    clients = Clients(office)
    for each in PICTURED:
        _tell(office, clients, each)


def _tell(office: Office, clients: Clients, story: Story) -> None:
    """Commits a story as it happened, each line on its day; then its clock has rung as often as it had to."""
    now, reference = datetime.now(UTC), CASES[story.key]
    received = now - timedelta(days=story.received)

    def commit(command: Any, account: str, at: datetime) -> None:
        clients.commit(reference, command, office.actor(account), min(at, now))

    content = filled(story.complaint, received) | {"received_at": received, "fictitious": True}
    office.keys.mint(reference)
    commit(Open(complaint=Complaint.model_validate(content)), story.account, received)
    for number, scene in enumerate(story.scenes):
        at = received + timedelta(days=scene.day, minutes=5 * number)
        commit(COMMANDS[scene.command].model_validate(filled(scene.fields, at)), scene.account, at)
    clients.commit(reference, PassDeadlines(), CLOCK, now)
