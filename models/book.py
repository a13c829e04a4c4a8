"""The book: reading a case's history from it and appending to it. The only place that knows how a line is written."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.engine import Row

from domain.actors import Actor
from domain.errors import Action, Problem
from domain.events import AnyEvent, Entry
from domain.log.chain import FIELDS, FIRST, Line
from domain.parts.erasure import CaseErased
from kit.crypto.vault import KeyUnknown, Tampered, is_sealed
from models.keys import CaseKey, Keys
from models.tables import book

_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)

_AFTER = (
    select(book)
    .where(book.c.reference == bindparam("reference"), book.c.version > bindparam("after"))
    .order_by(book.c.version)
)
_OF_COMMAND = select(book).where(book.c.command_id == bindparam("command_id")).order_by(book.c.position)
_INSERT = insert(book)
ERASED = str(CaseErased.model_fields["tag"].default)
_IDS_AT_ONCE = 1_000


UNREADABLE = (Tampered, KeyUnknown, ValueError, LookupError)
"""What says of one case that it cannot be read, whoever asks and however often: a line was changed or is no event, its
key is damaged or lost. A store or a master key that is away says none of these."""


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
    """Where an event is sealed: it opens as this line of this case's history and as nothing else."""
    return f"book|{reference}|{version}"


def said(row: Row[Any], key: CaseKey) -> bytes:
    """What a row says happened, as JSON. Raises LineNotOpened when it was not sealed for this line."""
    event = bytes(row.event)
    try:
        return key.open(event, place(row.reference, row.version)) if is_sealed(event) else event
    except Tampered:
        raise LineNotOpened(row.reference) from None


def entry_of(row: Row[Any], key: CaseKey) -> Entry:
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
        event=_EVENT.validate_json(said(row, key)),
    )


def is_bare(row: Row[Any]) -> bool:
    """Whether a row holds in clear what is to be sealed, whatever its tag says that it is.

    Such lines are read as those of before encryption were; whoever verifies names them.
    """
    event = bytes(row.event)
    if is_sealed(event):
        return False
    try:
        return not _EVENT.validate_json(event).in_clear
    except ValueError:
        return True


def line_of(row: Row[Any]) -> Line:
    """What a row says, as it was hashed."""
    return Line(**{name: getattr(row, name) for name in FIELDS})


def in_clear(row: Row[Any], key: CaseKey) -> Line:
    """What a row says, with its event as it was before it was sealed. Raises LineNotOpened."""
    return replace(line_of(row), event=said(row, key))


def history(tx: Connection, keys: Keys, reference: str, after: int = 0) -> list[Entry]:
    """The lines of a case after a version, oldest first; none for a case that does not exist.

    The one way to read the book. Raises Refused for a case that was erased.
    """
    found = tx.execute(_AFTER, {"reference": reference, "after": after}).all()
    if not found:
        return []
    key = keys.of(reference)
    return [entry_of(row, key) for row in found]


def first(tx: Connection, keys: Keys, reference: str) -> Entry | None:
    """The line that opened a case; None when there is no such case. Raises Refused for a case that was erased."""
    row = tx.execute(_AFTER.limit(1), {"reference": reference, "after": 0}).first()
    return entry_of(row, keys.of(reference)) if row else None


def has(tx: Connection, reference: str) -> bool:
    """Whether the book has any line of a case."""
    return tx.execute(_AFTER.limit(1), {"reference": reference, "after": 0}).first() is not None


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
    # Alike each time: a line that was lost is written again from the histories as the very line that was sealed.
    return event if entry.event.in_clear else key.seal_alike(event, place(reference, entry.version))


def erasure(tx: Connection, reference: str) -> tuple[Row[Any], CaseErased] | None:
    """The last line of a case that was erased, which needs no key; None for any other."""
    query = select(book).where(book.c.reference == reference, book.c.tag == ERASED)
    row = tx.execute(query).first()
    return None if row is None else (row, kept_of(row))


def kept_of(last: Row[Any]) -> CaseErased:
    """What the last line of an erased case keeps of it. Raises ValueError when it is something else."""
    return CaseErased.model_validate_json(bytes(last.event))


def rows(tx: Connection, reference: str) -> Sequence[Row[Any]]:
    """The lines of a case as they stand in the book, with their hashes, sealed or not."""
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
