"""The sealed log: which lines of the book are leaves of the tree, and the checkpoints signed over it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, select
from sqlalchemy import text as sql
from sqlalchemy.engine import Row

from domain.log.chain import JournalHead, Leaf
from domain.log.checkpoint import Checkpoint
from domain.log.merkle import Growing
from models.tables import book, checkpoints, leaves, tokens

_ONE_SEAL_AT_A_TIME = sql("SELECT pg_advisory_xact_lock(8071995)")
_OF_CASE = select(leaves).where(leaves.c.reference == bindparam("reference")).order_by(leaves.c.version)
_AT_ONCE = 5_000

OF_JOURNAL = ""
"""Under what, in the place of a case's reference, the heads of the access journal stand in the log. It comes before all
references, so that whoever goes through the cases of the log does not meet it."""


def hold(tx: Connection) -> None:
    """Keeps everybody else from sealing until the end of the transaction. On SQLite a writer is alone anyway."""
    if tx.dialect.name != "sqlite":
        tx.execute(_ONE_SEAL_AT_A_TIME)


def unsealed(tx: Connection, limit: int, after: int = 0) -> Sequence[Row[Any]]:
    """The lines of the book that are no leaves yet, in the order in which they were written, after the line `after`.

    Found by what is missing and never by "everything after number n": PostgreSQL hands out numbers before it commits,
    so that a line may appear below one that is sealed already.
    """
    is_leaf = and_(leaves.c.reference == book.c.reference, leaves.c.version == book.c.version)
    waits = ~select(leaves.c.position).where(is_leaf).exists()
    return tx.execute(select(book).where(book.c.id > after, waits).order_by(book.c.id).limit(limit)).all()


def count_unsealed(tx: Connection) -> int:
    """How many lines wait to be sealed."""
    lines = tx.execute(select(func.count()).select_from(book)).scalar_one()
    of_lines = select(func.count()).select_from(leaves).where(leaves.c.reference != OF_JOURNAL)
    return int(lines - tx.execute(of_lines).scalar_one())


def sealed_entries(tx: Connection) -> int:
    """How many entries of the access journal are covered by the log."""
    query = select(func.max(leaves.c.version)).where(leaves.c.reference == OF_JOURNAL)
    return int(tx.execute(query).scalar_one() or 0)


def said(row: Row[Any]) -> Leaf | JournalHead:
    """What a leaf says."""
    if row.reference == OF_JOURNAL:
        return JournalHead(row.version, row.line_hash)
    return Leaf(row.reference, row.version, row.line_hash, row.commitment)


def tree(tx: Connection) -> Growing:
    """The tree as the last checkpoint left it, to go on from there."""
    row = last_checkpoint(tx)
    if row is None:
        return Growing()
    return Growing(row.size, [row.edge[n : n + 32] for n in range(0, len(row.edge), 32)])


def add_leaves(tx: Connection, first: int, added: Sequence[Leaf | JournalHead]) -> None:
    """Writes leaves at the places from `first` on. Raises IntegrityError when one of them is taken."""
    tx.execute(insert(leaves), [_row(place, leaf) for place, leaf in enumerate(added, first)])


def _row(place: int, leaf: Leaf | JournalHead) -> dict[str, Any]:
    match leaf:
        case Leaf(reference, version, line_hash, commitment):
            of_what = (reference, version, line_hash, commitment)
        case JournalHead(number, entry_hash):
            of_what = (OF_JOURNAL, number, entry_hash, None)
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


def last_checkpoint(tx: Connection) -> Row[Any] | None:
    """The latest checkpoint; None when nothing was sealed yet."""
    return tx.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()


def checkpoint_at(tx: Connection, size: int) -> Row[Any] | None:
    """The checkpoint of that size."""
    return tx.execute(select(checkpoints).where(checkpoints.c.size == size)).first()


def first_covering(tx: Connection, position: int) -> Row[Any] | None:
    """The first checkpoint that has the leaf at this place."""
    query = select(checkpoints).where(checkpoints.c.size > position).order_by(checkpoints.c.size).limit(1)
    return tx.execute(query).first()


def token_of(tx: Connection, size: int) -> Row[Any] | None:
    """The time-stamp of a checkpoint, if it has one."""
    return tx.execute(select(tokens).where(tokens.c.size == size)).first()


def all_checkpoints(tx: Connection) -> Iterator[Row[Any]]:
    """Every checkpoint, the smallest first."""
    return iter(tx.execute(select(checkpoints).order_by(checkpoints.c.size)))


def leaves_of(tx: Connection, reference: str) -> Sequence[Row[Any]]:
    """The leaves of a case, by version."""
    return tx.execute(_OF_CASE, {"reference": reference}).all()


def leaf_hashes(tx: Connection, size: int) -> list[bytes]:
    """The first `size` leaves of the tree, by their hashes. Raises LookupError when one is missing."""
    query = select(leaves.c.hash).where(leaves.c.position < size).order_by(leaves.c.position)
    found = list(tx.execute(query).scalars())
    if len(found) != size:
        raise LookupError(f"{size - len(found)} leaves of {size} are missing")
    return found


def every_leaf(tx: Connection) -> Iterator[Row[Any]]:
    """Every leaf in order, a few thousand at a time, with the hash of the line that the book has for it, if any."""
    line = and_(book.c.reference == leaves.c.reference, book.c.version == leaves.c.version)
    query = (
        select(leaves, book.c.hash.label("book_hash"))
        .select_from(leaves.outerjoin(book, line))
        .where(leaves.c.position >= bindparam("start"))
        .order_by(leaves.c.position)
        .limit(_AT_ONCE)
    )
    start = 0
    while rows := tx.execute(query, {"start": start}).all():
        yield from rows
        start = rows[-1].position + 1
