"""The intermediate archive: when the active period has ended, a closed case is for those who oversee."""

from datetime import timedelta

import pytest

from domain.actors import CLOCK, Actor
from domain.errors import NotFound
from domain.parts.alert import PassDeadlines
from domain.parts.closure import Reopen
from domain.parts.contact import AddNote
from kit.storage.database import Database
from models.cases import find_case
from tests.people import LEAD, SUPERVISOR, WORKER
from tests.support.builders import closing
from tests.support.clerk import Clerk


def sees(database: Database, who: Actor, reference: str) -> bool:
    with database.read() as tx:
        return find_case(tx, who, reference) is not None


def test_an_archived_case_is_read_by_those_who_oversee_until_it_is_reopened(database: Database) -> None:
    clerk = Clerk(database)
    reference, other = clerk.open(), clerk.open()
    clerk.ask(reference, closing())
    clerk.at += timedelta(days=2 * 365 + 30)
    assert all(sees(database, who, reference) for who in (WORKER, SUPERVISOR, LEAD))
    clerk.ask(reference, PassDeadlines(), CLOCK)
    assert clerk.case(reference).is_archived
    assert [sees(database, who, reference) for who in (WORKER, SUPERVISOR, LEAD)] == [False, True, True]
    assert sees(database, WORKER, other)
    with pytest.raises(NotFound):
        clerk.ask(reference, AddNote(text="-"), WORKER)
    clerk.ask(reference, Reopen(reason="A witness came"), SUPERVISOR)
    assert sees(database, WORKER, reference)
    # Closed again, it is active again.
    clerk.ask(reference, closing())
    assert sees(database, WORKER, reference)
