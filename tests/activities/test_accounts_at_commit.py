"""Who asks is looked up when it is written: nobody acts as what they were, or said they were."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from audit.accounts import Names
from domain.accounts.events import AccountClosed
from domain.actors import Actor
from domain.errors import NotFound, Problem, Refused
from domain.vocabulary import Role
from kit.storage.database import Database
from models import account_history, book
from models.accounts import resolved
from tests.people import COLLEAGUE, SUPERVISOR, WORKER, person
from tests.support.accounts import change, close
from tests.support.builders import note
from tests.support.clerk import Clerk


def code_of(clerk: Clerk, reference: str, who: Actor) -> str:
    with pytest.raises(Problem) as refused:
        clerk.ask(reference, note(), who)
    return refused.value.code


def test_a_closed_account_is_refused_at_its_next_act(clerk: Clerk) -> None:
    reference = clerk.open()
    noted = clerk.ask(reference, note(), id="noted-once")
    close(clerk.database, WORKER)
    assert code_of(clerk, reference, WORKER) == "account_closed"
    with pytest.raises(Refused) as refused:
        clerk.open(WORKER)
    assert refused.value.code == "account_closed"
    again = clerk.ask(reference, note(), id="noted-once")
    assert again.receipt == noted.receipt, "what was done before is answered as it was"
    assert clerk.case(reference).version == noted.receipt.version


def test_a_changed_role_counts_at_the_next_act(clerk: Clerk) -> None:
    reference = clerk.open()
    change(clerk.database, WORKER.model_copy(update={"role": Role.AUDITOR}))
    assert code_of(clerk, reference, WORKER) == "not_permitted"
    change(clerk.database, WORKER.model_copy(update={"organisation": "autre-equipe"}))
    assert code_of(clerk, reference, WORKER) == "no_such_case"
    change(clerk.database, WORKER.model_copy(update={"role": Role.SUPERVISOR}))
    clerk.ask(reference, note(), WORKER)
    with clerk.database.read() as tx:
        assert book.rows(tx, reference)[-1].role == Role.SUPERVISOR


def test_the_book_names_who_the_account_is_and_not_what_was_said(clerk: Clerk) -> None:
    reference = clerk.open()
    claimed = WORKER.model_copy(update={"role": Role.SUPERVISOR, "organisation": "metropole", "metropolis": None})
    clerk.ask(reference, note(), claimed)
    with clerk.database.read() as tx:
        last = book.rows(tx, reference)[-1]
    assert (last.role, last.organisation, last.metropolis) == (WORKER.role, WORKER.organisation, WORKER.metropolis)


@pytest.mark.parametrize(
    "invented",
    [person("personne", Role.SUPERVISOR), person("personne", Role.SYSTEM), person("horloge", Role.SYSTEM)],
    ids=["supervisor", "system", "another clock"],
)
def test_nobody_acts_in_a_name_that_was_made_up(clerk: Clerk, invented: Actor) -> None:
    assert code_of(clerk, clerk.open(), invented) == "no_such_account"


def test_an_account_is_not_closed_while_something_is_written_in_its_name(postgresql_database: Database) -> None:
    database = postgresql_database
    with database.write() as writing:
        assert resolved(writing, WORKER, held=True) == WORKER
        with pytest.raises(OperationalError, match="lock timeout"), database.write() as tx:
            tx.execute(text("set local lock_timeout = '50ms'"))
            account_history.append(tx, WORKER.account, SUPERVISOR, AccountClosed(why="Has left."))
    close(database, WORKER)
    with pytest.raises(Refused), database.write() as tx:
        resolved(tx, WORKER, held=True)


def test_no_line_comes_after_a_closing_whoever_was_first(postgresql_database: Database) -> None:
    """Four writers in one name while it is closed: each line is before the closing, and the others were refused."""
    clerk = Clerk(postgresql_database)
    references = [clerk.open(COLLEAGUE) for _ in range(4)]
    written, refused, under_way = [0] * 4, [""] * 4, threading.Barrier(5)

    def write(number: int) -> None:
        try:
            for count in range(200):
                clerk.ask(references[number], note(), WORKER)
                written[number] += 1
                if count == 2:
                    under_way.wait(20)
        except Problem as problem:
            refused[number] = problem.code

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    under_way.wait(20)
    close(postgresql_database, WORKER)
    for writer in writers:
        writer.join(60)
    assert refused == ["account_closed"] * 4, written
    with postgresql_database.read() as tx:
        names = Names(account_history.all_lines(tx))
        lines = {reference: book.rows(tx, reference) for reference in references}
    assert [finding for reference in references for finding in names.wrong(reference, lines[reference])] == []
    by_worker = [line.id for each in lines.values() for line in each if line.account == WORKER.account]
    assert len(by_worker) == sum(written)


def test_whoever_was_never_there_reads_nothing(clerk: Clerk) -> None:
    with pytest.raises(NotFound), clerk.database.read() as tx:
        resolved(tx, person("personne", Role.AUDITOR))
