"""Measures what others do instead of timers: a job every few minutes looks through the open cases for what is due.

Done honestly and simply: the same rules, the same book, the same transactions. `look` folds every open case and asks
its agenda, which needs nothing kept beside the book; `by_column` trusts the next deadline that was noted with each
case, and looks at those only.
"""

import time
import uuid
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from activities.book import Book
from activities.calendar import french_calendar
from bench.say import progress
from domain.actors import CLOCK
from domain.exchange.cases import Ask, CommitRequest
from domain.lifecycle import fold
from domain.parts.alert import PassDeadlines
from domain.time.clocks import agenda, passed
from domain.time.deadline import Deadline
from domain.time.policy import DEFAULT_POLICY
from kit.crypto.vault import KeyFile
from kit.storage.database import Database, sqlite_url
from models import book as history
from models import cases
from models.keys import CaseKeys
from models.migrate import VAULT, migrate
from models.tables import cases as rows


def measure(file: Path, number: int) -> dict[str, Any]:
    """Scans over so many cases: when nothing is due, and when all are due at once."""
    from bench.herd import AGO, open_in_book

    with closing(Database(sqlite_url(file))) as database, closing(_keys(file)) as keys:
        migrate(database)
        progress(f"scan: {number} cases into a book")
        opened = datetime.now(UTC) - AGO
        filling = Book(database, keys, french_calendar())
        for _ in range(number):
            open_in_book(filling, opened)
        quiet, now = opened + timedelta(minutes=5), datetime.now(UTC)
        progress(f"scan: through {number} cases")
        figures: dict[str, Any] = {"cases": number}
        # A job that cron starts has no case in memory.
        figures["look_quiet_s"] = _timed(lambda: note(database, keys, look(database, keys, quiet), quiet))
        figures["column_quiet_s"] = _timed(lambda: note(database, keys, by_column(database, quiet), quiet))
        figures["herd_s"] = _timed(lambda: note(database, keys, look(database, keys, now), now))
        return figures


def look(database: Database, keys: CaseKeys, at: datetime) -> list[str]:
    """The open cases of which something is due, found by looking at each."""
    with database.read() as tx:
        references = cases.open_references(tx)
    return [reference for reference in references if due_now(database, keys, reference, at)]


def by_column(database: Database, at: datetime) -> list[str]:
    """The same, by the next deadline that was noted with each."""
    with database.read() as tx:
        references = tx.execute(select(rows.c.reference).where(rows.c.next_due <= at, rows.c.step != "ERASED"))
        return list(references.scalars())


def due_now(database: Database, keys: CaseKeys, reference: str, at: datetime) -> tuple[Deadline, ...]:
    """Finds what is due on a case."""
    with database.read() as tx:
        case = fold(reference, history.history(tx, keys, reference))
    return passed(agenda(case, DEFAULT_POLICY, french_calendar()), at)


def note(database: Database, keys: CaseKeys, references: Iterable[str], at: datetime) -> None:
    """Has the book raise what is due."""
    kept = Book(database, keys, french_calendar())
    for reference in references:
        ask = Ask(command=PassDeadlines(), command_id=f"scan:{uuid.uuid4()}", actor=CLOCK)
        kept.commit(CommitRequest(reference=reference, known_version=0, ask=ask, at=at))


def _keys(file: Path) -> CaseKeys:
    """Keys for the cases of a file, beside it."""
    store = Database(sqlite_url(file.with_suffix(".keys")), wipes=True)
    VAULT.migrate(store)
    return CaseKeys(store, KeyFile.made_if_missing(file.with_suffix(".master")))


def _timed(act: Any) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
