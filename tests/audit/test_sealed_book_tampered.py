"""Nothing in a sealed book can be changed afterwards without being found, not even by whoever owns it."""

import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from audit.findings import Finding
from audit.log import look_through
from domain.log.chain import FIELDS, Line
from domain.log.checkpoint import Checkpoint, PublicKey, signed
from domain.log.merkle import Growing
from kit.crypto.signing import SigningKey
from kit.crypto.witness import FolderWitness
from kit.storage.database import Database
from models import book as lines
from models import seals
from models.tables import book, checkpoints, leaves, tokens
from tests.support.clerk import Clerk
from tests.support.seals import KEY, ORIGIN, PUBLIC, kinds, leaf_of, off, rewritten, sealer, tampered, three_cases


def sealed_anew(tx: Connection, key: SigningKey) -> None:
    """Leaves and checkpoints made to fit the book as it is now, and signed."""
    sizes = list(tx.execute(select(checkpoints.c.size).order_by(checkpoints.c.size)).scalars())
    heads = {leaf.position: leaf.content for leaf, _ in seals.every_leaf(tx) if leaf.reference in seals.OF_NO_CASE}
    count = tx.execute(select(func.count()).select_from(book)).scalar_one() + len(heads)
    for table in (tokens, leaves, checkpoints):
        tx.execute(table.delete())
    tree = Growing()
    made: list[Any] = [leaf_of(row) for row in tx.execute(select(book).order_by(book.c.id))]
    for position, head in sorted(heads.items()):
        made.insert(position, head)
    seals.add_leaves(tx, 0, made)
    at, before = tx.execute(select(func.max(book.c.recorded_at))).scalar_one(), 0
    for leaf in made:
        tree.append(leaf.hash())
        if tree.size in {*sizes, count}:
            checkpoint, before = Checkpoint(ORIGIN, tree.size, tree.root(), before, at), tree.size
            seals.add_checkpoint(
                tx, checkpoint, tree.edge, signed(checkpoint.text(), PublicKey(ORIGIN, key.public), key.sign)
            )


OTHER: dict[str, Any] = {
    "command_id": "another-id", "position": 9, "tag": "x.1", "account": "somebody", "role": "AUDITOR",
    "organisation": "elsewhere", "metropolis": "AMP", "event": b'{"tag":"note_added.1","text":"Nothing"}',
}  # fmt: skip


def test_everything_done_to_a_sealed_book_is_found(sqlite_database: Database, witness: FolderWitness) -> None:
    clerk = Clerk(sqlite_database)
    three_cases(clerk)
    seal = sealer(clerk.database, witness)
    seal.send_checkpoint(seal.seal().size)
    three_cases(clerk, 1)
    seal.send_checkpoint(seal.seal().size)
    off(clerk.database)
    with clerk.database.read() as tx:
        ids = list(tx.execute(select(book.c.id).order_by(book.c.id)).scalars())
        of_cases = leaves.c.reference.not_in(seals.OF_NO_CASE)
        places = list(tx.execute(select(leaves.c.position).where(of_cases).order_by(leaves.c.position)).scalars())
    chance = random.Random(7)  # noqa: S311
    tries: dict[str, Callable[[Connection], Any]] = {}

    def edit(table: Any, where: Any, **values: Any) -> Callable[[Connection], Any]:
        return lambda tx: tx.execute(update(table).where(where).values(**values))

    # One line, every column of it, its hashes made right where it helps.
    for id in ids:
        for name in chance.sample([*OTHER], 3):
            tries[f"edit of {name} of line {id}"] = lambda tx, id=id, name=name: _edited(tx, id, {name: OTHER[name]})
        tries[f"another time of line {id}"] = lambda tx, id=id: _later(tx, id)
        tries[f"deletion of line {id}"] = lambda tx, id=id: tx.execute(book.delete().where(book.c.id == id))
    for one, other in itertools.pairwise(ids):
        tries[f"swap of lines {one} and {other}"] = lambda tx, one=one, other=other: rewritten(
            tx, lambda rows: _swapped(rows, one, other)
        )
    # The log itself.
    for place in places:
        at = leaves.c.position == place
        tries[f"edit of leaf {place}"] = edit(leaves, at, hash=bytes(32))
        tries[f"another line for leaf {place}"] = edit(leaves, at, line_hash=bytes(32))
        tries[f"another commitment for leaf {place}"] = edit(leaves, at, commitment=bytes(32))
        tries[f"deletion of leaf {place}"] = lambda tx, at=at: tx.execute(leaves.delete().where(at))
    for size in (19, 28):
        at = checkpoints.c.size == size
        tries[f"edit of the root at {size}"] = edit(checkpoints, at, root=bytes(32))
        tries[f"edit of the note at {size}"] = edit(checkpoints, at, note="x")
        tries[f"edit of the edge at {size}"] = edit(checkpoints, at, edge=bytes(32))
        tries[f"another time for the checkpoint at {size}"] = edit(checkpoints, at, made_at=clerk.at)
        tries[f"deletion of the checkpoint at {size}"] = lambda tx, at=at: tx.execute(checkpoints.delete().where(at))
    # The end cut off, from the book alone and from everything.
    for kept in range(0, 27, 3):
        tries[f"the book cut after {kept}"] = lambda tx, kept=kept: _cut(tx, ids[kept], None)
        tries[f"book and log cut after {kept}"] = lambda tx, kept=kept: _cut(tx, ids[kept], kept)
    # The whole of it, by somebody who can make every hash right, and even by somebody who has the key.
    for what, change in {
        "one word": lambda rows: _changed(rows, 10),
        "the first line": lambda rows: _changed(rows, 0),
        "a line left out": lambda rows: rows[:12] + rows[13:],
        "a line put in": _put_in,
    }.items():
        tries[f"rewrite of {what}, seals untouched"] = lambda tx, change=change: rewritten(tx, _numbered(change))
        for who, key in (("without the key", SigningKey(b"x" * 32)), ("with the key", KEY)):
            tries[f"rewrite of {what} and of the seals, {who}"] = lambda tx, change=change, key=key: (
                rewritten(tx, _numbered(change)), sealed_anew(tx, key),
            )  # fmt: skip

    missed = []
    for what, do in tries.items():
        with tampered(clerk.database, do) as database:
            found = kinds(database, witness)
            if not found and not _chain_is_broken(database):
                missed.append(what)
    print(f"\nseal: {len(tries)} ways of changing the book or its log, {len(tries) - len(missed)} found")
    assert not missed
    assert kinds(clerk.database, witness) == set()


def test_a_checkpoint_taken_out_of_the_middle_is_missed(clerk: Clerk, witness: FolderWitness) -> None:
    seal = sealer(clerk.database, witness)
    three_cases(clerk)
    seal.send_checkpoint(seal.seal().size)
    three_cases(clerk, 1)
    seal.seal()
    off(clerk.database)
    with tampered(clerk.database, lambda tx: tx.execute(checkpoints.delete().where(checkpoints.c.size == 19))) as gone:
        assert look_through(gone, [PUBLIC]) == [Finding("checkpoint_missing", "19")], "the next one says so"
        assert look_through(gone, [PUBLIC], [witness]) == [Finding("checkpoint_missing", "19")], "and is not alone"


def test_without_a_witness_the_key_alone_can_rewrite_everything(clerk: Clerk, witness: FolderWitness) -> None:
    """The reason for a witness: what nobody outside has seen can be unsaid by whoever holds database and key."""
    three_cases(clerk)
    seal = sealer(clerk.database, witness)
    seal.send_checkpoint(seal.seal().size)
    off(clerk.database)
    forge = _numbered(lambda rows: _changed(rows, 10))
    with tampered(clerk.database, lambda tx: (rewritten(tx, forge), sealed_anew(tx, KEY))) as database:
        assert kinds(database) == set()
        assert kinds(database, witness) == {"witness_differs"}


def _edited(tx: Connection, id: int, values: dict[str, Any]) -> None:
    """One line changed, with a hash that fits it."""
    row = tx.execute(select(book).where(book.c.id == id)).one()
    line = Line(**({name: getattr(row, name) for name in FIELDS} | values))
    tx.execute(update(book).where(book.c.id == id).values(**values, hash=line.hash(row.previous)))


def _later(tx: Connection, id: int) -> None:
    row = tx.execute(select(book).where(book.c.id == id)).one()
    _edited(tx, id, {"recorded_at": row.recorded_at + timedelta(microseconds=1)})


def _cut(tx: Connection, id: int, place: int | None) -> None:
    tx.execute(book.delete().where(book.c.id >= id))
    if place is not None:
        for table, column in ((checkpoints, checkpoints.c.size - 1), (leaves, leaves.c.position)):
            tx.execute(table.delete().where(column >= place))


def _changed(rows: list[dict[str, Any]], n: int) -> list[dict[str, Any]]:
    rows[n]["event"] = OTHER["event"]
    return rows


def _put_in(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*rows[:9], rows[8] | {"command_id": "put-in-by-somebody", "event": OTHER["event"]}, *rows[9:]]


def _swapped(rows: list[dict[str, Any]], one: int, other: int) -> list[dict[str, Any]]:
    first, second = (next(row for row in rows if row["id"] == id) for id in (one, other))
    for name in ("command_id", "account", "event", "position", "tag", "happened_at", "recorded_at"):
        first[name], second[name] = second[name], first[name]
    return rows


def _numbered(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[[Any], Any]:
    """Ids and versions that follow each other, as if it had always been so."""

    def numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = [row["id"] for row in rows]
        versions: dict[str, int] = {}
        changed = [dict(row) for row in change(rows)]
        for n, row in enumerate(changed):
            row["id"] = ids[n] if n < len(ids) else ids[-1] + n
            row["version"] = versions[row["reference"]] = versions.get(row["reference"], 0) + 1
        return changed

    return numbered


def _chain_is_broken(database: Database) -> bool:
    with database.read() as tx:
        references = set(tx.execute(select(book.c.reference)).scalars())
        return any(lines.broken_link(tx, reference) is not None for reference in references)
