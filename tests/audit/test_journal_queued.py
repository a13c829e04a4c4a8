"""The queue of the access journal is verified, and chained before it is sealed."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, insert, update

from activities.calendar import french_calendar
from audit.records import Records
from audit.verify import Verifier
from domain.access import Access
from kit.storage.archive import FolderArchive
from kit.storage.database import Database
from models import access_queue, journal, seals
from models.chaining import chain_all
from models.keys import JOURNAL
from models.tables import access_queue as queue
from tests.people import WORKER
from tests.support.seals import kinds, sealer
from tests.support.servers import KEYS

KEY = KEYS.of(JOURNAL)


def looked(database: Database, times: int) -> None:
    for _ in range(times):
        with database.write() as tx:
            journal.note(tx, KEY, WORKER, Access.SHOW)


def beside(database: Database) -> list[tuple[str, str]]:
    records = Records(database, FolderArchive(Path("/nowhere")), KEYS, None)
    verifier = Verifier(database, KEYS, records, french_calendar(), None)
    return [(finding.kind, finding.where) for finding in asyncio.run(verifier.beside())]


def test_what_waits_is_chained_before_it_is_sealed(postgresql_database: Database) -> None:
    looked(postgresql_database, 3)
    sealer(postgresql_database).seal()
    with postgresql_database.read() as tx:
        assert (seals.sealed_entries(tx), access_queue.oldest(tx)) == (3, None)
    assert kinds(postgresql_database) == set()


def test_a_queue_is_verified(postgresql_database: Database) -> None:
    database = postgresql_database
    looked(database, 5)
    assert beside(database) == [], "they have just come"
    with database.write() as tx:
        tx.execute(delete(queue).where(queue.c.number == 2))
        tx.execute(update(queue).where(queue.c.number == 4).values(entry=bytes(80)))
    chain_all(database, KEY)
    # One line is gone, and one is held: in the place of each stands an entry that says so.
    assert beside(database) == [("journal_held", "1"), ("journal_lost", "2"), ("journal_lost", "4")]
    long_ago = datetime.now(UTC) - timedelta(minutes=2)
    row = {"lane": "0" * 32, "number": 1, "at": long_ago, "entry": b"-", "held": False}
    with database.write() as tx:
        tx.execute(insert(queue), [row])
    assert beside(database)[-1] == ("journal_waits", long_ago.isoformat(timespec="seconds"))
