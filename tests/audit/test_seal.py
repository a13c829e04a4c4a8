"""The book sealed: nothing in it can be changed afterwards without being found, not even by whoever owns it."""

import contextlib
import dataclasses
import itertools
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.exc import DBAPIError
from temporalio.exceptions import ApplicationError

from activities.seal import Seal
from audit.findings import Finding
from audit.log import look_through
from domain.log.chain import FIELDS, FIRST, Leaf, Line
from domain.log.checkpoint import Checkpoint, PublicKey, opened, signed
from domain.log.merkle import Growing, Tree, is_consistent, is_included
from kit.crypto.signing import SigningKey, verify
from kit.crypto.vault import KeyFile, Tampered
from kit.crypto.witness import FolderWitness
from kit.storage.database import Database, sqlite_url
from models import book as lines
from models import seals
from models.keys import CaseKeys
from models.migrate import VAULT
from models.tables import book, checkpoints, leaves, tokens
from tests.people import WORKER
from tests.support.builders import note
from tests.support.clerk import Clerk
from tests.support.lives import Lives
from tests.support.servers import KEYS

ORIGIN = "test.example/book"
KEY = SigningKey(bytes(32))
PUBLIC = PublicKey(ORIGIN, KEY.public)


def sealer(database: Database, witness: FolderWitness | None = None, **other: Any) -> Seal:
    said = {"keys": KEYS, "origin": ORIGIN, "key": KEY, "witnesses": [witness] if witness else []} | other
    return Seal(database, **said)


def kinds(database: Database, *witnesses: FolderWitness) -> set[str]:
    return {finding.kind for finding in look_through(database, [PUBLIC], witnesses)}


@pytest.fixture
def witness(tmp_path: Path) -> FolderWitness:
    return FolderWitness(tmp_path / "witness")


def three_cases(clerk: Clerk, lines: int = 4) -> list[str]:
    references = [clerk.open() for _ in range(3)]
    for _ in range(lines):
        for reference in references:
            clerk.ask(reference, note())
    return references


# --- Sealing ---------------------------------------------------------------------------------------------


def test_a_seal_takes_every_line_once_and_signs_what_it_took(clerk: Clerk, witness: FolderWitness) -> None:
    seal = sealer(clerk.database, witness)
    assert seal.seal().size == 0
    three_cases(clerk)
    assert seal.seal().model_dump() == {"size": 18, "added": 18}
    assert seal.seal().model_dump() == {"size": 18, "added": 0}
    three_cases(clerk, 1)
    assert seal.seal().model_dump() == {"size": 27, "added": 9}
    for size in (18, 27):
        assert seal.send_checkpoint(size) == 1
        assert seal.send_checkpoint(size) == 1  # told twice, kept once
    with clerk.database.read() as tx:
        tree = Tree(seals.leaf_hashes(tx, 27))
        rows = list(seals.all_checkpoints(tx))
        said = [Checkpoint.parse(opened(row.note, [PUBLIC], verify)) for row in rows]
        made = [row.made_at for row in rows]
        assert said == [
            Checkpoint(ORIGIN, 18, tree.root(18), 0, made[0]), Checkpoint(ORIGIN, 27, tree.root(27), 18, made[1])
        ]  # fmt: skip
        assert [(size, note) for size, note in witness.notes()] == [(row.size, row.note) for row in rows]
        assert is_consistent(18, 27, said[0].root, said[1].root, tree.consistency(18))
        line = tx.execute(select(book).order_by(book.c.id)).first()
        assert line is not None
        assert is_included(_leaf(line).hash(), 0, 27, tree.inclusion(0), said[1].root)
        assert seals.count_unsealed(tx) == 0
    assert kinds(clerk.database, witness) == set()


def _leaf(row: Any) -> Leaf:
    line = Line(**{name: getattr(row, name) for name in FIELDS})
    key, event = KEYS.of(row.reference), row.event
    with contextlib.suppress(Tampered):  # whoever has no key can only make up a commitment
        event = key.open(event, lines.place(row.reference, row.version))
    said = dataclasses.replace(line, event=event)
    return Leaf(row.reference, row.version, line.hash(row.previous), key.commitment(said.content()))


def test_a_long_book_is_sealed_in_pieces(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.seal.BATCH", 5)
    three_cases(clerk)
    assert sealer(clerk.database).seal().model_dump() == {"size": 18, "added": 18}
    with clerk.database.read() as tx:
        assert [row.size for row in seals.all_checkpoints(tx)] == [5, 10, 15, 18]
    assert kinds(clerk.database) == set()


def test_a_line_that_appears_below_a_sealed_one_is_sealed_too(clerk: Clerk) -> None:
    """PostgreSQL hands out numbers before it commits: what began earlier may appear later."""
    first, second = clerk.open(), clerk.open()
    clerk.ask(second, note())
    clerk.ask(first, note())
    seal = sealer(clerk.database)
    off(clerk.database)
    with clerk.database.write() as tx:  # as if the second case's last line had not been committed yet
        row = tx.execute(select(book).where(book.c.reference == second, book.c.version == 3)).one()._asdict()
        tx.execute(book.delete().where(book.c.id == row["id"]))
    assert seal.seal().added == 5
    with clerk.database.write() as tx:
        tx.execute(book.insert().values(**row))
    assert seal.seal().added == 1
    assert kinds(clerk.database) == set()


def test_without_a_key_nothing_is_sealed_and_it_is_said(clerk: Clerk) -> None:
    clerk.open()
    with pytest.raises(ApplicationError) as failed:
        sealer(clerk.database, key=None).seal()
    assert (failed.value.type, failed.value.non_retryable) == ("NoSealKey", True)


def test_a_leaf_says_the_same_when_the_key_of_its_case_is_no_more(clerk: Clerk) -> None:
    erased, *_ = three_cases(clerk)
    sealer(clerk.database).seal()
    Clerk(clerk.database).ask(erased, note())
    KEYS.destroy(erased)
    assert sealer(clerk.database).seal().added == 1
    assert kinds(clerk.database) == set()
    with clerk.database.read() as tx:
        commitments = [leaf.commitment for leaf in seals.leaves_of(tx, erased)]
    assert [one is None for one in commitments] == [False] * 6 + [True]


def test_nothing_is_sealed_while_the_store_of_the_keys_is_another_one(clerk: Clerk, tmp_path: Path) -> None:
    references = [clerk.open() for _ in range(11)]
    with contextlib.closing(Database(sqlite_url(tmp_path / "keys.db"))) as other:
        VAULT.migrate(other)
        keys = CaseKeys(other, KeyFile.made_if_missing(tmp_path / "master.key"), life=0)
        with pytest.raises(ApplicationError) as failed:
            sealer(clerk.database, keys=keys).seal()
        assert (failed.value.type, failed.value.non_retryable) == ("OtherKeys", False)
        assert sealer(clerk.database).seal().added == 2 * 11, "when the right one is back"
        with clerk.database.read() as tx:
            assert all(leaf.commitment for reference in references for leaf in seals.leaves_of(tx, reference))
        for reference in references:
            keys.mint(reference)
        one = clerk.open()
        assert sealer(clerk.database, keys=keys).seal().added == 2, "one key that is lost is one case's trouble"
        with clerk.database.read() as tx:
            assert [leaf.commitment for leaf in seals.leaves_of(tx, one)] == [None, None]


def test_the_database_refuses_to_change_what_is_sealed(clerk: Clerk) -> None:
    three_cases(clerk)
    seal = sealer(clerk.database)
    seal.seal()
    with clerk.database.write() as tx:
        seals.add_token(tx, 18, b"token", clerk.at)
    for table in ("leaves", "checkpoints", "tokens"):
        column = "position" if table == "leaves" else "size"
        statements = [f"update {table} set {column} = 99", f"delete from {table}"]  # noqa: S608
        if not clerk.database.is_sqlite:
            statements.append(f"truncate {table} cascade")
        for statement in statements:
            with pytest.raises(DBAPIError, match="append-only"), clerk.database.write() as tx:
                tx.execute(text(statement))
    assert kinds(clerk.database) == set()


# --- Tampering -------------------------------------------------------------------------------------------


def off(database: Database) -> None:
    """The attacker owns the database: nothing in it refuses anything any more."""
    with database.write() as tx:
        if database.is_sqlite:
            names = tx.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all()
            for name in names:
                tx.execute(text(f"drop trigger {name}"))
        else:
            for table in ("book", "leaves", "checkpoints", "tokens", "policies", "histories", "access_journal"):
                tx.execute(text(f"alter table {table} disable trigger all"))


@contextlib.contextmanager
def tampered(database: Database, do: Callable[[Connection], None]) -> Iterator[Database]:
    """The database after something was done to it; as it was before, afterwards."""

    class Within(Database):
        def __init__(self, connection: Connection) -> None:
            self.is_sqlite, self._connection = database.is_sqlite, connection

        @contextlib.contextmanager
        def read(self) -> Iterator[Connection]:
            yield self._connection

    with database.engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin() as transaction:
            do(connection)
            yield Within(connection)
            transaction.rollback()


def rewritten(tx: Connection, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """The whole book written anew, every hash of it right: the chains hold."""
    rows = [dict(row._mapping) for row in tx.execute(select(book).order_by(book.c.id))]
    tx.execute(book.delete())
    heads: dict[str, bytes] = {}
    for row in change(rows):
        line = Line(**{name: row[name] for name in FIELDS})
        row["previous"] = heads.get(row["reference"], FIRST)
        row["hash"] = heads[row["reference"]] = line.hash(row["previous"])
        tx.execute(book.insert().values(**row))


def sealed_anew(tx: Connection, key: SigningKey) -> None:
    """Leaves and checkpoints made to fit the book as it is now, and signed."""
    sizes = list(tx.execute(select(checkpoints.c.size).order_by(checkpoints.c.size)).scalars())
    count = tx.execute(select(func.count()).select_from(book)).scalar_one()
    for table in (tokens, leaves, checkpoints):
        tx.execute(table.delete())
    tree, made = Growing(), [_leaf(row) for row in tx.execute(select(book).order_by(book.c.id))]
    seals.add_leaves(tx, 0, made)
    at, before = tx.execute(select(func.max(book.c.recorded_at))).scalar_one(), 0
    for leaf in made:
        tree.append(leaf.hash())
        if tree.size in {*sizes, count}:
            said, before = Checkpoint(ORIGIN, tree.size, tree.root(), before, at), tree.size
            seals.add_checkpoint(tx, said, tree.edge, signed(said.text(), PublicKey(ORIGIN, key.public), key.sign))


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
        places = list(tx.execute(select(leaves.c.position).order_by(leaves.c.position)).scalars())
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
    for size in (18, 27):
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
    with tampered(clerk.database, lambda tx: tx.execute(checkpoints.delete().where(checkpoints.c.size == 18))) as gone:
        assert look_through(gone, [PUBLIC]) == [Finding("checkpoint_missing", "18")], "the next one says so"
        assert look_through(gone, [PUBLIC], [witness]) == [Finding("checkpoint_missing", "18")], "and is not alone"


def test_without_a_witness_the_key_alone_can_rewrite_everything(clerk: Clerk, witness: FolderWitness) -> None:
    """Why there must be one: what nobody outside has seen can be unsaid by whoever holds database and key."""
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


# --- Concurrently ----------------------------------------------------------------------------------------


def test_several_who_seal_at_once_make_one_log(clerk: Clerk) -> None:
    lives = Lives(clerk.database)
    for _ in range(6):
        lives.open(by=WORKER)
    with ThreadPoolExecutor(4) as threads:
        added = sum(one.added for one in threads.map(lambda _: sealer(clerk.database).seal(), range(8)))
    with clerk.database.read() as tx:
        assert added == tx.execute(select(func.count()).select_from(book)).scalar_one()
    assert kinds(clerk.database) == set()
