"""The office: the book, the keys, the files and the way to the engine that the desk works with.

Each thing is made, and its library imported, when it is first used: most services need few of them.
"""

from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from domain.actors import Actor
from domain.errors import Action, Away, NotFound, Refused
from domain.permissions import DENIALS
from domain.vocabulary import Door
from kit.settings import Settings, revealed
from kit.storage.database import Database, is_away, is_damaged
from models.accounts import actor_named, resolved

if TYPE_CHECKING:
    from temporalio.client import Client

    from audit.records import Records
    from kit.crypto.signing import SigningKey
    from kit.crypto.timestamp import Authority
    from kit.crypto.witness import FolderWitness
    from kit.storage.archive import ArchiveStore
    from models.clean_copies import CleanCopies
    from models.evidence import Evidence
    from models.key_stores import OwnStore
    from models.keys import CaseKeys
    from workflows.cases import CaseClient


@dataclass(frozen=True)
class Office:
    """The resources that services work with. `bootstrap` composes it from the settings."""

    database: Database
    settings: Settings
    engine: str | None
    """Address of the engine; None when the stack is not up."""
    folder: Path | None = None
    """The folder of the embedded stack, if this is one."""
    door: Door = Door.LOCAL
    """The way by which whoever asks here has come."""
    signs: bool = True
    """False in a process that never signs: it does not load the key, even where it could."""

    def through(self, door: Door) -> "Office":
        """The same office, with the same keys, files and connections, for somebody who comes by this door."""
        if door is self.door:
            return self
        # Made before they are shared: otherwise each copy would make its own, and keys would be kept twice.
        shared = {name: getattr(self, name) for name in ("keys", "own_store", "evidence", "clients")}
        other = replace(self, door=door)
        other.__dict__.update(shared)
        return other

    @cached_property
    def keys(self) -> "CaseKeys":
        """The keys of the cases. Raises a StackError when there is no usable master key."""
        from models.keys import keys_of

        return keys_of(self.settings)

    @cached_property
    def own_store(self) -> "OwnStore":
        """The store of the keys, held against the book that it belongs to. No key is made before it was."""
        from models.key_stores import OwnStore

        store = OwnStore(self.database, self.keys)
        self.keys.check_mint = store.check_mint
        return store

    @cached_property
    def evidence(self) -> "Evidence":
        """The evidence files."""
        from models.evidence import evidence_of

        return evidence_of(self.settings, self.keys)

    @cached_property
    def copies(self) -> "CleanCopies":
        """The copies of PDFs without anything that acts."""
        from models.clean_copies import CleanCopies

        return CleanCopies(self.evidence, self.reading, self.writing)

    def cases(self) -> "_ConnectedCases":
        """A client of the cases, which is connected when its `async with` block is entered."""
        return _ConnectedCases(self)

    @cached_property
    def clients(self) -> "WeakKeyDictionary[AbstractEventLoop, Client]":
        """The connected clients of the engine: one for each event loop, as loops cannot share them."""
        return WeakKeyDictionary()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads. Raises Away when the database does not answer, or the keys are another book's."""
        with asking_the_book(), self._under_own_keys(), self.database.read() as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes anything but cases. Only the worker writes to those, unless lines are restored."""
        with asking_the_book(), self._under_own_keys(), self.database.write() as tx:
            yield tx

    @contextmanager
    def _under_own_keys(self) -> Iterator[None]:
        """Raises KeyStoreRefused for a key that is not there because the whole store is another one.

        Alone, a missing key is told in the words of a case that is not there.
        """
        try:
            yield
        except NotFound as problem:
            from models.keys import NoKey

            if isinstance(problem, NoKey):
                self.own_store.require()
            raise

    def as_owner(self) -> "Office":
        """The same office, connected as the role that owns the tables, where the settings name a separate one."""
        if self.folder is not None or not self.settings.owner_url:
            return self
        return replace(self, database=Database(self.settings.owner_url, revealed(self.settings.owner_password)))

    @property
    def archive(self) -> "ArchiveStore":
        """The archive into which the engine's histories are copied before it forgets them."""
        from kit.storage.archive import FolderArchive

        return FolderArchive(self.settings.histories)

    def records(self, client: "Client | None") -> "Records":
        """The histories: from the archive and, if there is a client, from the engine."""
        from audit.records import Records

        namespace = self.settings.temporal_namespace
        return Records(self.database, self.archive, self.keys, client, namespace=namespace)

    @property
    def signing_keys(self) -> "Sequence[SigningKey]":
        """The keys that seal here, if this account may read them: the last one signs."""
        from kit.crypto.signing import signing_keys

        if not self.signs:
            return ()
        return signing_keys(self.settings.seal_key, self.settings.seal_key_file)

    @property
    def signing_key(self) -> "SigningKey | None":
        """The key that signs here, if this account may read it."""
        keys = self.signing_keys
        return keys[-1] if keys else None

    @property
    def witnesses(self) -> "list[FolderWitness]":
        """The folders in which checkpoints are kept."""
        from kit.crypto.witness import FolderWitness

        return [FolderWitness(self.settings.witness_folder)] if self.settings.witness_folder else []

    @property
    def authority(self) -> "Authority | None":
        """The authority that attests to the time of a checkpoint, if the settings name one."""
        from kit.crypto.timestamp import Authority

        if self.settings.tsa_url and self.settings.tsa_certificates:
            return Authority(self.settings.tsa_url, self.settings.tsa_certificates)
        return None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Wraps long work with the database and the engine: raises Away when either stops answering meanwhile."""
        from temporalio.service import RPCError

        try:
            with asking_the_book():
                yield
        except RPCError:
            raise engine_away() from None

    def actor(self, account: str, field: str = "as") -> Actor:
        """The actor that an account stands for. `field` is the option that named it."""
        with self.reading() as tx:
            return actor_named(tx, account, field)

    @contextmanager
    def reading_as(self, actor: Actor, about: str | None = None) -> Iterator[tuple[Connection, Actor]]:
        """A transaction that reads for somebody, and the actor as their account stands in it.

        `about` is the reference of the case that they named. Raises Away; NotFound or Refused for an account that is
        not there, or closed.
        """
        with self.noting_denials(actor, about), self.reading() as tx:
            yield tx, resolved(tx, actor)

    @contextmanager
    def writing_as(self, actor: Actor, about: str | None = None) -> Iterator[tuple[Connection, Actor]]:
        """The same for a transaction that writes anything but cases."""
        with self.noting_denials(actor, about), self.writing() as tx:
            yield tx, resolved(tx, actor)

    @contextmanager
    def writing_about(self, actor: Actor, reference: str) -> Iterator[tuple[Connection, Actor]]:
        """The same, about one case, for an account or for whoever has a capability of that case."""
        if not actor.by_capability:
            with self.writing_as(actor, reference) as opened:
                yield opened
            return
        from models.reading import opened_by_capability

        with self.noting_denials(actor, reference), self.writing() as tx:
            opened_by_capability(tx, self.keys, actor, reference)
            yield tx, actor

    def require_within_quota(
        self, tx: Connection, actor: Actor, command_id: str | None, *, opens: bool = False
    ) -> None:
        """Raises TooMany for an account that has asked too much within an hour by a door at which no token is counted.

        What is imported is let through.
        """
        from models import quotas

        limits = {
            Door.LOCAL: self.settings.local_openings_an_hour if opens else self.settings.local_commands_an_hour,
            Door.SYSTEM: self.settings.system_commands_an_hour,
        }
        if self.door in limits and not (command_id or "").startswith(quotas.IMPORTED):
            quotas.require_within(tx, actor.account, self.door, limits[self.door], datetime.now(UTC), opens=opens)

    @contextmanager
    def noting_denials(self, actor: Actor, about: str | None = None) -> Iterator[None]:
        """Wraps what may be refused to somebody for lack of right: the refusal is noted before it is told.

        It is noted once the transaction in which it came is undone, so that it stays. Where it cannot be noted, it is
        not told either: that error is raised.
        """
        try:
            yield
        except Refused as problem:
            if problem.code in DENIALS and not problem.is_noted:
                self.note_denial(actor, problem.code, about)
                problem.is_noted = True
            raise

    def note_denial(self, actor: Actor, code: str, about: str | None) -> None:
        """Notes that something was refused to somebody for lack of right; `code` says by which refusal."""
        from models import denials
        from models.keys import JOURNAL

        key = self.keys.of(JOURNAL)
        with self.writing() as tx:
            denials.note(tx, key, actor, code, about, self.settings.denials_an_hour)

    def current(self, actor: Actor) -> Actor:
        """The actor as their account stands now, for what is decided outside a transaction."""
        with self.reading_as(actor) as (_, current):
            return current


class _ConnectedCases:
    """An asynchronous context manager that gives a connected client of the cases."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def __aenter__(self) -> "CaseClient":
        # Imported here: services that only read the book need no engine, and should not wait for its library.
        from models.taking_up import TakingUp
        from workflows.cases import CaseClient

        office = self._office
        with asking_the_book():
            office.own_store.require_lately()
        client, rescue = await engine_client(office), TakingUp(office.database, office.keys)
        queue, mint = office.settings.task_queue, office.keys.mint
        return CaseClient(client, queue, mint, door=office.door, rescue=rescue)

    async def __aexit__(self, *_: object) -> None:
        return None


async def reachable_records(office: Office) -> "Records":
    """The histories that can be had now: from the archive and, where the stack is up, from the engine."""
    return office.records(await engine_client(office) if office.engine else None)


async def engine_client(office: Office) -> "Client":
    """A client of the engine, connected once for each event loop. Raises Away when the engine does not answer."""
    from kit.engine.temporal import connect

    loop = get_running_loop()
    if (client := office.clients.get(loop)) is not None:
        return client
    if office.engine is None:
        raise Away(
            "engine_away",
            "The stack is not up. Nothing was recorded.",
            "Start it, then ask again.",
            action=Action.START_STACK,
            folder=str(office.folder),
        )
    try:
        client = await connect(office.settings.model_copy(update={"temporal_address": office.engine}), office.keys)
    except RuntimeError:
        raise engine_away() from None
    office.clients[loop] = client
    return client


def engine_away() -> Away:
    """The error of an engine that does not answer."""
    return Away(
        "engine_away",
        "The engine does not answer. Nothing was recorded.",
        "Try again in a moment; if it lasts, check that the stack is up.",
    )


@contextmanager
def asking_the_book() -> Iterator[None]:
    """Wraps work with the book: raises Away when its database does not answer, or is damaged."""
    try:
        yield
    except Exception as error:
        if is_damaged(error):
            raise Away(
                "database_damaged",
                "The database of the cases is damaged.",
                "Stop the stack, put the database aside and restore it from its back-up: see docs/production.md.",
            ) from None
        if is_away(error):
            raise Away(
                "database_away",
                "The database does not answer.",
                "Try again in a moment; if it lasts, check that the stack is up, and migrated.",
                action=Action.MIGRATE,
            ) from None
        raise
