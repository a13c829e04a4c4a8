"""Seals the book, looks through it, and tampers with it."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from activities.seal import Seal
from audit.log import look_through
from domain.log.chain import FIELDS, FIRST, Leaf, Line
from domain.log.checkpoint import PublicKey
from kit.crypto.signing import SigningKey
from kit.crypto.vault import Tampered
from kit.crypto.witness import FolderWitness
from kit.storage.database import Database
from models import book as lines
from models.tables import book
from tests.support.builders import note
from tests.support.clerk import Clerk
from tests.support.servers import KEYS

ORIGIN = "test.example/book"
KEY = SigningKey(bytes(32))
PUBLIC = PublicKey(ORIGIN, KEY.public)


def sealer(database: Database, witness: FolderWitness | None = None, **other: Any) -> Seal:
    """Seals this database, with our key unless told otherwise."""
    options = {"keys": KEYS, "origin": ORIGIN, "signing": lambda: [KEY], "witnesses": [witness] if witness else []}
    return Seal(database, **(options | other))


def kinds(database: Database, *witnesses: FolderWitness) -> set[str]:
    """The kinds of findings that a look through the log gives."""
    return {finding.kind for finding in look_through(database, [PUBLIC], witnesses)}


@pytest.fixture
def witness(tmp_path: Path) -> FolderWitness:
    """Keeps checkpoints in a folder of the test's own."""
    return FolderWitness(tmp_path / "witness")


def three_cases(clerk: Clerk, lines: int = 4) -> list[str]:
    """The references of three cases, with so many notes each."""
    references = [clerk.open() for _ in range(3)]
    for _ in range(lines):
        for reference in references:
            clerk.ask(reference, note())
    return references


def leaf_of(row: Any) -> Leaf:
    """The leaf that belongs to a row of the book."""
    line = Line(**{name: getattr(row, name) for name in FIELDS})
    key, event = KEYS.of(row.reference), row.event
    with contextlib.suppress(Tampered):  # whoever has no key can only make up a commitment
        event = key.open(event, lines.place(row.reference, row.version))
    plain = dataclasses.replace(line, event=event)
    return Leaf(row.reference, row.version, line.hash(row.previous), key.commitment(plain.content()))


def off(database: Database) -> None:
    """The attacker owns the database: nothing in it refuses anything any more."""
    with database.write() as tx:
        if database.is_sqlite:
            names = tx.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all()
            for name in names:
                tx.execute(text(f"drop trigger {name}"))
        else:
            for table in (
                "book",
                "leaves",
                "checkpoints",
                "tokens",
                "declarations",
                "policies",
                "histories",
                "access_journal",
                "account_history",
            ):
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
