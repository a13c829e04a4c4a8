"""The keys of cases: minted at intake, held in memory for half a minute, destroyed for ever.

They are kept in a database of their own, with a back-up cycle of its own: a copy of the book, however old, can be read
only as long as the key of the case is in here (docs/decisions/0011).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    func,
    select,
    union,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.sql.dml import ReturningInsert

from domain.errors import Action, Away, NotFound, Problem, Refused
from domain.permissions import no_such_case
from domain.values import is_reference
from kit.crypto.vault import (
    DataKey,
    KeyDestroyed,
    KeyFile,
    KeyUnavailable,
    KeyUnknown,
    MasterKey,
    MasterKeyMissing,
    MasterKeys,
    Tampered,
    new_material,
)
from kit.settings import Settings
from kit.storage.database import Database, UtcDateTime, beside, is_away, is_damaged
from kit.storage.patience import patience_of
from models import minted
from models.minted import Mark

CaseKey = DataKey
"""The key of one case."""


class CaseErased(Refused, KeyDestroyed):
    """The content of an erased case was asked for."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "case_erased",
            "The content of this case was erased at the end of its retention.",
            "Its certificate says what is left of it.",
            field="reference",
            action=Action.CERTIFICATE,
            reference=reference,
        )


class NoKey(NotFound, KeyUnknown):
    """No case of that reference was ever opened: the same words as for a case that is not there."""

    def __init__(self) -> None:
        problem = no_such_case()
        super().__init__(
            problem.code, problem.message, problem.remedy, field=problem.field, action=problem.action
        )  # all of it: whoever may not see a case must not be able to tell that there is one


_CHECKED = b"aboutir.key"
"""What a key's check value is made of: it stands for the key among those of its store, and tells nothing of it."""
_LATELY = timedelta(hours=1)
"""Time for which it is not noted again that an opening asked for a key that is there."""
LIFE = 30.0
"""Seconds for which a key is held in memory. A key that is destroyed is gone everywhere within this time."""
_HELD_AT_MOST = 20_000
_AT_ONCE = 500

ENGINE = "engine"
"""The key of everything in the engine that belongs to no case."""
INDEX = "index"
"""The key of the digests by which names and register numbers are found again."""

JOURNAL = "journal"
"""The key of the access journal."""
SIGN_IN = "signin"
"""The key of what people sign in with: it seals hashes and secrets, and digests places."""
LINK = "link"
"""The key from which the secrets of links are derived, by which people without an account come to a case."""
_INSTALLATION = frozenset({ENGINE, INDEX, JOURNAL, LINK, SIGN_IN})

_METADATA = MetaData()
case_keys = Table(
    "case_keys",
    _METADATA,
    Column("reference", String(14), primary_key=True),
    Column("wrapped", LargeBinary, nullable=True),
    Column("master_key", String(32), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
    Column("destroyed_at", UtcDateTime(), nullable=True),
    Column("asked_at", UtcDateTime(), nullable=True),
)
"""One row for each case that was ever opened. Destroying a key empties its row, which can never have another."""
_ASKED_AT = func.coalesce(case_keys.c.asked_at, case_keys.c.created_at)
_ROW = select(case_keys).where(case_keys.c.reference == bindparam("reference"))
installation_keys = Table(
    "installation_keys",
    _METADATA,
    Column("name", String(20), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master_key", String(32), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
)
draft_keys = Table(
    "draft_keys",
    _METADATA,
    Column("draft", String(32), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master_key", String(32), nullable=False),
    Column("created_at", UtcDateTime(), nullable=False),
)
"""One row for each draft (`models.draft_keys`). Nothing of it is left when the draft is gone."""
WRAPPED = (
    (case_keys, case_keys.c.reference),
    (installation_keys, installation_keys.c.name),
    (draft_keys, draft_keys.c.draft),
)
"""The tables of keys that the master key wraps, each with the column that names them."""


@dataclass(frozen=True)
class Destroyed:
    """A key that was destroyed: when it was made and destroyed, and the master key that had wrapped it."""

    reference: str
    master_key: str
    created_at: datetime
    destroyed_at: datetime


class NoMasterKey(Away, KeyUnavailable):
    """A key is there, and the master key that wrapped it is not."""

    def __init__(self) -> None:
        super().__init__(
            "master_key_absent",
            "The master key that wraps the keys is not at hand.",
            "Restore it from where it is kept: without it nothing that was written can be read.",
        )


class KeyDamaged(Away, Tampered):
    """The stored key is not the one that was written. A back-up of the store may still have it."""

    def __init__(self) -> None:
        super().__init__(
            "key_damaged",
            "A key is not as it was written: it was changed, or belongs elsewhere.",
            "Restore the database of the keys from its back-up. Verifying every case says what it concerns.",
            action=Action.VERIFY_ALL,
        )


class Keys(Protocol):
    """A source of keys."""

    def of(self, name: str) -> DataKey:
        """The key of a case by its reference, or one of the installation's by its name.

        Raises CaseErased or NoKey.
        """

    def digest(self, text: str) -> str:
        """The digest by which a text is found again and not read: hexadecimal, keyed for this installation."""
        return self.of(INDEX).commitment(text.encode()).hex()


class CaseKeys(Keys):
    """The keys of the cases of one installation. Safe to share between threads; one for a process.

    Its errors are Problems, for people, and ordinary exceptions for the engine, which then tries again. A store that
    does not answer is Away: nothing was done, and trying again can help.
    """

    def __init__(self, store: Database, master: MasterKey, *, life: float = LIFE) -> None:
        self.store, self.master, self._life = store, master, life
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[DataKey, float]] = OrderedDict()
        self.check_mint: Callable[[Mark, Mark], None] = lambda _before, _after: None
        """Raises before a key is made in a store that is not that of the book; see `models.key_stores`."""

    # --- Asking for a key ---

    def mint(self, reference: str) -> CaseKey:
        """The key of a case that is being opened: made now, unless it was opened before. Nothing else makes one.

        Raises CaseErased for a case that was erased.
        """
        material, is_ours = new_material(), False
        with asking(), self.store.write() as tx:
            row = self._row(tx, reference)
            if row is not None and _asked_at(row) < _now() - _LATELY:
                row = self._asked_again(tx, reference)
            if row is None:
                master, wrapped = self.master.wrap(material, reference)
                made = {"reference": reference, "wrapped": wrapped, "master_key": master, "created_at": _now()}
                is_ours = insert_once(tx, case_keys, made)
                if is_ours:
                    self._enter(tx, reference, material)
                row = None if is_ours else self._row(tx, reference)  # another process inserted first: use its key
        return self._hold(DataKey(reference, material) if is_ours else self._opened(row, reference))

    def _asked_again(self, tx: Connection, reference: str) -> Row[Any] | None:
        """Notes that a key is needed, so that it is not taken for one that an opening left behind; gives its row."""
        alive = (case_keys.c.reference == reference, case_keys.c.wrapped.is_not(None))
        tx.execute(update(case_keys).where(*alive).values(asked_at=_now()))
        return self._row(tx, reference)

    def _enter(self, tx: Connection, reference: str, material: bytes) -> None:
        """Enters a key that is being made among those of this store. Raises KeyStoreRefused where it may not be."""
        minted.one_at_a_time(tx)
        before = minted.last(tx)
        after = minted.add(tx, before, reference, DataKey(reference, material).commitment(_CHECKED))
        self.check_mint(before, after)

    def of(self, name: str) -> DataKey:
        """See Keys."""
        if (held := self.held(name)) is not None:
            return held
        with asking():
            key = self._case_key(name) if is_reference(name) else self._installation_key(name)
        return self._hold(key)

    def _hold(self, key: DataKey) -> DataKey:
        with self._lock:
            self._held[key.name] = (key, time.monotonic() + self._life)
            self._held.move_to_end(key.name)
            if len(self._held) > _HELD_AT_MOST:
                self._held.popitem(last=False)
        return key

    def held(self, name: str) -> DataKey | None:
        """A key that this process has asked for in the last half minute."""
        key, until = self._held.get(name, (None, 0.0))
        return key if until > time.monotonic() else None

    def at_hand(self, *names: str) -> Keys:
        """These keys, fetched now, so that a transaction does not keep others waiting while the store answers.

        The error of a key that cannot be had is raised when that key is asked for.
        """
        return _AtHand(self, names)

    @staticmethod
    def name_for(workflow_id: str | None) -> str:
        """The name of a workflow's key: its case's reference, or ENGINE for the others, which tell of nobody."""
        return workflow_id if workflow_id and is_reference(workflow_id) else ENGINE

    def _case_key(self, reference: str) -> DataKey:
        with self.store.read() as tx:
            row = self._row(tx, reference)
        return self._opened(row, reference)

    def _opened(self, row: Row[Any] | None, reference: str) -> DataKey:
        if row is None:
            raise NoKey
        if row.wrapped is None:
            raise CaseErased(reference)
        return DataKey(reference, self.unwrapped(row, reference))

    @staticmethod
    def _row(tx: Connection, reference: str) -> Row[Any] | None:
        return tx.execute(_ROW, {"reference": reference}).first()

    def _installation_key(self, name: str) -> DataKey:
        if name not in _INSTALLATION:
            raise NoKey
        query = select(installation_keys).where(installation_keys.c.name == name)
        with self.store.read() as tx:
            row = tx.execute(query).first()
        if row is None:
            with self.store.write() as tx:
                master, wrapped = self.master.wrap(new_material(), name)
                made = {"name": name, "wrapped": wrapped, "master_key": master, "created_at": _now()}
                insert_once(tx, installation_keys, made)
                row = tx.execute(query).one()
        return DataKey(name, self.unwrapped(row, name))

    def fresh(self, name: str) -> DataKey:
        """One of the installation's keys as it is now, and held by nobody: for one that can be replaced."""
        with asking():
            return self._installation_key(name)

    def replace(self, name: str) -> None:
        """Makes another key in the place of one of the installation's. What was derived from the former is void."""
        self.fresh(name)  # there is one, to be replaced
        material = new_material()
        master, wrapped = self.master.wrap(material, name)
        made = {"wrapped": wrapped, "master_key": master, "created_at": _now()}
        with asking(), self.store.write() as tx:
            tx.execute(update(installation_keys).where(installation_keys.c.name == name).values(made))
        with self._lock:
            self._held.pop(name, None)

    def unwrapped(self, row: Row[Any], name: str) -> bytes:
        """The material of a stored key. Raises NoMasterKey or KeyDamaged."""
        try:
            return self.master.unwrap(row.master_key, row.wrapped, name)
        except KeyUnavailable:
            raise NoMasterKey from None
        except Tampered:
            raise KeyDamaged from None

    # --- The end of a key ---

    def destroy(self, reference: str) -> Destroyed:
        """Destroys the key of a case; what it sealed is noise from then on. Doing it twice changes nothing.

        Raises NoKey when there never was one, Away when the files of the store may still hold it: do it again.
        """
        with asking(), self.store.write() as tx:
            alive = (case_keys.c.reference == reference, case_keys.c.wrapped.is_not(None))
            tx.execute(update(case_keys).where(*alive).values(wrapped=None, destroyed_at=_now()))
        with self._lock:
            self._held.pop(reference, None)
        with asking():
            self.store.wipe(case_keys.name)
        if (gone := self.destroyed(reference)) is None:
            raise NoKey
        return gone

    def destroy_unasked(self, references: Sequence[str], before: datetime) -> list[str]:
        """Destroys those of these keys that no opening has asked for since then; gives which. Each is asked anew."""
        gone = []
        for reference in references:
            unasked = (case_keys.c.reference == reference, case_keys.c.wrapped.is_not(None), before > _ASKED_AT)
            with asking(), self.store.write() as tx:
                done = tx.execute(update(case_keys).where(*unasked).values(wrapped=None, destroyed_at=_now()))
            if done.rowcount:
                with self._lock:
                    self._held.pop(reference, None)
                gone.append(reference)
        if gone:
            with asking():
                self.store.wipe(case_keys.name)
        return gone

    def destroyed(self, reference: str) -> Destroyed | None:
        """The key of a case as it was destroyed; None while it is not."""
        with asking(), self.store.read() as tx:
            row = self._row(tx, reference)
        if row is None or row.destroyed_at is None:
            return None
        return Destroyed(reference, row.master_key, row.created_at, row.destroyed_at)

    # --- Another master key ---

    def rewrap(self) -> int:
        """Wraps every key again with the current master key; gives how many. Nothing that they sealed is touched.

        Can be stopped and run again, and runs while cases are worked on.
        """
        done = 0
        for table, name in WRAPPED:
            while count := self._rewrap(table, name):
                done += count
        return done

    def _rewrap(self, table: Table, name: Column[str]) -> int:
        with asking(), self.store.write() as tx:
            stale = select(table).where(table.c.wrapped.is_not(None), table.c.master_key != self.master.id)
            rows = tx.execute(stale.order_by(name).limit(_AT_ONCE)).all()
            for row in rows:
                which = row._mapping[name]
                material = self.unwrapped(row, which)
                master, wrapped = self.master.wrap(material, which)
                # The condition spares a key that was destroyed meanwhile.
                alive = (name == which, table.c.wrapped.is_not(None))
                tx.execute(update(table).where(*alive).values(wrapped=wrapped, master_key=master))
        return len(rows)

    def living(self, before: datetime | None = None) -> frozenset[str]:
        """The references of all cases whose key lives; only those made before an instant, if one is named."""
        query = select(case_keys.c.reference).where(case_keys.c.wrapped.is_not(None))
        if before is not None:
            query = query.where(case_keys.c.created_at < before)
        with asking(), self.store.read() as tx:
            return frozenset(tx.execute(query).scalars())

    def unasked(self, before: datetime) -> frozenset[str]:
        """The references of all cases whose key lives, and that no opening has asked for since then."""
        query = select(case_keys.c.reference).where(case_keys.c.wrapped.is_not(None), before > _ASKED_AT)
        with asking(), self.store.read() as tx:
            return frozenset(tx.execute(query).scalars())

    def alive_among(self, references: Sequence[str]) -> list[str]:
        """Picks, in order, those of these cases whose key lives."""
        alive: list[str] = []
        with asking(), self.store.read() as tx:
            for start in range(0, len(references), _AT_ONCE):
                asked = case_keys.c.reference.in_(references[start : start + _AT_ONCE])
                query = select(case_keys.c.reference).where(asked, case_keys.c.wrapped.is_not(None))
                alive += tx.execute(query.order_by(case_keys.c.reference)).scalars()
        return alive

    def ever(self) -> frozenset[str]:
        """The references of all cases that ever had a key here, destroyed or not."""
        with asking(), self.store.read() as tx:
            return frozenset(tx.execute(select(case_keys.c.reference)).scalars())

    def masters(self) -> frozenset[str]:
        """The ids of the master keys that wrap at least one key."""
        living = (select(table.c.master_key).where(table.c.wrapped.is_not(None)) for table, _ in WRAPPED)
        with asking(), self.store.read() as tx:
            return frozenset(tx.execute(union(*living)).scalars())

    def check(self) -> None:
        """Raises MasterKeyMissing when this master key does not open this store."""
        try:
            self.of(ENGINE)
        except KeyUnavailable:
            raise MasterKeyMissing(path=getattr(self.master, "path", "the settings")) from None

    def close(self) -> None:
        """Forgets every key and gives the connections back."""
        with self._lock:
            self._held.clear()
        self.store.close()


class _AtHand(Keys):
    def __init__(self, keys: CaseKeys, names: Iterable[str]) -> None:
        self._keys = keys
        self._fetched = {name: self._key_or_problem(name) for name in names}

    def _key_or_problem(self, name: str) -> DataKey | Problem:
        try:
            return self._keys.of(name)
        except Problem as problem:
            return problem

    def of(self, name: str) -> DataKey:
        """See Keys. A key that was not fetched beforehand is asked for now."""
        key = self._fetched.get(name) or self._keys.of(name)
        if isinstance(key, Problem):
            raise key
        return key


def _asked_at(row: Row[Any]) -> datetime:
    asked: datetime = row.asked_at or row.created_at
    return asked


def insert_once(tx: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Writes a row unless somebody wrote it before; True if it was written now."""
    # The row itself says so: PostgreSQL's driver counts none.
    return tx.execute(_insertion(tx.dialect.name, table), row).first() is not None


@cache
def _insertion(dialect: str, table: Table) -> ReturningInsert[Any]:
    # Imported here: only one of the two dialects is needed, and each takes its time to load.
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table).on_conflict_do_nothing().returning(*table.primary_key)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing().returning(*table.primary_key)


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def asking() -> Iterator[None]:
    """Around queries to the store: raises Away when it does not answer."""
    try:
        yield
    except Exception as error:
        if is_damaged(error):
            raise Away(
                "keys_damaged",
                "The database of the keys is damaged.",
                "Stop the stack, put the database aside and restore it from its back-up: see docs/production.md.",
            ) from None
        if is_away(error):
            raise Away(
                "keys_away",
                "The database of the keys does not answer. Nothing was recorded.",
                "Try again in a moment; if it lasts, check that the stack is up.",
            ) from None
        raise


def vault_of(settings: Settings) -> Database:
    """The database of the keys, as the settings say."""
    password = settings.database_password.get_secret_value() if settings.database_password else None
    url = settings.vault_url or beside(settings.database_url, "keys")
    return Database(url, password, wipes=True, patience=patience_of(settings))


def keys_of(settings: Settings) -> CaseKeys:
    """The keys that the settings name. Raises a StackError when there is no usable master key."""
    if settings.master_key_file is not None:
        return CaseKeys(vault_of(settings), KeyFile(settings.master_key_file))
    if settings.master_key is None:
        raise MasterKeyMissing(path="ABOUTIR_MASTER_KEY_FILE")
    master = MasterKeys.from_text(settings.master_key.get_secret_value(), "ABOUTIR_MASTER_KEY")
    return CaseKeys(vault_of(settings), master)
