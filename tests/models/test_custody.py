"""Housekeeping's rows of files follow the book: which bytes belong to a case, and which wait for a scan."""

from domain.access import Action
from domain.actors import SCANNER
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.files import RecordScan, RemoveFile
from domain.vocabulary import Step
from kit.storage.database import Database
from kit.storage.store import new_name
from models import files
from models.care import case_in_care
from models.custody import custody_of, note_given
from tests.people import SUPERVISOR, SUPERVISOR_2, WORKER
from tests.support.builders import closing
from tests.support.clerk import Clerk, attach
from tests.support.harness import entries
from tests.support.servers import KEYS


def waiting(database: Database, *, again: bool = False) -> list[str]:
    with database.read() as tx:
        return [id for _, id in files.to_scan(tx, again=again)]


def held(database: Database, *stored: str) -> set[str]:
    with database.read() as tx:
        return files.held(tx, stored)


def test_rows_follow_a_file_from_its_attachment_to_its_end(database: Database) -> None:
    clerk = Clerk(database)
    reference = clerk.open()
    first, second, third = (attach(clerk, reference, to_scan=which != 3) for which in (1, 2, 3))
    assert held(database, first, second, third, new_name()) == {first, second, third}
    assert waiting(database) == ["D1", "D2"]
    clerk.ask(reference, RecordScan(file="D1", result="CLEAN"), SCANNER)
    clerk.ask(reference, RecordScan(file="D2", result="INFECTED", finding="Eicar"), SCANNER)
    assert (waiting(database), waiting(database, again=True)) == ([], ["D1", "D3"])
    clerk.ask(reference, RemoveFile(file="D1", reason="-"), SUPERVISOR)
    assert held(database, first, second, third) == {second, third}
    assert Clerk(database).case(reference).file("D2").finding == "Eicar"


def test_an_erased_case_holds_no_file_and_names_none(database: Database) -> None:
    clerk = Clerk(database)
    reference = clerk.open()
    stored = attach(clerk, reference)
    clerk.ask(reference, closing(outcome="NO_RESULT", reason="WITHDRAWN"), SUPERVISOR)
    clerk.ask(reference, ProposeErasure(reason="PERSON_ASKED"), SUPERVISOR)
    clerk.ask(reference, Erase(reason="PERSON_ASKED"), SUPERVISOR_2)
    case = clerk.case(reference)
    assert (case.step, case.files) == (Step.ERASED, ())
    assert held(database, stored) == set()
    assert waiting(database, again=True) == []


def test_custody_tells_the_book_and_the_journal_together(database: Database) -> None:
    clerk = Clerk(database)
    reference, another = clerk.open(), clerk.open()
    for one in (reference, another):
        attach(clerk, one, to_scan=False)
    with database.read() as tx:
        file = case_in_care(tx, KEYS, reference).file("D1")
    with database.write() as tx:
        note_given(tx, KEYS, WORKER, reference, file, None, original=False)
        note_given(tx, KEYS, SUPERVISOR, another, file, None, original=False)
        note_given(tx, KEYS, SUPERVISOR, reference, file, "For the bailiff", original=True)
    clerk.ask(reference, RemoveFile(file="D1", reason="Of somebody else"), SUPERVISOR)
    with database.read() as tx:
        told = custody_of(tx, KEYS, reference, entries(database, reference))
    # The clerk's time is a day in March; the journal goes by the clock on the wall.
    assert {(one.action, one.account, one.reason) for one in told} == {
        (Action.ADDED, "camille", None),
        (Action.READ, "camille", None),
        (Action.EXPORTED, "sacha", "For the bailiff"),
        (Action.REMOVED, "sacha", "Of somebody else"),
    }
    assert len(told) == 4
