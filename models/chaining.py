"""Chaining the access journal: what waits in its queue becomes entries of it, by one writer at a time, each once."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from domain.access import Access, Reading
from domain.actors import CLOCK
from kit.crypto.vault import DataKey, Tampered
from kit.process.logs import get_logger
from kit.storage.database import Database
from models import access_queue, journal
from models.access_queue import Queued

log = get_logger("models.chaining")

BATCH = 1_000
"""Entries that are chained in one transaction."""
CHAINED_WITHIN = timedelta(minutes=1)
"""Time within which an entry is chained, unless no worker runs."""
_UNLESS_ANOTHER_DOES = text("SELECT pg_try_advisory_xact_lock(8071996)")
_WHEN_ANOTHER_DID = text("SELECT pg_advisory_xact_lock(8071996)")
"""Whoever may only add to a table may not lock it. No reading takes this lock."""


class AnotherKey(Exception):
    """Nothing that waits opens with this key: it is not the one of this queue. Everything is left as it is."""


def chain_all(database: Database, key: DataKey) -> None:
    """Chains all that waits, after whoever chains already. Raises AnotherKey as `chain` does."""
    chained = BATCH
    while chained == BATCH:
        with database.write() as tx:
            chained = chain(tx, key, waits=True)


def chain(tx: Connection, key: DataKey, *, waits: bool = False) -> int:
    """Chains a batch of what waits; gives how many entries left the queue. `tx` writes.

    While another process chains, it does nothing, or `waits` for it. Killed at any moment, it has chained the whole
    batch or none of it. Where entries are missing, an entry that says how many stands in their place; what does not
    open, or came twice, is held back and named by `verify`. Raises AnotherKey when nothing opens.
    """
    if not _is_ours(tx, waits=waits):
        return 0
    batch = access_queue.first(tx, BATCH)
    if not batch:
        return 0
    chained = _Chained(access_queue.reached(tx, sorted({line.lane for line in batch})))
    for line in batch:
        chained.add(line, key)
    if chained.unopened == len(batch):
        raise AnotherKey
    _tell_what_is_wrong(chained)
    if chained.texts:
        journal.append(tx, key, chained.texts)
        access_queue.remove(tx, chained.ids)
        access_queue.reach(tx, chained.reached, datetime.now(UTC))
    if chained.held:
        access_queue.hold(tx, chained.held)
    return len(batch)


class _Chained:
    """A batch as it goes into the journal. `reached` is how far each of its lanes was chained before."""

    def __init__(self, reached: dict[str, int]) -> None:
        self.reached = reached
        self.texts: list[tuple[datetime, bytes]] = []
        self.ids: list[int] = []
        self.held: list[int] = []
        self.lost = self.unopened = 0

    def add(self, line: Queued, key: DataKey) -> None:
        """Takes the next line of the queue."""
        before = self.reached[line.lane]
        try:
            content = line.opened(key)
        except Tampered:
            content, self.unopened = None, self.unopened + 1
        if content is None or line.number <= before:
            self.held.append(line.id)
            return
        if missing := line.number - before - 1:
            self.texts.append((line.at, _lost(missing)))
            self.lost += missing
        self.texts.append((line.at, content))
        self.ids.append(line.id)
        self.reached[line.lane] = line.number


def _lost(missing: int) -> bytes:
    reading = Reading(
        access=Access.LOST, account=CLOCK.account, role=CLOCK.role, organisation=CLOCK.organisation, found=missing
    )
    return journal.written(reading)


def _tell_what_is_wrong(chained: _Chained) -> None:
    if chained.lost:
        log.error("journal_entries_lost", found=chained.lost)
    if chained.held:
        log.error("journal_entries_held", found=len(chained.held))


def _is_ours(tx: Connection, *, waits: bool) -> bool:
    if tx.dialect.name == "sqlite":  # there, a transaction that writes is alone already
        return True
    if waits:
        tx.execute(_WHEN_ANOTHER_DID)
        return True
    return bool(tx.execute(_UNLESS_ANOTHER_DOES).scalar_one())
