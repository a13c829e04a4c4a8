"""The order in which keys were made, within their store: only added to, each entry chained to those before it.

The last entry stands for all: a store with another one is another store, or the same with less or other keys in it. An
entry outlives its key, so that a destroyed one is told from one that was lost.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, MetaData, String, Table, func, insert, select, text

from kit.storage.database import UtcDateTime

_METADATA = MetaData()
key_store = Table(
    "key_store", _METADATA, Column("id", String(32), primary_key=True), Column("made_at", UtcDateTime(), nullable=False)
)
"""One row: the identity of the store."""
minted = Table(
    "minted",
    _METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("reference", String(14), nullable=False, unique=True),
    Column("check_value", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
)

_FIRST = bytes(32)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(8071997)")
_NEWEST = select(func.max(minted.c.number)).scalar_subquery()
LAST = select(key_store.c.id, minted.c.number, minted.c.head).select_from(
    key_store.outerjoin(minted, minted.c.number == _NEWEST)
)


@dataclass(frozen=True)
class Mark:
    """A store as it is known by its last entry: its identity, the number of keys ever made, and what they come to."""

    store: str
    number: int
    head: bytes


def last(tx: Connection) -> Mark:
    """The store as it is now."""
    row = tx.execute(LAST).one()
    return Mark(row.id, row.number or 0, bytes(row.head or _FIRST))


def one_at_a_time(tx: Connection) -> None:
    """Has whoever else makes a key wait until this transaction ends."""
    if tx.dialect.name != "sqlite":  # there, a transaction that writes is alone already
        tx.execute(_ONE_AT_A_TIME)


def add(tx: Connection, before: Mark, reference: str, check_value: bytes) -> Mark:
    """Enters a key after the last one. The caller is alone (`one_at_a_time`) since it read `before`."""
    mark = Mark(before.store, before.number + 1, _follows(before.head, reference, check_value))
    row = {"number": mark.number, "reference": reference, "check_value": check_value, "head": mark.head}
    tx.execute(insert(minted), [row])
    return mark


def holds(tx: Connection, mark: Mark) -> bool:
    """True if the store once was at this mark."""
    if mark.number == 0:
        return True
    head = tx.execute(select(minted.c.head).where(minted.c.number == mark.number)).scalar()
    return head is not None and bytes(head) == mark.head


def never_made(tx: Connection, references: Sequence[str]) -> frozenset[str]:
    """Picks those of these cases for which the store never had a key."""
    there = select(minted.c.reference).where(minted.c.reference.in_(references))
    return frozenset(references) - frozenset(tx.execute(there).scalars())


def broken(tx: Connection) -> int | None:
    """The number of the first entry that does not follow from those before; None when all do. It reads all of them."""
    head = _FIRST
    rows = tx.execute(select(minted).order_by(minted.c.number)).yield_per(1_000)
    for number, row in enumerate(rows, start=1):
        head = _follows(head, row.reference, bytes(row.check_value))
        if (row.number, bytes(row.head)) != (number, head):
            return number
    return None


def _follows(head: bytes, reference: str, check_value: bytes) -> bytes:
    parts = (b"aboutir.minted.1", head.hex().encode(), reference.encode(), check_value.hex().encode())
    return hashlib.sha256(b"\n".join(parts)).digest()
