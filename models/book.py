"""The book: reading a case's history from it and appending to it. The only place that knows how a line is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, insert, select

from domain.actors import Actor
from domain.errors import Action, Problem
from domain.events import AnyEvent, Entry
from domain.log.chain import FIELDS, FIRST, Line
from domain.parts.erasure import CaseErased
from domain.vocabulary import Door
from kit.crypto.vault import KeyUnknown, Tampered, is_sealed
from models.tables import book

if TYPE_CHECKING:
    from models.keys import CaseKey, Keys

_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


@dataclass(frozen=True, slots=True)
class StoredLine(Line):
    """A line as it stands in the book, sealed or not: with its number, its hash and the hash that it follows."""

    id: int
    previous: bytes
    line_hash: bytes


COLUMNS = (*(book.c[name] for name in FIELDS), book.c.id, book.c.previous, book.c.hash)
"""Columns of a StoredLine, in its order."""
_AFTER = (
    select(*COLUMNS)
    .where(book.c.reference == bindparam("reference"), book.c.version > bindparam("after"))
    .order_by(book.c.version)
)
_OF_COMMAND = select(*COLUMNS).where(book.c.command_id == bindparam("command_id")).order_by(book.c.position)
_INSERT = insert(book)
ERASED = str(CaseErased.model_fields["tag"].default)
_IDS_AT_ONCE = 1_000


UNREADABLE = (Tampered, KeyUnknown, ValueError, LookupError)
"""Errors that make one case unreadable for good: a changed line, a line that is no event, a damaged or lost key.
A store or a master key that is away raises none of them."""


class LineNotOpened(Problem, Tampered):
    """A line of the book is not what was sealed for its place."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "line_not_opened",
            "A line of the history of {reference} is not the one that was written: it was changed.",
            "Tell whoever runs this service: verifying the case says which line.",
            action=Action.VERIFY_CASE,
            reference=reference,
        )


def place(reference: str, version: int) -> str:
    """The place to which an event is sealed: it opens as this line of this case's history and as nothing else."""
    return f"book|{reference}|{version}"


def event_of(line: Line, key: CaseKey) -> bytes:
    """The event of a line as JSON. Raises LineNotOpened when it was not sealed for this line."""
    try:
        return key.open(line.event, place(line.reference, line.version)) if is_sealed(line.event) else line.event
    except Tampered:
        raise LineNotOpened(line.reference) from None


def entry_of(line: Line, key: CaseKey) -> Entry:
    """The entry of a history that a line holds."""
    return Entry.model_construct(
        version=line.version,
        command_id=line.command_id,
        actor=Actor.model_validate(
            {
                "account": line.account,
                "role": line.role,
                "organisation": line.organisation,
                "metropolis": line.metropolis,
            }
        ),
        happened_at=line.happened_at,
        recorded_at=line.recorded_at,
        event=_EVENT.validate_json(event_of(line, key)),
        door=Door.LOCAL if line.door is None else Door[line.door.upper()],
    )


def is_bare(line: Line) -> bool:
    """Tells whether a line holds in clear an event that should be sealed, whatever its tag claims.

    Reading takes such a line for one written before encryption; verification names it.
    """
    if is_sealed(line.event):
        return False
    try:
        return not _EVENT.validate_json(line.event).in_clear
    except ValueError:
        return True


def in_clear(line: Line, key: CaseKey) -> Line:
    """The same line, with its event as it was before it was sealed. Raises LineNotOpened."""
    return replace(line, event=event_of(line, key))


def history(tx: Connection, keys: Keys, reference: str, after: int = 0) -> list[Entry]:
    """The lines of a case after a version, oldest first; none for a case that does not exist.

    The one way to read the book. Raises Refused for a case that was erased.
    """
    lines = _lines(tx, reference, after)
    if not lines:
        return []
    key = keys.of(reference)
    return [entry_of(line, key) for line in lines]


def _lines(tx: Connection, reference: str, after: int = 0) -> list[StoredLine]:
    return [StoredLine(*row) for row in tx.execute(_AFTER, {"reference": reference, "after": after})]


def first(tx: Connection, keys: Keys, reference: str) -> Entry | None:
    """The line that opened a case; None when there is no such case. Raises Refused for a case that was erased."""
    row = tx.execute(_AFTER.limit(1), {"reference": reference, "after": 0}).first()
    return entry_of(StoredLine(*row), keys.of(reference)) if row else None


def has(tx: Connection, reference: str) -> bool:
    """Tells whether the book has any line of a case."""
    return tx.execute(_AFTER.limit(1), {"reference": reference, "after": 0}).first() is not None


def of_command(tx: Connection, command_id: str) -> list[StoredLine]:
    """The lines that a command became, in order; none when it is not in the book."""
    return [StoredLine(*row) for row in tx.execute(_OF_COMMAND, {"command_id": command_id})]


def commands_recorded(tx: Connection, command_ids: Sequence[str]) -> set[str]:
    """Tells which of these commands are in the book, a thousand a query: a statement takes only so many parameters."""
    recorded: set[str] = set()
    for start in range(0, len(command_ids), _IDS_AT_ONCE):
        batch = command_ids[start : start + _IDS_AT_ONCE]
        recorded.update(tx.execute(select(book.c.command_id).where(book.c.command_id.in_(batch))).scalars())
    return recorded


def append(
    tx: Connection, key: CaseKey, reference: str, head: bytes, entries: Sequence[Entry], *, first_position: int = 0
) -> bytes:
    """Writes the next lines of a case, all of one command and each event sealed, and gives the new head of its chain.

    Raises IntegrityError when somebody else wrote them first.
    """
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
            door=None if entry.door is Door.LOCAL else entry.door.value,
            happened_at=entry.happened_at,
            recorded_at=entry.recorded_at,
            event=_sealed(key, reference, entry),
        )
        hash = line.hash(head)
        rows.append({name: getattr(line, name) for name in FIELDS} | {"previous": head, "hash": hash})
        head = hash
    tx.execute(_INSERT, rows)
    return head


def _sealed(key: CaseKey, reference: str, entry: Entry) -> bytes:
    event = _EVENT.dump_json(entry.event)
    # Sealed alike each time, so that a lost line can be written again from the histories, byte for byte.
    return event if entry.event.in_clear else key.seal_alike(event, place(reference, entry.version))


def erasure(tx: Connection, reference: str) -> tuple[StoredLine, CaseErased] | None:
    """The last line of an erased case and the facts kept in it, readable without a key; None for any other case."""
    row = tx.execute(select(*COLUMNS).where(book.c.reference == reference, book.c.tag == ERASED)).first()
    if row is None:
        return None
    line = StoredLine(*row)
    return line, kept_of(line)


def kept_of(last: Line) -> CaseErased:
    """The facts that the last line of an erased case keeps. Raises ValueError when it is another event."""
    return CaseErased.model_validate_json(last.event)


def rows(tx: Connection, reference: str) -> list[StoredLine]:
    """The lines of a case as they stand in the book, with their hashes, sealed or not."""
    return _lines(tx, reference)


def broken_link(tx: Connection, reference: str) -> int | None:
    """The first version of a case's history that does not follow from the one before; None when the chain holds."""
    head, version = FIRST, 0
    for line in _lines(tx, reference):
        hash = line.hash(head)
        if line.version != version + 1 or line.previous != head or line.line_hash != hash:
            return line.version
        head, version = hash, line.version
    return None
