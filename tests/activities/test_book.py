"""The book, on both databases: all of a command or nothing of it, never twice, never a gap."""

import dataclasses
import multiprocessing
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from domain.actors import CLOCK
from domain.errors import Problem, Refused
from domain.exchange.cases import Ask, CommitRequest
from domain.parts.alert import PassDeadlines
from domain.parts.assignment import Assign
from domain.parts.intake import Open
from domain.parts.referral import Refer
from domain.values import new_reference
from domain.vocabulary import Door, Role
from kit.storage.database import Database
from models import accounts, book
from models.tables import accounts as accounts_table
from models.tables import book as book_table
from models.tables import cases as cases_table
from models.tables import parties
from tests.people import (
    COLLEAGUE,
    HOME,
    PARTNER_ORG,
    PARTNER_WORKER,
    STRANGER,
    SUPERVISOR,
    WORKER,
    person,
)
from tests.support.builders import complaint, consent, contact, note
from tests.support.clerk import MONDAY, Clerk, everything
from tests.support.harness import audit, entries, is_sound

# --- All or nothing --------------------------------------------------------------------------------------


def no_more_parties(tx: Connection, sqlite: bool) -> list[str]:
    """Makes the last statement of a commit fail, after the lines of the book were written."""
    if sqlite:
        tx.execute(text("create trigger fail before insert on parties begin select raise(abort, 'no room'); end"))
        return ["drop trigger fail"]
    tx.execute(
        text("create function fail() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$")
    )
    tx.execute(text("create trigger fail before insert on parties for each row execute function fail()"))
    return ["drop trigger fail on parties", "drop function fail"]


def test_a_line_says_by_which_door_somebody_came_and_a_retry_by_another_counts_once(clerk: Clerk) -> None:
    reference = clerk.open()
    clerk.ask(reference, note(), id="sent-twice", door=Door.SESSION)
    again = clerk.ask(reference, note(), id="sent-twice", known=3)
    assert (again.receipt.version, again.entries) == (3, ())
    assert [entry.door for entry in entries(clerk.database, reference)] == [Door.LOCAL, Door.LOCAL, Door.SESSION]


def test_a_commit_that_fails_half_way_leaves_nothing(clerk: Clerk) -> None:
    reference = clerk.open()
    clerk.ask(reference, consent("REFERRAL", date(2026, 3, 2), PARTNER_ORG))
    before = everything(clerk.database)
    with clerk.database.write() as tx:
        mend = no_more_parties(tx, clerk.database.is_sqlite)
    with pytest.raises(ApplicationError):
        clerk.ask(reference, Refer(partner=PARTNER_ORG, purpose="-"))
    with pytest.raises(ApplicationError):
        clerk.open()
    assert everything(clerk.database) == before

    with clerk.database.write() as tx:
        for statement in mend:
            tx.execute(text(statement))
    committed = clerk.ask(reference, Refer(partner=PARTNER_ORG, purpose="-"))
    assert committed.receipt.version == 5
    assert is_sound(audit(clerk.database))


def test_what_the_database_will_never_take_is_our_mistake_and_is_not_tried_again(clerk: Clerk) -> None:
    """A CHECK that fails will fail for ever: the case must not wait for it."""
    reference = clerk.open()
    with clerk.database.write() as tx:
        if clerk.database.is_sqlite:
            tx.execute(text("create trigger odd before update on cases begin update cases set step = 'ODD'; end"))
        else:
            tx.execute(text("alter table cases add constraint odd check (version < 3)"))
    with pytest.raises(ApplicationError) as failed:
        clerk.ask(reference, note())
    assert (failed.value.type, failed.value.non_retryable) == ("Bug", True)
    assert len(entries(clerk.database, reference)) == 2


def test_what_is_in_the_way_for_good_is_our_mistake_and_is_not_waited_for(clerk: Clerk) -> None:
    """A row that stands beside the case, and that no try of ours takes away: no race, though it looks like one."""
    reference = clerk.open()
    clerk.ask(reference, consent("REFERRAL", date(2026, 3, 2), PARTNER_ORG))
    with clerk.database.write() as tx:
        tx.execute(insert(parties).values(reference=reference, organisation=PARTNER_ORG))
    before = everything(clerk.database)
    with pytest.raises(ApplicationError) as failed:
        clerk.ask(reference, Refer(partner=PARTNER_ORG, purpose="-"))
    assert (failed.value.type, failed.value.non_retryable) == ("Bug", True)
    assert everything(clerk.database) == before
    assert clerk.ask(reference, note()).receipt.version == 4  # and the case goes on


@pytest.mark.parametrize("remembers", [True, False])
def test_a_row_that_is_behind_its_book_is_not_written_after(clerk: Clerk, remembers: bool) -> None:
    reference = clerk.open()
    with clerk.database.read() as tx:
        row = tx.execute(select(cases_table).where(cases_table.c.reference == reference)).one()
    (clerk if not remembers else Clerk(clerk.database)).ask(reference, note())
    with clerk.database.write() as tx:
        tx.execute(update(cases_table).values(version=row.version, head=row.head))
    with pytest.raises(ApplicationError) as failed:
        (clerk if remembers else Clerk(clerk.database)).ask(reference, note())
    assert (failed.value.type, failed.value.non_retryable) == ("Bug", True)
    assert len(entries(clerk.database, reference)) == 3
    with clerk.database.read() as tx:
        assert book.broken_link(tx, reference) is None


def test_a_book_that_lacks_what_its_row_tells_of_waits_to_be_restored(clerk: Clerk) -> None:
    reference = clerk.open()
    with clerk.database.write() as tx:
        tx.execute(update(cases_table).values(version=3))
    with pytest.raises(ApplicationError) as failed:
        Clerk(clerk.database).ask(reference, note())
    assert failed.value.type == "Away"
    assert len(entries(clerk.database, reference)) == 2


# --- Never twice -----------------------------------------------------------------------------------------


def test_the_same_line_cannot_be_written_twice(clerk: Clerk) -> None:
    reference = clerk.open()
    with clerk.database.read() as tx:
        row = tx.execute(select(book_table).where(book_table.c.version == 2)).one()._asdict()
    del row["id"]
    for twice in (row | {"command_id": "another-id"}, row | {"version": 3}):
        with pytest.raises(IntegrityError), clerk.database.write() as tx:
            tx.execute(insert(book_table).values(**twice))
    assert len(entries(clerk.database, reference)) == 2


def test_a_command_gets_its_first_answer_however_late_it_is_repeated(clerk: Clerk) -> None:
    reference = clerk.open()
    id = str(uuid.uuid4())
    first = clerk.ask(reference, note(), id=id, known=2, expected=2)
    for known in range(3, 103):  # longer than anybody remembers
        clerk.ask(reference, note(), known=known)
    again = clerk.ask(reference, note(), id=id, known=2, expected=2)
    assert again.receipt == first.receipt
    assert [e.version for e in again.entries] == list(range(3, 104))  # and all that is not known yet
    fresh = Clerk(clerk.database).ask(reference, note(), id=id, known=103)
    assert (fresh.receipt, fresh.entries) == (first.receipt, ())
    for other in (note("Said otherwise"), contact()):
        with pytest.raises(Refused) as refused:
            clerk.ask(reference, other, id=id, known=103)
        assert refused.value.code == "command_id_taken"
    assert len(entries(clerk.database, reference)) == 103


def test_the_clock_gets_its_answer_again_though_the_case_knows_more_by_then(clerk: Clerk) -> None:
    """A worker that died after two looks at the clock: the first, asked again, brings the lines of the second, too."""
    reference = clerk.open()
    ids = [f"clock:{uuid.uuid4()}" for _ in range(2)]
    for id in ids:
        clerk.at += timedelta(days=60)
        assert clerk.ask(reference, PassDeadlines(), CLOCK, id=id, known=clerk.case(reference).version).entries
    before = clerk.case(reference)
    clerk.at += timedelta(minutes=1)
    assert clerk.ask(reference, PassDeadlines(), CLOCK, id=ids[0], known=2).entries[-1].version == before.version
    again = clerk.ask(reference, PassDeadlines(), CLOCK, id=ids[1], known=before.version)
    assert (again.receipt.version, again.entries) == (before.version, ())
    assert clerk.case(reference) == before


def test_nothing_but_the_opening_gets_the_answer_to_the_opening(clerk: Clerk) -> None:
    reference, id, other = new_reference(), str(uuid.uuid4()), str(uuid.uuid4())
    opening = Open(complaint=complaint(received_at=clerk.at))
    first = clerk.ask(reference, opening, id=id)
    clerk.ask(reference, note(), id=other, known=2)
    for command, taken in ((note(), id), (opening, other)):
        with pytest.raises(Refused) as refused:
            clerk.ask(reference, command, id=taken, known=3)
        assert refused.value.code == "command_id_taken"
    assert clerk.ask(reference, opening, id=id, known=3).receipt == first.receipt


def test_nobody_gets_the_answer_to_anothers_command(clerk: Clerk) -> None:
    reference = clerk.open()
    id = str(uuid.uuid4())
    clerk.ask(reference, note(), id=id)
    for who in (STRANGER, SUPERVISOR):
        with pytest.raises(Refused) as refused:
            clerk.ask(reference, note(), who, id=id)
        assert refused.value.code == "command_id_taken"


def test_a_stranger_is_not_told_what_changed(clerk: Clerk) -> None:
    reference = clerk.open()
    with pytest.raises(Refused) as refused:
        clerk.ask(reference, note(), STRANGER, expected=1)
    assert refused.value.code == "no_such_case"


def test_a_case_is_given_to_an_account_that_can_follow_it_up_and_to_no_other(clerk: Clerk) -> None:
    gone, reads_only = person("gone", Role.CASE_WORKER), person("reads-only", Role.AUDITOR)
    with clerk.database.write() as tx:
        for account in (COLLEAGUE, gone, reads_only, PARTNER_WORKER):
            accounts.add_account(tx, account)
        tx.execute(update(accounts_table).where(accounts_table.c.id == gone.account).values(active=False))
    reference = clerk.open()
    before = clerk.case(reference)
    for holder, code, field in (
        ("nobody", "no_such_account", "holder"),
        (gone.account, "account_closed", "holder"),
        (reads_only.account, "holder_cannot_act", "holder"),
        (PARTNER_WORKER.account, "holder_elsewhere", "organisation"),
    ):
        for by in (WORKER, SUPERVISOR):
            with pytest.raises(Problem) as refused:
                clerk.ask(reference, Assign(holder=holder, organisation=HOME, reason="-"), by)
            assert (refused.value.code, refused.value.field) == (code, field)
    assert clerk.case(reference) == before
    give = Assign(holder=COLLEAGUE.account, organisation=HOME, reason="-")
    given = clerk.ask(reference, give, id="given-once")
    assert clerk.case(reference).holder == COLLEAGUE.account
    with clerk.database.write() as tx:
        tx.execute(update(accounts_table).where(accounts_table.c.id == COLLEAGUE.account).values(active=False))
    assert clerk.ask(reference, give, id="given-once").receipt == given.receipt, "what was done is answered as it was"


def test_the_same_complaint_is_not_opened_twice(clerk: Clerk) -> None:
    source = {"system": "register", "id": "26-0042"}
    first = clerk.open(source=source)
    with pytest.raises(Refused) as refused:
        clerk.open(source=source)
    assert (refused.value.code, refused.value.params["reference"]) == ("already_imported", first)
    clerk.open(source=source | {"id": "26-0043"})
    clerk.open(source=source | {"system": "another"})
    assert len(audit(clerk.database).references) == 3


def test_the_same_complaint_opened_by_many_at_once_is_opened_once(clerk: Clerk) -> None:
    told = complaint(received_at=MONDAY, source={"system": "register", "id": "26-0044"})

    def open_it(_: int) -> str:
        mine = Clerk(clerk.database)
        while True:  # as the engine does with what is worth trying again
            try:
                return mine.open(told=told)
            except Refused as refused:
                return refused.code
            except ApplicationError as error:
                assert error.type == "Away"

    with ThreadPoolExecutor(8) as threads:
        answers = Counter(
            answer if answer == "already_imported" else "opened" for answer in threads.map(open_it, range(16))
        )
    assert answers == {"opened": 1, "already_imported": 15}
    assert len(audit(clerk.database).references) == 1


# --- Many at once ----------------------------------------------------------------------------------------


def commit_many(url: str, reference: str, count: int) -> int:
    """In a process of its own: so many notes on one case, tried again while somebody else wrote first."""
    with closing(Database(url)) as database:
        mine, tries, version = Clerk(database), 0, 0
        for _ in range(count):
            id = str(uuid.uuid4())
            while True:
                tries += 1
                try:
                    version = mine.ask(reference, note(), id=id, known=version).receipt.version
                    break
                except ApplicationError as error:
                    assert error.type == "Away", error
        return tries


def test_threads_and_processes_that_write_to_one_case_leave_no_gap(postgresql_database: Database) -> None:
    clerk = Clerk(postgresql_database)
    reference = clerk.open()
    url = postgresql_database.url.render_as_string(hide_password=False)
    with multiprocessing.get_context("spawn").Pool(3) as processes, ThreadPoolExecutor(4) as threads:
        far = processes.starmap_async(commit_many, [(url, reference, 20)] * 3)
        near = list(threads.map(lambda _: commit_many(url, reference, 20), range(4)))
        tries = sum(near) + sum(far.get(60))
    written = entries(clerk.database, reference)
    assert [e.version for e in written] == list(range(1, 2 + 7 * 20 + 1))
    assert is_sound(audit(clerk.database))
    print(f"\nbook: 3 processes and 4 threads, 140 commands on one case, {tries} tries, no gap")


def test_threads_that_write_to_one_case_leave_no_gap(sqlite_database: Database) -> None:
    clerk = Clerk(sqlite_database)
    reference = clerk.open()
    url = sqlite_database.url.render_as_string()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: commit_many(url, reference, 10), range(4)))
    assert [e.version for e in entries(sqlite_database, reference)] == list(range(1, 2 + 40 + 1))
    assert is_sound(audit(sqlite_database))


# --- Whose case it is ------------------------------------------------------------------------------------


def test_a_workflow_has_its_own_case_written_and_no_other(clerk: Clerk) -> None:
    own, other = clerk.open(), clerk.open()
    before = everything(clerk.database)

    def commit(asked_of: str | None, reference: str, workflow_id: str) -> None:
        ask = Ask(command=note(), command_id=str(uuid.uuid4()), actor=WORKER, reference=asked_of)
        running = ActivityEnvironment()
        running.info = dataclasses.replace(running.info, workflow_id=workflow_id)
        running.run(clerk.book.commit, CommitRequest(reference=reference, known_version=2, ask=ask, at=clerk.at))

    for asked_of, reference, workflow_id in ((other, own, own), (own, own, other), (None, own, other)):
        with pytest.raises(ApplicationError, match="other_case") as refused:
            commit(asked_of, reference, workflow_id)
        assert refused.value.non_retryable
    assert everything(clerk.database) == before
    commit(own, own, own)
    commit(None, own, own)  # asked before commands named their case, and written only now
    assert len(entries(clerk.database, own)) == 4
