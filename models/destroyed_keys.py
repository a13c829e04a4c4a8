"""The keys that erasures have destroyed, as the book knows them: one that lives has come back with an old copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from domain.errors import Away
from kit.process.logs import get_logger
from models import cases
from models.tables import destroyed_keys

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.keys import CaseKeys

log = get_logger("models.destroyed_keys")

RESTORED = timedelta(days=1)
"""Time after an erasure when a key that is still there must have come back, though nobody noted that it was destroyed.

Within it the workflow of the case may still write its last lines under that key.
"""


def note(tx: Connection, reference: str, destroyed_at: datetime) -> None:
    """Notes that the key of an erased case is destroyed; noted twice, it is destroyed once."""
    if not was_destroyed(tx, reference):
        tx.execute(insert(destroyed_keys), [{"reference": reference, "destroyed_at": destroyed_at}])


def was_destroyed(tx: Connection, reference: str) -> bool:
    """True if the key of this case was destroyed by its erasure."""
    query = select(destroyed_keys.c.reference).where(destroyed_keys.c.reference == reference)
    return tx.execute(query).first() is not None


def must_be_gone(tx: Connection, now: datetime) -> frozenset[str]:
    """The erased cases whose keys may not live any more."""
    noted = tx.execute(select(destroyed_keys.c.reference)).scalars()
    return frozenset(noted).union(cases.erased_before(tx, now - RESTORED))


def came_back(database: Database, keys: CaseKeys) -> list[str]:
    """The erased cases, in order, whose keys an old copy of their store has brought back. Raises Away."""
    with database.read() as tx:
        gone = must_be_gone(tx, datetime.now(UTC))
    return keys.alive_among(sorted(gone)) if gone else []


def erase_again(database: Database, keys: CaseKeys) -> list[str]:
    """Destroys the keys of erased cases that have come back; gives the cases."""
    back = came_back(database, keys)
    for reference in back:
        try:
            keys.destroy(reference)
        except Away:  # it is destroyed, but a trace stays in the store's log until another key is destroyed
            log.warning("key_traces_left", reference=reference)
        else:
            log.warning("key_destroyed_again", reference=reference)
    return back
