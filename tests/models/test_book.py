"""The book is never changed: the database refuses to, and what is changed all the same is found."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from domain.log.chain import FIELDS, FIRST, Line
from domain.values import new_reference
from models import book
from models.tables import book as book_table
from tests.support.builders import note
from tests.support.clerk import MONDAY, Clerk
from tests.support.harness import audit, entries


def test_the_database_itself_refuses_to_change_the_book(clerk: Clerk) -> None:
    reference = clerk.open()
    statements = ["update book set account = 'other'", "update book set event = event", "delete from book"]
    if not clerk.database.is_sqlite:
        statements.append("truncate book")
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"), clerk.database.write() as tx:
            tx.execute(text(statement))
    assert len(entries(clerk.database, reference)) == 2


def test_every_kind_of_tampering_is_found(clerk: Clerk) -> None:
    reference = clerk.open()
    for _ in range(4):
        clerk.ask(reference, note())
    with clerk.database.write() as tx:
        assert book.broken_link(tx, reference) is None
        off = (
            ["drop trigger book_refuses_update", "drop trigger book_refuses_delete"]
            if clerk.database.is_sqlite
            else ["alter table book disable trigger all"]
        )
        for statement in off:
            tx.execute(text(statement))

    other: dict[str, Any] = {
        "reference": new_reference(), "version": 77, "command_id": "another-id", "position": 9, "tag": "x.1",
        "account": "somebody", "role": "AUDITOR", "organisation": "elsewhere", "metropolis": "AMP", "door": "client",
        "happened_at": MONDAY - timedelta(days=1), "recorded_at": MONDAY + timedelta(microseconds=1),
        "event": b'{"tag":"note_added.1","text":"Nothing"}', "previous": bytes(32), "hash": bytes(32),
    }  # fmt: skip
    assert set(other) == {*FIELDS, "previous", "hash"}, "a new column needs a tampering of its own"
    found: list[str] = []

    def tampered(what: str, do: Any) -> None:
        with clerk.database.engine.connect() as plain:
            tx = plain.execution_options(writes=True)
            with tx.begin() as transaction:
                do(tx)
                assert book.broken_link(tx, reference) is not None, f"not found: {what}"
                found.append(what)
                transaction.rollback()

    at = {version: (book_table.c.reference == reference, book_table.c.version == version) for version in range(1, 7)}
    for column, value in other.items():
        tampered(f"edit of {column}", lambda tx, column=column, value=value: tx.execute(
            update(book_table).where(*at[4]).values({column: value})
        ))  # fmt: skip
    for version in (1, 4):
        tampered(f"deletion of line {version}", lambda tx, v=version: tx.execute(book_table.delete().where(*at[v])))
    tampered("insertion after the last line", lambda tx: _forge(tx, reference, 7))
    tampered("line rewritten with a hash of its own", lambda tx: _rewrite(tx, at[4]))
    tampered("two lines swapped", lambda tx: _swap(tx, at[3], at[4]))
    tampered("a line moved to the end", lambda tx: tx.execute(update(book_table).where(*at[2]).values(version=7)))
    print(f"\nbook: {len(found)} kinds of tampering, {len(found)} found")
    with clerk.database.read() as tx:
        assert book.broken_link(tx, reference) is None


def test_the_last_lines_cut_off_are_seen_in_the_case(clerk: Clerk) -> None:
    """A chain cannot say how long it should be; the case's row and the book must agree."""
    reference = clerk.open()
    clerk.ask(reference, note())
    with clerk.database.write() as tx:
        tx.execute(
            text(
                "drop trigger book_refuses_delete"
                if clerk.database.is_sqlite
                else "alter table book disable trigger all"
            )
        )
        tx.execute(text("delete from book where version = 3"))
    assert audit(clerk.database).behind == [reference]


def _line(row: Any, **changes: Any) -> Line:
    return Line(**({name: getattr(row, name) for name in FIELDS} | changes))


def _forge(tx: Connection, reference: str, version: int) -> None:
    last = tx.execute(select(book_table).where(book_table.c.reference == reference, book_table.c.version == 6)).one()
    forged = _line(last, version=version, command_id="forged-id")
    values = {name: getattr(forged, name) for name in FIELDS}
    tx.execute(insert(book_table).values(**values, previous=FIRST, hash=forged.hash(FIRST)))


def _rewrite(tx: Connection, where: Any) -> None:
    row = tx.execute(select(book_table).where(*where)).one()
    line = _line(row, event=b'{"tag":"note_added.1","text":"Nothing"}')
    tx.execute(update(book_table).where(*where).values(event=line.event, hash=line.hash(row.previous)))


def _swap(tx: Connection, one: Any, other: Any) -> None:
    first, second = (tx.execute(select(book_table).where(*where)).one() for where in (one, other))
    tx.execute(update(book_table).where(book_table.c.id == first.id).values(version=99))
    tx.execute(update(book_table).where(book_table.c.id == second.id).values(version=first.version))
    tx.execute(update(book_table).where(book_table.c.id == first.id).values(version=second.version))
