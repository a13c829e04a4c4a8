"""The store of the keys that belongs to this book: its identity, and what must be in it.

The book holds both: a mark of the store each time it was looked at and held more, and the cases themselves, whose keys
were made before them. So another store, an older copy and an emptied one are told from the right one without reading
it through, and are refused before anything is written under keys that will not last.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from domain.actors import OPERATOR
from domain.errors import Action, Away
from domain.vocabulary import StoreNote
from kit.process.logs import get_logger
from kit.storage.database import is_conflict
from models import cases, minted
from models.keys import asking
from models.minted import Mark
from models.tables import key_stores

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.keys import CaseKeys

log = get_logger("models.key_stores")

NEWEST = 100
"""Number of the newest cases whose keys are looked for: an older copy of the store lacks them."""
_GOOD_FOR = 30.0
"""Seconds for which a store that was found to be the right one is not looked at again by who sends commands."""


@dataclass(frozen=True)
class Noted:
    """A line of the history of the stores."""

    what: StoreNote
    mark: Mark
    at: datetime
    account: str
    why: str
    lost: tuple[str, ...]
    """Cases that were accepted as lost: their keys are gone."""


class KeyStoreRefused(Away):
    """The store of the keys is not the one of this book, or not as this book knows it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(
            code,
            message,
            "Put the right database of the keys back from its back-up. "
            "If there is none, go on with what is left of it.",
            action=Action.ACCEPT_KEYS,
        )


def other() -> KeyStoreRefused:
    """The refusal of a store with another identity."""
    return KeyStoreRefused("key_store_other", "The database of the keys is not the one of this book.")


def older() -> KeyStoreRefused:
    """The refusal of the right store as it was some time ago."""
    return KeyStoreRefused(
        "key_store_older", "The database of the keys is older than this book: keys that it has had are not in it."
    )


def emptied() -> KeyStoreRefused:
    """The refusal of a store without any key, of a book with cases."""
    return KeyStoreRefused("key_store_emptied", "The database of the keys is empty, and this book has cases.")


def changed() -> KeyStoreRefused:
    """The refusal of the right store with other keys in it than it has had."""
    return KeyStoreRefused(
        "key_store_changed", "The database of the keys holds other keys than those that this book knows of."
    )


class OwnStore:
    """The store of the keys beside the book that it belongs to. Safe to share between threads."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        self._database, self._keys = database, keys
        self._seen: Mark | None = None
        self._good_until = 0.0

    def require(self) -> Mark:
        """Gives the store as it is. Raises KeyStoreRefused unless it is the one of this book, with all it must hold."""
        now, fault = self._compared()
        if fault is not None:
            raise fault
        self._seen, self._good_until = now, time.monotonic() + _GOOD_FOR
        return now

    def require_lately(self) -> None:
        """The same, but asks again only half a minute after it was right: for those who send many commands."""
        if time.monotonic() >= self._good_until:
            self.require()

    def fault(self) -> KeyStoreRefused | None:
        """The reason to refuse the store, if there is one."""
        return self._compared()[1]

    def check_mint(self, before: Mark, after: Mark) -> None:
        """Raises KeyStoreRefused before a key is made in a store that is not, or no longer, the one of this book.

        The marks are those of the store in the transaction that makes the key: nobody can exchange it meanwhile.
        """
        if self._seen is None or not _may_follow(self._seen, before):
            self.require()
        self._seen = after

    def adopt(self) -> bool:
        """Notes the store as the one of this book, if it has none yet, and how far it is now if that is further.

        Gives True if it was adopted now. Raises KeyStoreRefused as `require` does.
        """
        now = self.require()
        try:
            with self._database.write() as tx:
                known = _last(tx)
                if known is not None and known.mark.number >= now.number:
                    return False
                _note(tx, StoreNote.SEEN if known else StoreNote.ADOPTED, now, OPERATOR.account)
        except IntegrityError as error:
            if is_conflict(error):  # another process noted it at the same moment
                return False
            raise
        if known is None:
            log.warning("key_store_adopted", found=now.number)
        return known is None

    def accept(self, account: str, why: str) -> Noted:
        """Notes that one goes on with the store as it is; names the cases whose keys are gone."""
        with asking(), self._keys.store.read() as vault:
            now = minted.last(vault)
        ever = self._keys.ever()
        with self._database.write() as tx:
            lost = tuple(sorted(cases.not_erased(tx) - ever - accepted_as_lost(tx)))
            accepted = _note(tx, StoreNote.ACCEPTED, now, account, why, lost)
        self._seen = None
        log.warning("key_store_accepted", cases=len(lost))
        return accepted

    def _compared(self) -> tuple[Mark, KeyStoreRefused | None]:
        """The store as it is, and the reason to refuse it."""
        with self._database.read() as tx:  # before the store: a case has its key before it is in the book
            known, newest, lost = _last(tx), cases.newest(tx, NEWEST), accepted_as_lost(tx)
        with asking(), self._keys.store.read() as vault:
            now = minted.last(vault)
            return now, _fault(vault, now, known.mark if known else None, [r for r in newest if r not in lost])


def _fault(vault: Connection, now: Mark, known: Mark | None, newest: Sequence[str]) -> KeyStoreRefused | None:
    """The reason to refuse a store, by what the book knows of its own and by the newest cases."""
    if now.number == 0 and (newest or (known is not None and known.number > 0)):
        return emptied()
    if known is not None and now.store != known.store:
        return other()
    if known is not None and now.number < known.number:
        return older()
    if known is not None and not minted.holds(vault, known):
        return changed()
    if absent := minted.never_made(vault, newest):
        return older() if known is not None or len(absent) < len(newest) else other()
    return None


def _may_follow(seen: Mark, now: Mark) -> bool:
    """True if a store that was at one mark may be at the other by now."""
    return now.store == seen.store and (now.number > seen.number or now == seen)


def history(tx: Connection) -> list[Noted]:
    """Every line of the history of the stores, oldest first."""
    return [_noted(row) for row in tx.execute(select(key_stores).order_by(key_stores.c.number))]


def accepted_as_lost(tx: Connection) -> frozenset[str]:
    """The cases whose keys are gone, as was accepted."""
    texts = tx.execute(select(key_stores.c.lost).where(key_stores.c.what == StoreNote.ACCEPTED)).scalars()
    return frozenset(reference for text in texts for reference in text.split())


def _last(tx: Connection) -> Noted | None:
    row = tx.execute(select(key_stores).order_by(key_stores.c.number.desc()).limit(1)).first()
    return _noted(row) if row else None


def _note(tx: Connection, what: StoreNote, mark: Mark, account: str, why: str = "", lost: Sequence[str] = ()) -> Noted:
    noted = Noted(what, mark, datetime.now(UTC), account, why, tuple(lost))
    number = int(tx.execute(select(func.coalesce(func.max(key_stores.c.number), 0))).scalar_one()) + 1
    row = {
        "number": number,
        "at": noted.at,
        "what": what.value,
        "store": mark.store,
        "minted": mark.number,
        "head": mark.head,
        "account": account,
        "why": why,
        "lost": "\n".join(lost),
    }
    tx.execute(insert(key_stores), [row])
    return noted


def _noted(row: Row[Any]) -> Noted:
    mark = Mark(row.store, row.minted, bytes(row.head))
    return Noted(StoreNote[row.what], mark, row.at, row.account, row.why, tuple(row.lost.split()))
