"""The records of what was taken in: each becomes one file of one case, and no two files stand on the same bytes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import column, delete, insert, inspect, select, table, text, update
from sqlalchemy.exc import IntegrityError
from temporalio.exceptions import ApplicationError

from activities.calendar import french_calendar
from audit.restore import show_again
from domain.actors import SCANNER
from domain.errors import Refused
from domain.exchange.cases import Ask, CommitRequest
from domain.parts.files import RecordScan
from kit.storage.database import Database, sqlite_url
from kit.storage.store import new_name
from models.evidence import TakenIn
from models.migrate import BOOK, migrate
from models.tables import cases, files, infected, intakes
from tests.people import WORKER
from tests.support.accounts import open_accounts
from tests.support.clerk import Clerk, attach
from tests.support.intakes import attaching
from tests.support.servers import KEYS


def taken(stored: str | None = None, sha256: str = "0" * 64) -> TakenIn:
    return TakenIn("Lettre de Lou.pdf", stored or new_name(), sha256, 1_000, "application/pdf")


def test_of_two_who_attach_one_intake_at_once_exactly_one_does(database: Database) -> None:
    clerks = [Clerk(database) for _ in range(4)]
    mine, other = clerks[0].open(), clerks[0].open()
    asked = attaching(database, mine, taken())

    def outcome(number: int) -> str:
        reference = other if number == 0 else mine
        ask = Ask(command=asked, command_id=f"attachment-{number}", actor=WORKER)
        request = CommitRequest(reference=reference, known_version=0, ask=ask, at=clerks[number].at)
        try:
            return str(clerks[number].book.commit(request).receipt.version)
        except ApplicationError as error:
            return str(error.details[0]["code"])

    with ThreadPoolExecutor(len(clerks)) as threads:
        outcomes = list(threads.map(outcome, range(len(clerks))))
    assert outcomes[0] == "no_such_intake"
    assert sorted(outcomes[1:])[1:] == ["intake_used", "intake_used"], outcomes
    assert len(clerks[0].case(mine).files) == 1
    assert clerks[0].case(other).files == ()


def test_nobody_reads_in_the_records_what_was_taken_in_or_that_two_cases_have_the_same(database: Database) -> None:
    clerk = Clerk(database)
    sha256 = "ab" * 32
    for _ in range(2):
        attaching(database, clerk.open(), taken(sha256=sha256))
    with database.read() as tx:
        rows = tx.execute(select(intakes)).all()
    for row in rows:
        assert b"Lou" not in row.sealed and sha256.encode() not in row.sealed
        assert row.digest != sha256


def test_no_two_files_stand_on_the_same_bytes(database: Database) -> None:
    clerk = Clerk(database)
    stored, other = attach(clerk, clerk.open()), clerk.open()
    with pytest.raises(IntegrityError), database.write() as tx:
        row = {"reference": other, "id": "D1", "stored": stored, "scan": "CLEAN"}
        tx.execute(insert(files).values(row))


def test_a_book_in_which_two_files_do_so_is_shown_all_the_same(database: Database) -> None:
    clerk, stored = Clerk(database), new_name()
    references = []
    for _ in range(2):
        references.append(clerk.open())
        clerk.ask(references[-1], attaching(database, references[-1], taken(stored)))
        with database.write() as tx:  # as it was: nothing kept one from it
            tx.execute(delete(intakes))
            tx.execute(update(files).values(shared=True))
    with database.write() as tx:
        tx.execute(delete(files))
    for reference in references:
        assert show_again(database, KEYS, reference, french_calendar())
    with database.read() as tx:
        assert sorted(tx.execute(select(files.c.shared)).scalars()) == [False, True]


def test_malware_that_is_known_from_a_book_is_known_again_when_lists_are_made_anew(database: Database) -> None:
    clerk = Clerk(database)
    reference = clerk.open()
    attach(clerk, reference)
    clerk.ask(reference, RecordScan(file="D1", result="INFECTED", finding="Eicar"), SCANNER)
    with database.write() as tx:
        tx.execute(delete(infected))
        tx.execute(delete(files))
    assert show_again(database, KEYS, reference, french_calendar())
    with pytest.raises(Refused):
        attaching(database, reference, taken())


@pytest.fixture
def of_before(tmp_path: Path) -> Iterator[Database]:
    """A database of the schema of before, with three files, two of which stand on the same bytes."""
    with closing(Database(sqlite_url(tmp_path / "old.db"))) as database:
        config = BOOK.config()
        with database.write() as tx:
            config.attributes["connection"] = tx
            command.upgrade(config, "0013")
            tx.execute(text("PRAGMA defer_foreign_keys=ON"))
        yield database


def test_files_of_before_are_migrated_though_two_stand_on_the_same_bytes(of_before: Database, tmp_path: Path) -> None:
    with closing(Database(sqlite_url(tmp_path / "new.db"))) as new:
        assert migrate(new)
        open_accounts(new)
        clerk = Clerk(new)
        references = [clerk.open() for _ in range(3)]
        for reference in references:
            attach(clerk, reference)
        clerk.ask(references[2], RecordScan(file="D1", result="INFECTED", finding="Eicar"), SCANNER)
        with new.read() as tx, of_before.write() as into:
            known = {known["name"] for known in inspect(into).get_columns("cases")}
            for row in tx.execute(select(cases)):
                into.execute(insert(cases), {name: value for name, value in row._mapping.items() if name in known})
            for row in tx.execute(select(files)):
                stored = "a" * 32 if row.reference != references[2] else row.stored
                old = {"reference": row.reference, "id": row.id, "stored": stored, "scan": row.scan}
                into.execute(insert(table("files", *map(column, old))), old)
    assert migrate(of_before)
    with of_before.read() as tx:
        rows = {row.reference: row for row in tx.execute(select(files))}
        assert {row.digest for row in rows.values()} == {None}
        assert [rows[reference].shared for reference in references] == [True, True, False]
