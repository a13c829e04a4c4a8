"""The queue of the access journal: entries that were written with what they tell of, and are not chained yet.

On PostgreSQL, where many read at once, an entry that had to follow from the one before would make all readings wait
for one another. It is sealed for its connection's lane, its number there and its time; whoever administers the
database can take it away, and cannot change, move or repeat it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from kit.crypto.vault import DataKey
from kit.storage.lanes import next_place
from models.tables import access_lanes, access_queue

_FORGOTTEN = timedelta(days=7)
"""Time after which nothing more comes by a lane (`kit.storage.lanes.LIFE`), however late a transaction ends."""
_COLUMNS = tuple(access_queue.c[name] for name in ("id", "lane", "number", "at", "entry"))


@dataclass(frozen=True, slots=True)
class Queued:
    """An entry that waits: where it stands, and the text that it holds once it is opened."""

    id: int
    lane: str
    number: int
    at: datetime
    entry: bytes

    def opened(self, key: DataKey) -> bytes:
        """The text of the entry. Raises Tampered unless it is what was sealed for this place and time."""
        return key.open(self.entry, _place(self.lane, self.number, self.at))


def add(tx: Connection, key: DataKey, at: datetime, text: bytes) -> None:
    """Adds an entry, in the transaction of the reading that it tells of."""
    lane, number = next_place(tx)
    entry = key.seal(text, _place(lane, number, at))
    tx.execute(insert(access_queue), [{"lane": lane, "number": number, "at": at, "entry": entry, "held": False}])


def first(tx: Connection, limit: int) -> list[Queued]:
    """The entries that wait longest, in the order in which the database numbered them.

    Of each lane those come first that were written first. All are of one statement: by pieces that begin where the one
    before ended, an entry that is committed late would be passed over.
    """
    query = select(*_COLUMNS).where(~access_queue.c.held).order_by(access_queue.c.id).limit(limit)
    return [Queued(*row) for row in tx.execute(query)]


def latest(tx: Connection) -> Iterator[Queued]:
    """Every entry that waits, the latest first."""
    rows = tx.execute(select(*_COLUMNS).order_by(access_queue.c.id.desc())).yield_per(500)
    return (Queued(*row) for row in rows)


def remove(tx: Connection, ids: Sequence[int]) -> None:
    """Takes entries out of the queue, in the transaction that makes them entries of the journal."""
    tx.execute(delete(access_queue).where(access_queue.c.id.in_(ids)))


def hold(tx: Connection, ids: Sequence[int]) -> None:
    """Leaves entries where they are for good: they cannot be chained."""
    tx.execute(update(access_queue).where(access_queue.c.id.in_(ids)).values(held=True))


def reached(tx: Connection, lanes: Sequence[str]) -> dict[str, int]:
    """How far the entries of these lanes are chained; zero for one of which none is."""
    query = select(access_lanes.c.lane, access_lanes.c.number).where(access_lanes.c.lane.in_(lanes))
    return dict.fromkeys(lanes, 0) | {row.lane: row.number for row in tx.execute(query)}


def reach(tx: Connection, numbers: dict[str, int], at: datetime) -> None:
    """Notes how far the entries of each lane are chained now, and forgets lanes by which nothing more comes."""
    tx.execute(delete(access_lanes).where(access_lanes.c.lane.in_(numbers) | (access_lanes.c.at < at - _FORGOTTEN)))
    tx.execute(insert(access_lanes), [{"lane": lane, "number": n, "at": at} for lane, n in numbers.items()])


def oldest(tx: Connection) -> datetime | None:
    """When the entry was written that waits longest to be chained; None when none waits."""
    moment: datetime | None = tx.execute(select(func.min(access_queue.c.at)).where(~access_queue.c.held)).scalar_one()
    return moment


def held(tx: Connection) -> int:
    """Counts the entries that cannot be chained."""
    return int(tx.execute(select(func.count()).select_from(access_queue).where(access_queue.c.held)).scalar_one())


def _place(lane: str, number: int, at: datetime) -> str:
    return f"access_queue|{lane}|{number}|{at.astimezone(UTC).isoformat(timespec='microseconds')}"
