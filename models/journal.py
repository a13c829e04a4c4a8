"""The access journal: who read what of which case, when and why. Only ever added to, hash-chained, and sealed.

It is sealed under a key of the installation, so that whoever administers the database does not read it there. Reading
it is an access too: the desk lets auditors do so, and notes that they did.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.engine import Row

from domain.access import Access as Access
from domain.access import Reading as Reading
from domain.actors import Actor
from domain.log.chain import FIRST, JournalHead
from domain.values import Value
from kit.crypto.vault import DataKey, Tampered
from models.tables import access_journal

_SCHEME = "aboutir.access.1"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(8071996)")
"""Whoever may only add to a table may not lock it."""


class Noted(Value):
    """An entry as it stands in the journal."""

    number: int
    at: datetime
    reading: Reading


def note(
    tx: Connection,
    key: DataKey,
    actor: Actor,
    access: Access,
    *,
    reference: str | None = None,
    file: str | None = None,
    why: str | None = None,
    found: int | None = None,
) -> int:
    """Writes an entry, in the transaction of the reading that it tells of; gives its number."""
    if tx.dialect.name != "sqlite":  # there, a transaction that writes is alone already
        tx.execute(_ONE_AT_A_TIME)
    before = last(tx)
    number, head = before.number + 1, before.entry_hash
    reading = Reading(
        access=access,
        account=actor.account,
        role=actor.role,
        organisation=actor.organisation,
        reference=reference,
        file=file,
        why=why,
        found=found,
    )
    at, entry = datetime.now(UTC), key.seal(reading.model_dump_json(exclude_none=True).encode(), _place(number))
    row = {"id": number, "at": at, "entry": entry, "previous": head, "hash": _hash(number, at, entry, head)}
    tx.execute(insert(access_journal), [row])
    return number


def entries(
    tx: Connection, key: DataKey, *, account: str | None = None, reference: str | None = None, limit: int = 100
) -> list[Noted]:
    """The last entries, the latest first; only those of an account or of a case, if one is named."""
    chosen: list[Noted] = []
    for row in tx.execute(select(access_journal).order_by(access_journal.c.id.desc())).yield_per(500):
        reading = Reading.model_validate_json(key.open(bytes(row.entry), _place(row.id)))
        if (account is None or reading.account == account) and (reference is None or reading.reference == reference):
            chosen.append(Noted(number=row.id, at=row.at, reading=reading))
            if len(chosen) == limit:
                break
    return chosen


def last(tx: Connection) -> JournalHead:
    """The last entry, by its number and hash; number 0 when nothing is in the journal."""
    row = tx.execute(select(access_journal).order_by(access_journal.c.id.desc()).limit(1)).first()
    return JournalHead(row.id, row.hash) if row else JournalHead(0, FIRST)


def broken_entry(tx: Connection) -> int | None:
    """The number of the first entry that does not follow from the one before; None when all do. It needs no key."""
    return next((head.number for head, follows in walked(tx) if not follows), None)


def unopened_entry(tx: Connection, key: DataKey) -> int | None:
    """The number of the first entry that this key does not open in its place; None when it opens all."""
    for row in _in_order(tx):
        try:
            key.open(bytes(row.entry), _place(row.id))
        except Tampered:
            return int(row.id)
    return None


def walked(tx: Connection) -> Iterator[tuple[JournalHead, bool]]:
    """The journal after each entry, its hash computed anew, and whether the entry is the one that follows."""
    hash = FIRST
    for number, row in enumerate(_in_order(tx), start=1):
        previous, hash = hash, _hash(row.id, row.at, bytes(row.entry), hash)
        yield JournalHead(number, hash), (row.id, row.previous, row.hash) == (number, previous, hash)


def _in_order(tx: Connection) -> Iterable[Row[Any]]:
    return tx.execute(select(access_journal).order_by(access_journal.c.id)).yield_per(500)


def _place(number: int) -> str:
    return f"access_journal|{number}"


def _hash(number: int, at: datetime, entry: bytes, head: bytes) -> bytes:
    covered = [_SCHEME, head.hex(), number, at.astimezone(UTC).isoformat(timespec="microseconds")]
    covered.append(hashlib.sha256(entry).hexdigest())
    return hashlib.sha256(json.dumps(covered, separators=(",", ":")).encode()).digest()
