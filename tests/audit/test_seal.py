"""The book is sealed: every line once, whoever seals, and only with the keys at hand."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from temporalio.exceptions import ApplicationError

from audit.verify_bundle import consistent, included
from domain.log.checkpoint import Checkpoint, opened
from domain.log.merkle import Tree
from kit.crypto.signing import verify
from kit.crypto.vault import KeyFile
from kit.crypto.witness import FolderWitness
from kit.storage.database import Database, sqlite_url
from models import seals
from models.keys import CaseKeys
from models.migrate import VAULT
from models.tables import book
from tests.people import WORKER
from tests.support.builders import note
from tests.support.clerk import Clerk
from tests.support.lives import Lives
from tests.support.seals import ORIGIN, PUBLIC, kinds, leaf_of, off, sealer, three_cases
from tests.support.servers import KEYS

# --- Sealing ---------------------------------------------------------------------------------------------


def test_a_seal_takes_every_line_once_and_signs_what_it_took(clerk: Clerk, witness: FolderWitness) -> None:
    seal = sealer(clerk.database, witness)
    assert seal.seal().size == 1, "the accounts"
    three_cases(clerk)
    assert seal.seal().model_dump() == {"size": 19, "added": 18}
    assert seal.seal().model_dump() == {"size": 19, "added": 0}
    three_cases(clerk, 1)
    assert seal.seal().model_dump() == {"size": 28, "added": 9}
    for size in (1, 19, 28):
        assert seal.send_checkpoint(size) == 1
        assert seal.send_checkpoint(size) == 1  # told twice, kept once
    with clerk.database.read() as tx:
        tree = Tree(seals.leaf_hashes(tx, 28))
        rows = list(seals.all_checkpoints(tx))
        said = [Checkpoint.parse(opened(row.note, [PUBLIC], verify)) for row in rows]
        made = [row.made_at for row in rows]
        assert said == [
            Checkpoint(ORIGIN, 1, tree.root(1), 0, made[0]), Checkpoint(ORIGIN, 19, tree.root(19), 1, made[1]),
            Checkpoint(ORIGIN, 28, tree.root(28), 19, made[2]),
        ]  # fmt: skip
        assert [(size, note) for size, note in witness.notes()] == [(row.size, row.note) for row in rows]
        assert consistent(19, 28, said[1].root, said[2].root, tree.consistency(19))
        line = tx.execute(select(book).order_by(book.c.id)).first()
        assert line is not None
        assert included(leaf_of(line).hash(), 1, 28, tree.inclusion(1), said[2].root)
        assert seals.count_unsealed(tx) == 0
    assert kinds(clerk.database, witness) == set()


def test_a_long_book_is_sealed_in_pieces(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.seal.BATCH", 5)
    three_cases(clerk)
    assert sealer(clerk.database).seal().model_dump() == {"size": 19, "added": 18}
    with clerk.database.read() as tx:
        assert [row.size for row in seals.all_checkpoints(tx)] == [5, 10, 15, 19]
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
        sealer(clerk.database, signing=tuple).seal()
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
        seals.add_token(tx, 19, b"token", clerk.at)
    for table in ("leaves", "checkpoints", "tokens"):
        column = "position" if table == "leaves" else "size"
        statements = [f"update {table} set {column} = 99", f"delete from {table}"]  # noqa: S608
        if not clerk.database.is_sqlite:
            statements.append(f"truncate {table} cascade")
        for statement in statements:
            with pytest.raises(DBAPIError, match="append-only"), clerk.database.write() as tx:
                tx.execute(text(statement))
    assert kinds(clerk.database) == set()


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
