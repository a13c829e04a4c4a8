"""Somebody who asks a book directly, as the workflow does, and all that its database holds then."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.exceptions import ApplicationError

from activities.book import Book
from activities.calendar import french_calendar
from domain.actors import Actor
from domain.case import Case
from domain.complaint import Complaint
from domain.errors import Problem
from domain.exchange.cases import Ask, CommitRequest, Committed
from domain.lifecycle import fold
from domain.parts.base import Command
from domain.parts.files import AttachFile
from domain.parts.intake import Open
from domain.values import new_reference
from domain.vocabulary import Door
from kit.storage.database import Database
from kit.storage.store import new_name
from models.tables import book as book_table
from models.tables import cases as cases_table
from models.tables import parties
from tests.people import WORKER
from tests.support.builders import a_file, complaint
from tests.support.harness import entries
from tests.support.intakes import by_intake
from tests.support.servers import KEYS

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clerk:
    """Asks a book directly, as the workflow does, at the clerk's own time."""

    def __init__(self, database: Database, at: datetime = MONDAY) -> None:
        self.database, self.at = database, at
        self.book = Book(database, KEYS, french_calendar())

    def ask(
        self,
        reference: str,
        command: Command,
        who: Actor = WORKER,
        *,
        id: str | None = None,
        known: int = 0,
        expected: int | None = None,
        door: Door = Door.LOCAL,
    ) -> Committed:
        if isinstance(command, Open):
            KEYS.mint(reference)
        command = by_intake(self.database, reference, command)
        ask = Ask.model_validate(
            {
                "command": command,
                "command_id": id or str(uuid.uuid4()),
                "actor": who,
                "expected_version": expected,
                "door": door,
            }
        )
        try:
            return self.book.commit(
                CommitRequest.model_construct(reference=reference, known_version=known, ask=ask, at=self.at)
            )
        except ApplicationError as error:
            if error.type == "Refused":
                raise Problem.from_dict(error.details[0]) from None
            raise

    def open(self, who: Actor = WORKER, told: Complaint | None = None, **changes: Any) -> str:
        reference = new_reference()
        told = told or complaint(received_at=self.at - timedelta(hours=1), **changes)
        self.ask(reference, Open(complaint=told), who)
        return reference

    def case(self, reference: str) -> Case:
        return fold(reference, entries(self.database, reference))


@pytest.fixture
def clerk(database: Database) -> Clerk:
    """On SQLite and on PostgreSQL."""
    return Clerk(database)


def everything(database: Database) -> list[Any]:
    """All that a database holds."""
    with database.read() as tx:
        return [
            list(tx.execute(select(table).order_by(*table.primary_key.columns)).all())
            for table in (book_table, cases_table, parties)
        ]


def attach(clerk: Clerk, reference: str, *, to_scan: bool = True) -> str:
    """A file is attached to a piece; the name under which its bytes would be."""
    content: dict[str, Any] = a_file() | {"stored": new_name(), "to_scan": to_scan}
    clerk.ask(reference, AttachFile(piece="EV001", description="-", **content), id=str(uuid.uuid4()))
    return str(content["stored"])
