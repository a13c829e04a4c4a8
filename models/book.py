"""The book: reading a case's history from it and appending to it. The only place that knows how a line is written."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.engine import Row

from domain.chain import FIELDS, FIRST, Line
from domain.custody import CaseKeys
from domain.events import Actor, AnyEvent, Entry
from models.tables import book

_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)

_AFTER = (
    select(book)
    .where(book.c.reference == bindparam("reference"), book.c.version > bindparam("after"))
    .order_by(book.c.version)
)
_OF_COMMAND = select(book).where(book.c.command_id == bindparam("command_id")).order_by(book.c.position)
_INSERT = insert(book)
_IDS_AT_ONCE = 1_000


def entry_of(row: Row[Any]) -> Entry:
    """The line of history that a row holds."""
    return Entry.model_construct(
        version=row.version,
        command_id=row.command_id,
        actor=Actor.model_validate(
            {
                "account": row.account,
                "role": row.role,
                "organisation": row.organisation,
                "metropolis": row.metropolis,
            }
        ),
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        event=_EVENT.validate_json(row.event),
    )


def line_of(row: Row[Any]) -> Line:
    """What a row says, as it was hashed."""
    return Line(**{name: getattr(row, name) for name in FIELDS})


def in_clear(row: Row[Any], keys: CaseKeys) -> Line:  # noqa: ARG001 - the events are not sealed yet
    """What a row says, with its event as it was before it was sealed. Raises KeyDestroyed."""
    return line_of(row)


def history(tx: Connection, reference: str, after: int = 0) -> list[Entry]:
    """The lines of a case after a version, oldest first; none for a case that does not exist."""
    return [entry_of(row) for row in tx.execute(_AFTER, {"reference": reference, "after": after})]


def first(tx: Connection, reference: str) -> Entry | None:
    """The line that opened a case; None when there is no such case."""
    row = tx.execute(_AFTER.limit(1), {"reference": reference, "after": 0}).first()
    return entry_of(row) if row else None


def of_command(tx: Connection, command_id: str) -> Sequence[Row[Any]]:
    """The rows that a command became, in order; none when it is not in the book."""
    return tx.execute(_OF_COMMAND, {"command_id": command_id}).all()


def commands_recorded(tx: Connection, command_ids: Sequence[str]) -> set[str]:
    """Which of these commands are in the book. Asked in pieces: a statement takes only so many parameters."""
    found: set[str] = set()
    for start in range(0, len(command_ids), _IDS_AT_ONCE):
        piece = command_ids[start : start + _IDS_AT_ONCE]
        found.update(tx.execute(select(book.c.command_id).where(book.c.command_id.in_(piece))).scalars())
    return found


def append(tx: Connection, reference: str, head: bytes, entries: Sequence[Entry], *, first_position: int = 0) -> bytes:
    """Writes the next lines of a case, all of one command, and gives the new head of its chain.

    Raises IntegrityError when somebody else wrote them first.
    """
    written_at = datetime.now(UTC)
    rows = []
    for position, entry in enumerate(entries, start=first_position):
        line = Line(
            reference=reference,
            version=entry.version,
            command_id=entry.command_id,
            position=position,
            tag=entry.event.tag,
            account=entry.actor.account,
            role=entry.actor.role,
            organisation=entry.actor.organisation,
            metropolis=entry.actor.metropolis,
            happened_at=entry.happened_at,
            recorded_at=entry.recorded_at,
            event=_EVENT.dump_json(entry.event),
        )
        hash = line.hash(head)
        rows.append(
            {name: getattr(line, name) for name in FIELDS} | {"written_at": written_at, "previous": head, "hash": hash}
        )
        head = hash
    tx.execute(_INSERT, rows)
    return head


def rows(tx: Connection, reference: str) -> Sequence[Row[Any]]:
    """The lines of a case as they stand in the book, with their hashes."""
    return tx.execute(_AFTER, {"reference": reference, "after": 0}).all()


def broken_link(tx: Connection, reference: str) -> int | None:
    """The first version of a case's history that does not follow from the one before; None when the chain holds."""
    head, version = FIRST, 0
    for row in tx.execute(_AFTER, {"reference": reference, "after": 0}):
        hash = line_of(row).hash(head)
        if row.version != version + 1 or row.previous != head or row.hash != hash:
            return int(row.version)
        head, version = hash, row.version
    return None
