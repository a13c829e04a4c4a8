"""The sealed log: which lines of the book are leaves of the tree, and the checkpoints signed over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, select
from sqlalchemy import text as sql

from domain.log.chain import AccountsHead, JournalHead, Leaf
from domain.log.merkle import Growing
from models.book import COLUMNS, StoredLine
from models.tables import book, checkpoints, leaves, tokens

if TYPE_CHECKING:
    from domain.log.checkpoint import Checkpoint

_ONE_SEAL_AT_A_TIME = sql("SELECT pg_advisory_xact_lock(8071995)")
_AT_ONCE = 5_000

OF_JOURNAL, OF_ACCOUNTS = "", "accounts"
"""Stand in the place of a case's reference for the heads of the access journal and of the history of the accounts."""
OF_NO_CASE = (OF_JOURNAL, OF_ACCOUNTS)
Head = JournalHead | AccountsHead
"""The end of a chain that belongs to no case, in the tree."""


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A leaf as it stands in the log: its place, its content and its own hash."""

    position: int
    reference: str
    version: int
    line_hash: bytes
    commitment: bytes | None
    hash: bytes

    @property
    def content(self) -> Leaf | Head:
        """The line of a case, or the head of the access journal or of the accounts, that the leaf was made of."""
        if self.reference == OF_JOURNAL:
            return JournalHead(self.version, self.line_hash)
        if self.reference == OF_ACCOUNTS:
            return AccountsHead(self.version, self.line_hash)
        return Leaf(self.reference, self.version, self.line_hash, self.commitment)


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint, with the right edge of the tree at that size."""

    size: int
    root: bytes
    edge: bytes
    note: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A time-stamp on a checkpoint, and the time that it attests to."""

    token: bytes
    made_at: datetime


_LEAF = tuple(leaves.c[name] for name in ("position", "reference", "version", "line_hash", "commitment", "hash"))
_CHECKPOINT = select(*(checkpoints.c[name] for name in ("size", "root", "edge", "note", "made_at")))
_OF_CASE = select(*_LEAF).where(leaves.c.reference == bindparam("reference")).order_by(leaves.c.version)


def hold(tx: Connection) -> None:
    """Keeps everybody else from sealing until the end of the transaction. On SQLite a writer is alone anyway."""
    if tx.dialect.name != "sqlite":
        tx.execute(_ONE_SEAL_AT_A_TIME)


def unsealed(tx: Connection, limit: int, after: int = 0) -> list[StoredLine]:
    """The lines of the book that are no leaves yet, in the order in which they were written, after the line `after`.

    Each line is checked for a leaf, because "everything after number n" would miss some: PostgreSQL hands out numbers
    before it commits, so that a line may appear below one that is sealed already.
    """
    is_leaf = and_(leaves.c.reference == book.c.reference, leaves.c.version == book.c.version)
    waits = ~select(leaves.c.position).where(is_leaf).exists()
    query = select(*COLUMNS).where(book.c.id > after, waits).order_by(book.c.id).limit(limit)
    return [StoredLine(*row) for row in tx.execute(query)]


def count_unsealed(tx: Connection) -> int:
    """Counts the lines that wait to be sealed."""
    lines = tx.execute(select(func.count()).select_from(book)).scalar_one()
    of_lines = select(func.count()).select_from(leaves).where(leaves.c.reference.not_in(OF_NO_CASE))
    return int(lines - tx.execute(of_lines).scalar_one())


def sealed_entries(tx: Connection) -> int:
    """Counts the entries of the access journal that the log covers."""
    return _covered(tx, OF_JOURNAL)


def unsealed_heads(tx: Connection, heads: Sequence[Head]) -> list[Head]:
    """Those of these heads that are further than the log has them."""
    return [head for head in heads if head.number > _covered(tx, _place_of(head))]


def _covered(tx: Connection, place: str) -> int:
    query = select(func.max(leaves.c.version)).where(leaves.c.reference == place)
    return int(tx.execute(query).scalar_one() or 0)


def _place_of(head: Head) -> str:
    return OF_JOURNAL if isinstance(head, JournalHead) else OF_ACCOUNTS


def tree(tx: Connection) -> Growing:
    """The tree as the last checkpoint left it, to go on from there."""
    last = last_checkpoint(tx)
    if last is None:
        return Growing()
    return Growing(last.size, [last.edge[n : n + 32] for n in range(0, len(last.edge), 32)])


def add_leaves(tx: Connection, first: int, added: Sequence[Leaf | Head]) -> None:
    """Writes leaves at the places from `first` on. Raises IntegrityError when one of them is taken."""
    tx.execute(insert(leaves), [_row(place, leaf) for place, leaf in enumerate(added, first)])


def _row(place: int, leaf: Leaf | Head) -> dict[str, Any]:
    match leaf:
        case Leaf(reference, version, line_hash, commitment):
            of_what = (reference, version, line_hash, commitment)
        case JournalHead(number, hash) | AccountsHead(number, hash):
            of_what = (_place_of(leaf), number, hash, None)
    names = ("reference", "version", "line_hash", "commitment")
    return dict(zip(names, of_what, strict=True)) | {"position": place, "hash": leaf.hash()}


def add_checkpoint(tx: Connection, checkpoint: Checkpoint, edge: Sequence[bytes], note: str) -> None:
    """Keeps a signed checkpoint, with the edge of the tree to go on from."""
    row = {"size": checkpoint.size, "root": checkpoint.root, "edge": b"".join(edge), "note": note,
           "made_at": checkpoint.made_at}  # fmt: skip
    tx.execute(insert(checkpoints), [row])


def add_token(tx: Connection, size: int, token: bytes, made_at: datetime) -> None:
    """Keeps a time-stamp; the first one stays when there is one already."""
    if tx.execute(select(tokens.c.size).where(tokens.c.size == size)).first() is None:
        tx.execute(insert(tokens), [{"size": size, "token": token, "made_at": made_at}])


def last_checkpoint(tx: Connection) -> StoredCheckpoint | None:
    """The latest checkpoint; None when nothing was sealed yet."""
    return _first(tx, _CHECKPOINT.order_by(checkpoints.c.size.desc()))


def checkpoint_at(tx: Connection, size: int) -> StoredCheckpoint | None:
    """The checkpoint of that size."""
    return _first(tx, _CHECKPOINT.where(checkpoints.c.size == size))


def first_covering(tx: Connection, position: int) -> StoredCheckpoint | None:
    """The first checkpoint that has the leaf at this place."""
    return _first(tx, _CHECKPOINT.where(checkpoints.c.size > position).order_by(checkpoints.c.size))


def _first(tx: Connection, query: Select[Any]) -> StoredCheckpoint | None:
    row = tx.execute(query.limit(1)).first()
    return StoredCheckpoint(*row) if row else None


def token_of(tx: Connection, size: int) -> StoredToken | None:
    """The time-stamp of a checkpoint, if it has one."""
    row = tx.execute(select(tokens.c.token, tokens.c.made_at).where(tokens.c.size == size)).first()
    return StoredToken(*row) if row else None


def all_checkpoints(tx: Connection) -> Iterator[StoredCheckpoint]:
    """Every checkpoint, the smallest first."""
    return (StoredCheckpoint(*row) for row in tx.execute(_CHECKPOINT.order_by(checkpoints.c.size)))


def leaves_of(tx: Connection, reference: str) -> list[StoredLeaf]:
    """The leaves of a case, by version."""
    return [StoredLeaf(*row) for row in tx.execute(_OF_CASE, {"reference": reference})]


def leaf_hashes(tx: Connection, size: int, start: int = 0) -> list[bytes]:
    """The leaves of the tree from `start` up to `size`, by their hashes. Raises LookupError when one is missing."""
    of_these = and_(leaves.c.position >= start, leaves.c.position < size)
    hashes = list(tx.execute(select(leaves.c.hash).where(of_these).order_by(leaves.c.position)).scalars())
    if len(hashes) != size - start:
        raise LookupError(f"{size - start - len(hashes)} leaves of {size} are missing")
    return hashes


def every_leaf(tx: Connection) -> Iterator[tuple[StoredLeaf, bytes | None]]:
    """Every leaf in order, with the hash of its line in the book, if it is there. Holds a few thousand at a time."""
    line = and_(book.c.reference == leaves.c.reference, book.c.version == leaves.c.version)
    query = (
        select(*_LEAF, book.c.hash.label("book_hash"))
        .select_from(leaves.outerjoin(book, line))
        .where(leaves.c.position >= bindparam("start"))
        .order_by(leaves.c.position)
        .limit(_AT_ONCE)
    )
    start = 0
    while rows := tx.execute(query, {"start": start}).all():
        for *leaf, book_hash in rows:
            yield StoredLeaf(*leaf), book_hash
        start = rows[-1].position + 1
