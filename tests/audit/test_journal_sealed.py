"""The access journal under the seal: whoever holds the database and every key cannot write it anew unnoticed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from audit.log import look_through
from audit.verify_bundle import included
from domain.log.chain import JournalHead
from domain.log.checkpoint import Checkpoint, signed
from domain.log.merkle import Growing, Tree
from kit.crypto.signing import SigningKey
from kit.crypto.witness import FolderWitness
from kit.storage.database import Database
from models import cases, journal, seals
from models.journal import FIRST, Access
from models.keys import JOURNAL
from models.tables import access_journal, checkpoints, leaves, tokens
from tests.people import SUPERVISOR
from tests.support.clerk import Clerk
from tests.support.seals import KEY, ORIGIN, PUBLIC, kinds, off, sealer, tampered, three_cases
from tests.support.servers import KEYS

Tries = dict[str, tuple[Callable[[Connection], Any], str]]
"""Each thing that is done to the journal, and the kind of finding that shows it."""


def looked(database: Database, times: int) -> None:
    """Somebody looks at a case, so many times."""
    for _ in range(times):
        with database.write() as tx:
            journal.note(tx, KEYS.of(JOURNAL), SUPERVISOR, Access.SHOW, why="A question of the person")


def sealed_twice(database: Database, witness: FolderWitness) -> None:
    """Two seals: the journal went to 5 at the first of them, and to 12 at the second. Three entries are not sealed."""
    seal = sealer(database, witness)
    three_cases(Clerk(database), 0)
    for entries in (5, 7):
        looked(database, entries)
        seal.send_checkpoint(seal.seal().size)
    looked(database, 3)


def test_each_seal_takes_how_far_the_journal_went_and_nothing_when_nobody_looked(database: Database) -> None:
    seal, clerk = sealer(database), Clerk(database)
    looked(database, 2)
    assert seal.seal().model_dump() == {"size": 2, "added": 0}, "a journal without a book"
    assert seal.seal().model_dump() == {"size": 2, "added": 0}
    (reference, *_) = three_cases(clerk, 1)
    assert seal.seal().model_dump() == {"size": 11, "added": 9}
    looked(database, 4)
    clerk.open()
    assert seal.seal().model_dump() == {"size": 14, "added": 2}
    with database.read() as tx:
        heads = [(row.position, row.version) for row in seals.leaves_of(tx, seals.OF_JOURNAL)]
        assert heads == [(0, 2), (13, 6)]
        assert journal.last(tx) == seals.leaves_of(tx, seals.OF_JOURNAL)[-1].content
        assert (seals.count_unsealed(tx), seals.sealed_entries(tx)) == (0, 6)
        # What goes by cases does not meet it.
        assert not set(seals.OF_NO_CASE) & set(cases.known_after(tx, "", 100))
        assert [leaf.version for leaf in seals.leaves_of(tx, reference)] == [1, 2, 3]
        tree = Tree(seals.leaf_hashes(tx, 14))
        head = JournalHead(6, journal.last(tx).entry_hash)
        assert included(head.hash(), 13, 14, tree.inclusion(13), tree.root())
    assert kinds(database) == set()


def test_a_long_book_and_the_journal_are_sealed_in_pieces(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.seal.BATCH", 6)
    three_cases(Clerk(sqlite_database), 2)
    looked(sqlite_database, 1)
    assert sealer(sqlite_database).seal().model_dump() == {"size": 14, "added": 12}
    with sqlite_database.read() as tx:
        assert [row.size for row in seals.all_checkpoints(tx)] == [6, 12, 14]
    assert kinds(sqlite_database) == set()


def test_everything_done_to_a_sealed_journal_is_found_and_its_place_is_named(
    sqlite_database: Database, witness: FolderWitness
) -> None:
    sealed_twice(sqlite_database, witness)
    off(sqlite_database)
    tries: Tries = {}
    for number in range(1, 13):
        since = "1-5" if number <= 5 else "6-12"
        at = access_journal.c.id == number
        for what, values in {
            "another entry": {"entry": b"x" * 40}, "another hash": {"hash": bytes(32)},
            "another past": {"previous": b"x" * 32}, "another number": {"id": 99},
        }.items():  # fmt: skip
            tries[f"{what} at {number}"] = lambda tx, at=at, values=values: _edit(tx, at, values), str(number)
        tries[f"another time at {number}"] = lambda tx, number=number: _later(tx, number), str(number)
        tries[f"deletion of {number}"] = lambda tx, at=at: tx.execute(access_journal.delete().where(at)), str(number)
        tries[f"the end cut off from {number}"] = lambda tx, number=number: _cut(tx, number), str(number)
        # By somebody who can make every hash right, and seals what is noted with the key of the installation.
        for what, change in {
            "one entry left out": lambda rows, n=number: rows[: n - 1] + rows[n:],
            "one entry put in": lambda rows, n=number: [*_of_another(rows[:n], n), *rows[n - 1 :]],
            "one entry of another": lambda rows, n=number: _of_another(rows, n),
            "everything from one on": lambda rows, n=number: [
                *rows[: n - 1], *(_of_another([row], 1)[0] for row in rows[n - 1 :])
            ],
        }.items():  # fmt: skip
            tries[f"written anew: {what}, {number}"] = lambda tx, change=change: _anew(tx, change), since
    tries["everything deleted"] = lambda tx: tx.execute(access_journal.delete()), "1"
    tries["two entries swapped"] = lambda tx: _anew(tx, lambda rows: [rows[1], rows[0], *rows[2:]]), "1-5"

    missed = []
    for what, (do, where) in tries.items():
        with tampered(sqlite_database, do) as database:
            found = look_through(database, [PUBLIC], [witness])
            if [(f.kind, f.where, f.case) for f in found] not in (
                [("entry_changed", where, "")],
                [("entry_gone", where, "")],
            ):
                missed.append((what, found))
    print(f"\njournal: {len(tries)} ways of changing what is sealed of it, {len(tries) - len(missed)} found and placed")
    assert missed == []
    assert kinds(sqlite_database, witness) == set()


def test_whoever_holds_every_key_is_told_from_by_a_witness(sqlite_database: Database, witness: FolderWitness) -> None:
    """Journal, log and checkpoints written anew: within this database everything fits."""
    sealed_twice(sqlite_database, witness)
    off(sqlite_database)
    changes = {"left out": lambda rows: rows[:8] + rows[9:], "another": lambda rows: _of_another(rows, 3)}
    for what, change in changes.items():

        def forge(tx: Connection, change: Any = change) -> None:
            _anew(tx, change)
            _sealed_anew(tx, KEY)

        with tampered(sqlite_database, forge) as database:
            assert kinds(database) == set(), what
            assert kinds(database, witness) == {"witness_differs"}, what


def test_what_is_done_to_its_leaves_is_found(sqlite_database: Database, witness: FolderWitness) -> None:
    sealed_twice(sqlite_database, witness)
    off(sqlite_database)
    of_journal = leaves.c.reference == seals.OF_JOURNAL
    for what, do, expected in (
        ("another number", update(leaves).where(of_journal, leaves.c.version == 5).values(version=4), "leaf_broken"),
        ("another entry", update(leaves).where(of_journal).values(line_hash=bytes(32)), "leaf_broken"),
        (
            "as if of a case",
            update(leaves).where(leaves.c.version == 12).values(reference="S1C0-0000-000X"),
            "line_gone",
        ),
        ("no leaf", leaves.delete().where(of_journal, leaves.c.version == 5), "leaf_missing"),
    ):
        with tampered(sqlite_database, lambda tx, do=do: tx.execute(do)) as database:
            assert expected in kinds(database, witness), what


# --- What somebody does who owns the database -------------------------------------------------------------


def _edit(tx: Connection, at: Any, values: dict[str, Any]) -> None:
    tx.execute(update(access_journal).where(at).values(**values))


def _later(tx: Connection, number: int) -> None:
    at = tx.execute(select(access_journal.c.at).where(access_journal.c.id == number)).scalar_one()
    _edit(tx, access_journal.c.id == number, {"at": at.replace(year=at.year - 1)})


def _cut(tx: Connection, number: int) -> None:
    tx.execute(access_journal.delete().where(access_journal.c.id >= number))


def _of_another(rows: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """One entry that says something else, as the key of the installation seals it."""
    reading = journal.Reading(access=Access.SHOW, account="nobody", role="AUDITOR", organisation="audit")
    sealed = KEYS.of(JOURNAL).seal(reading.model_dump_json().encode(), f"access_journal|{number}")
    return [*rows[: number - 1], rows[number - 1] | {"entry": sealed}, *rows[number:]]


def _anew(tx: Connection, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """The whole journal written anew, every hash of it right."""
    rows = [dict(row._mapping) for row in tx.execute(select(access_journal).order_by(access_journal.c.id))]
    tx.execute(access_journal.delete())
    head = FIRST
    for number, row in enumerate(change(rows), 1):
        made = journal._hash(number, row["at"], row["entry"], head)
        tx.execute(insert(access_journal), [row | {"id": number, "previous": head, "hash": made}])
        head = made
    assert journal.broken_entry(tx) is None


def _sealed_anew(tx: Connection, key: SigningKey) -> None:
    """Every leaf of the journal and every checkpoint made to fit, and signed."""
    hashes = {row.id: row.hash for row in tx.execute(select(access_journal))}
    made = [leaf.content for leaf, _ in seals.every_leaf(tx)]
    made = [JournalHead(each.number, hashes[each.number]) if isinstance(each, JournalHead) else each for each in made]
    sizes = list(tx.execute(select(checkpoints.c.size)).scalars())
    at, before = tx.execute(select(func.max(checkpoints.c.made_at))).scalar_one(), 0
    for table in (tokens, leaves, checkpoints):
        tx.execute(table.delete())
    seals.add_leaves(tx, 0, made)
    tree = Growing()
    for leaf in made:
        tree.append(leaf.hash())
        if tree.size in sizes:
            checkpoint, before = Checkpoint(ORIGIN, tree.size, tree.root(), before, at), tree.size
            seals.add_checkpoint(tx, checkpoint, tree.edge, signed(checkpoint.text(), PUBLIC, key.sign))
