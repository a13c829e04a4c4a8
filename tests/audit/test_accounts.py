"""The accounts under the seal: who was let in, by whom and when, and in whose name lines were written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from audit.accounts import Names, standings
from audit.log import look_through
from domain.accounts.events import EVENT, AccountLine, AccountOpened, Standing
from domain.actors import OPERATOR
from domain.log.chain import FIRST
from domain.vocabulary import Role
from kit.storage.database import Database
from models import account_history, book, seals
from models.tables import account_history as history
from models.tables import accounts
from models.tables import book as book_table
from tests.people import STRANGER, SUPERVISOR, WORKER
from tests.support.accounts import close
from tests.support.builders import note
from tests.support.clerk import Clerk
from tests.support.seals import PUBLIC, kinds, off, sealer, tampered

CHANGED, GONE = "account_line_changed", "account_line_gone"


@pytest.mark.parametrize("statement", ["update account_history set account = 'x'", "delete from account_history"])
def test_the_history_refuses_to_be_changed(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
        tx.execute(text(statement))


def test_each_seal_takes_how_far_the_history_went(database: Database) -> None:
    seal = sealer(database)
    assert seal.seal().size == 1
    assert seal.seal().size == 1
    close(database, WORKER)
    assert seal.seal().size == 2
    with database.read() as tx:
        assert seals.leaves_of(tx, seals.OF_ACCOUNTS)[-1].content == account_history.last(tx)
    assert kinds(database) == set()


def _promoted(tx: Connection) -> None:
    line = tx.execute(select(history).where(history.c.account == WORKER.account).limit(1)).one()
    opened = EVENT.validate_json(line.event)
    assert isinstance(opened, AccountOpened)
    other = opened.model_copy(update={"standing": Standing.of(SUPERVISOR)})
    tx.execute(update(history).where(history.c.number == line.number).values(event=EVENT.dump_json(other)))


def _written_anew(tx: Connection) -> None:
    """Every hash is right again."""
    _promoted(tx)
    previous = FIRST
    for line in account_history.all_lines(tx):
        hash = line.hash(previous)
        tx.execute(update(history).where(history.c.number == line.number).values(previous=previous, hash=hash))
        previous = hash


def _last_gone(tx: Connection) -> None:
    tx.execute(delete(history).where(history.c.number == account_history.last(tx).number))


@pytest.mark.parametrize(
    ("do", "kind"),
    [(_promoted, CHANGED), (_written_anew, CHANGED), (_last_gone, GONE)],
    ids=["a line", "all lines", "the last line"],
)
def test_what_was_done_to_the_history_is_found(database: Database, do: Callable[[Connection], None], kind: str) -> None:
    close(database, WORKER)
    sealer(database).seal()
    off(database)
    with tampered(database, do) as other:
        assert {finding.kind for finding in look_through(other, [PUBLIC])} == {kind}
    assert kinds(database) == set()


def test_an_account_that_stands_otherwise_than_its_history_tells_is_found(database: Database) -> None:
    close(database, WORKER)

    def let_in(tx: Connection) -> None:
        tx.execute(update(accounts).where(accounts.c.id == WORKER.account).values(active=True))
        tx.execute(insert(accounts).values(id="intrus", role=Role.AUDITOR, organisation="-", active=True))

    with database.read() as tx:
        assert standings(tx) == []
    with tampered(database, let_in) as other, other.read() as tx:
        assert [(found.kind, found.where) for found in standings(tx)] == [
            ("account_differs", WORKER.account), ("account_differs", "intrus"),
        ]  # fmt: skip


def test_lines_in_the_name_of_who_was_not_there_or_had_left_are_found(clerk: Clerk) -> None:
    reference = clerk.open()
    clerk.ask(reference, note())
    earlier = datetime.now(UTC)
    close(clerk.database, STRANGER)
    off(clerk.database)

    def wrong(**values: Any) -> list[tuple[str, str]]:
        def forge(tx: Connection) -> None:
            tx.execute(update(book_table).where(book_table.c.version == 2).values(**values))

        with tampered(clerk.database, forge) as other, other.read() as tx:
            names = Names(account_history.all_lines(tx))
            return [(found.kind, found.where) for found in names.wrong(reference, book.rows(tx, reference))]

    assert wrong(account=WORKER.account) == []
    assert wrong(account="personne") == [("account_unknown", "v2")]
    assert wrong(account=STRANGER.account) == [], "it was open when the line was written, whatever a clock says"
    later = datetime.now(UTC) + timedelta(hours=1)
    assert wrong(account=STRANGER.account, id=1_000, recorded_at=later) == [("account_closed", "v2")]
    assert wrong(account=STRANGER.account, id=1_000, recorded_at=earlier) == [], (
        "restored since: it was open when the line was recorded"
    )
    assert wrong(account="horloge", role=Role.SYSTEM) == [("account_unknown", "v2")], "of another organisation"


def test_an_account_that_was_opened_later_has_written_nothing_before() -> None:
    opened = EVENT.dump_json(AccountOpened(standing=Standing.of(WORKER), why="Arrives."))
    by = (OPERATOR.account, OPERATOR.role, OPERATOR.organisation)
    line = AccountLine(1, WORKER.account, *by, datetime.now(UTC), 7, opened)
    names = Names([line])
    assert [found.kind for found in names.wrong("-", [_line(7), _line(8)])] == ["account_unknown"]


def _line(id: int) -> Any:
    return SimpleNamespace(id=id, account=WORKER.account, role=WORKER.role, version=1)
