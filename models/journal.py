"""The access journal: who read what of which case, when and why. Only ever added to, hash-chained, and sealed.

It is sealed under a key of the installation, so that whoever administers the database does not read it there. Reading
it is an access too: the desk lets auditors do so, and notes that they did.

On SQLite, which has one writer at a time, an entry is chained as it is written. On PostgreSQL it waits in a queue, in
which no reading waits for another, until `models.chaining` chains it.
"""

import contextlib
import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import Row

from domain.access import Access as Access
from domain.access import Reading as Reading
from domain.actors import Actor
from domain.log.chain import FIRST, JournalHead
from domain.values import Value
from kit.crypto.vault import DataKey, Tampered
from models import access_queue
from models.tables import access_journal

_SCHEME = "aboutir.access.1"


class Noted(Value):
    """An entry as it stands in the journal."""

    number: int | None
    """None while it waits to be chained."""
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
) -> None:
    """Writes an entry, in the transaction of the reading that it tells of: without it, nothing is read."""
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
    write(tx, key, reading)


def write(tx: Connection, key: DataKey, reading: Reading) -> None:
    """Writes an entry that says this: chained at once on SQLite, queued to be chained on PostgreSQL."""
    at = datetime.now(UTC)
    if tx.dialect.name == "sqlite":
        append(tx, key, [(at, written(reading))])
    else:
        access_queue.add(tx, key, at, written(reading))


def written(reading: Reading) -> bytes:
    """The text of an entry, as it is sealed."""
    return reading.model_dump_json(exclude_none=True).encode()


def append(tx: Connection, key: DataKey, texts: Sequence[tuple[datetime, bytes]]) -> None:
    """Chains entries to the last one: each a moment and a text. Nobody else may do so before the end of `tx`."""
    before = last(tx)
    number, head = before.number, before.entry_hash
    rows = []
    for at, text in texts:
        number, previous = number + 1, head
        entry = key.seal(text, _place(number))
        head = _hash(number, at, entry, previous)
        rows.append({"id": number, "at": at, "entry": entry, "previous": previous, "hash": head})
    tx.execute(insert(access_journal), rows)


def entries(
    tx: Connection,
    key: DataKey,
    *,
    account: str | None = None,
    reference: str | None = None,
    access: Access | None = None,
    limit: int = 100,
) -> list[Noted]:
    """The last entries, the latest first; only those of an account, of a case or of a way of reading.

    Those that wait to be chained come before all others, and those of them that do not open are left out.
    """
    chosen: list[Noted] = []
    for noted in itertools.chain(_waiting(tx, key), _chained(tx, key)):
        reading = noted.reading
        asked = {"account": account, "reference": reference, "access": access}
        if all(value is None or getattr(reading, name) == value for name, value in asked.items()):
            chosen.append(noted)
            if len(chosen) == limit:
                break
    return chosen


def _waiting(tx: Connection, key: DataKey) -> Iterator[Noted]:
    for line in access_queue.latest(tx):
        with contextlib.suppress(Tampered):
            yield Noted(number=None, at=line.at, reading=Reading.model_validate_json(line.opened(key)))


def _chained(tx: Connection, key: DataKey) -> Iterator[Noted]:
    for row in tx.execute(select(access_journal).order_by(access_journal.c.id.desc())).yield_per(500):
        yield Noted(number=row.id, at=row.at, reading=_opened(row, key))


def _opened(row: Row[Any], key: DataKey) -> Reading:
    return Reading.model_validate_json(key.open(bytes(row.entry), _place(row.id)))


def last(tx: Connection) -> JournalHead:
    """The last entry, by its number and hash; number 0 when nothing is in the journal."""
    row = tx.execute(select(access_journal).order_by(access_journal.c.id.desc()).limit(1)).first()
    return JournalHead(row.id, row.hash) if row else JournalHead(0, FIRST)


def broken_entry(tx: Connection) -> int | None:
    """The number of the first entry that does not follow from the one before; None when all do. It needs no key."""
    return next((head.number for head, follows in walked(tx) if not follows), None)


@dataclass(slots=True)
class Contents:
    """What the entries say of the journal itself."""

    unopened: int | None = None
    """Number of the first entry that the key does not open in its place."""
    lost: list[int] = field(default_factory=list)
    """Numbers of the entries in whose place others stood, which were taken out of the queue."""


def contents(tx: Connection, key: DataKey) -> Contents:
    """Opens every entry, up to the first that does not open."""
    seen = Contents()
    for row in _in_order(tx):
        try:
            reading = _opened(row, key)
        except Tampered:
            seen.unopened = int(row.id)
            break
        if reading.access is Access.LOST:
            seen.lost.append(int(row.id))
    return seen


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
