"""The queue of the access journal, on PostgreSQL: nobody who reads waits, and each entry is chained once."""

import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from domain.access import Access
from kit.crypto.vault import DataKey
from kit.storage.database import Database
from kit.storage.patience import Patience
from models import access_queue, chaining, journal
from models.chaining import AnotherKey, chain, chain_all
from models.keys import JOURNAL
from models.tables import access_journal
from models.tables import access_queue as queue
from tests.people import SUPERVISOR, WORKER
from tests.support.reading import ChainingWriter, FrozenReader
from tests.support.servers import KEYS, Process, until

KEY = KEYS.of(JOURNAL)


def looked(database: Database, why: str) -> None:
    """Somebody looks at a case."""
    with database.write() as tx:
        journal.note(tx, KEY, WORKER, Access.SHOW, why=why)


def reasons(database: Database) -> list[str]:
    """The reasons of what is chained, the first first; in the place of lost entries, how many they were."""
    with database.read() as tx:
        assert journal.broken_entry(tx) is None
        noted = journal.entries(tx, KEY, limit=1_000_000)
    chained = [entry.reading for entry in reversed(noted) if entry.number is not None]
    return [f"lost {reading.found}" if reading.access is Access.LOST else reading.why or "" for reading in chained]


def waiting(database: Database) -> int:
    with database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(queue)).scalar_one())


def chained(database: Database) -> int:
    with database.read() as tx:
        return journal.last(tx).number


def changed(database: Database, change: Callable[[Connection], Any]) -> None:
    """Somebody who administers the database lays hands on the queue."""
    with database.write() as tx:
        change(tx)


def test_an_entry_waits_is_read_as_such_and_is_chained_once(postgresql_database: Database) -> None:
    for why in "abc":
        looked(postgresql_database, why)
    with postgresql_database.read() as tx:
        entries = journal.entries(tx, KEY)
        assert [(entry.number, entry.reading.why) for entry in entries] == [(None, "c"), (None, "b"), (None, "a")]
        assert journal.last(tx).number == 0
        raw = b"".join(bytes(row) for row in tx.execute(select(queue.c.entry)).scalars())
    assert b"camille" not in raw
    written = [entry.at for entry in entries]
    for _ in range(2):
        chain_all(postgresql_database, KEY)
    looked(postgresql_database, "d")
    with postgresql_database.read() as tx:
        entries = journal.entries(tx, KEY)
    assert [(e.number, e.reading.why) for e in entries] == [(None, "d"), (3, "c"), (2, "b"), (1, "a")]
    assert [entry.at for entry in entries[1:]] == written, "an entry keeps the time of the reading"


def test_what_is_rolled_back_leaves_no_gap_behind(postgresql_database: Database) -> None:
    looked(postgresql_database, "a")
    for _ in range(3):
        with pytest.raises(KeyError), postgresql_database.write() as tx:
            journal.note(tx, KEY, WORKER, Access.SHOW, why="never told")
            raise KeyError
        with pytest.raises(DBAPIError), postgresql_database.write() as tx:
            journal.note(tx, KEY, WORKER, Access.SHOW, why="never told")
            tx.execute(text("select 1 / 0"))
    with postgresql_database.write() as tx:
        journal.note(tx, KEY, WORKER, Access.SHOW, why="b")
        journal.note(tx, KEY, WORKER, Access.SHOW, why="c")
    chain_all(postgresql_database, KEY)
    assert reasons(postgresql_database) == ["a", "b", "c"]


def test_what_was_taken_away_changed_moved_or_repeated_is_noticed(postgresql_database: Database) -> None:
    database = postgresql_database
    for why in "abcdefgh":
        looked(database, why)
    with database.read() as tx:
        first, *_, last = tx.execute(select(queue).order_by(queue.c.id)).all()
    changed(database, lambda tx: tx.execute(queue.delete().where(queue.c.number.in_((2, 3)))))
    changed(database, lambda tx: tx.execute(update(queue).where(queue.c.number == 5).values(at=datetime.now(UTC))))
    changed(database, lambda tx: tx.execute(update(queue).where(queue.c.number == 7).values(number=9)))
    chain_all(database, KEY)
    assert reasons(database) == ["a", "lost 2", "d", "lost 1", "f", "lost 1", "h"]
    again = {"lane": first.lane, "number": 1, "at": first.at, "entry": first.entry, "held": False}
    changed(database, lambda tx: tx.execute(insert(queue), [again]))
    looked(database, "i")
    chain_all(database, KEY)
    assert reasons(database)[-2:] == ["h", "i"]
    with database.read() as tx:
        assert access_queue.held(tx) == 3, "two that do not open, and one that came twice"
        assert journal.contents(tx, KEY) == journal.Contents(None, [2, 4, 6])
    assert last.number == 8


def test_a_queue_is_never_emptied_under_another_key(postgresql_database: Database) -> None:
    looked(postgresql_database, "a")
    with pytest.raises(AnotherKey):
        chain_all(postgresql_database, DataKey(JOURNAL, bytes(32)))
    chain_all(postgresql_database, KEY)
    assert reasons(postgresql_database) == ["a"]


def test_an_entry_that_is_committed_late_is_not_missed_and_not_passed_over(postgresql_database: Database) -> None:
    with postgresql_database.write() as slow:
        journal.note(slow, KEY, SUPERVISOR, Access.SHOW, why="begun first")
        looked(postgresql_database, "quick")
        chain_all(postgresql_database, KEY)
    assert reasons(postgresql_database) == ["quick"]
    chain_all(postgresql_database, KEY)
    assert reasons(postgresql_database) == ["quick", "begun first"]


def test_one_chains_at_a_time_and_the_others_go_on(postgresql_database: Database) -> None:
    looked(postgresql_database, "a")
    with postgresql_database.write() as tx:
        assert chain(tx, KEY) == 1
        with postgresql_database.write() as other:
            assert chain(other, KEY) == 0
    assert reasons(postgresql_database) == ["a"]


@pytest.mark.proof
def test_ten_thousand_entries_are_chained_within_bounds(postgresql_database: Database) -> None:
    with postgresql_database.write() as tx:
        for number in range(10_000):
            journal.note(tx, KEY, WORKER, Access.SHOW, why=str(number))
    began = time.monotonic()
    chain_all(postgresql_database, KEY)
    # One second on two quiet processors: the bound is the one minute that is promised, with room for busy ones.
    assert time.monotonic() - began < 30
    assert reasons(postgresql_database) == [str(number) for number in range(10_000)]
    assert waiting(postgresql_database) == 0


def test_killed_writers_leave_each_entry_once_and_in_order(
    postgresql_database: Database, tmp_path: Path, processes: list[Process]
) -> None:
    writer, enough, counts = ChainingWriter(tmp_path, postgresql_database), Event(), [0, 0, 0]

    def read(reader: int) -> None:
        while not enough.is_set():
            looked(postgresql_database, f"{reader} {counts[reader]}")
            counts[reader] += 1

    processes.append(writer)
    writer.start()
    with ThreadPoolExecutor(3) as threads:
        readers = [threads.submit(read, reader) for reader in range(3)]
        try:
            for _ in range(6):
                before = chained(postgresql_database)
                until(lambda before=before: chained(postgresql_database) > before, "it chains", 60)  # type: ignore[misc]
                writer.kill_the_one_that_chains()
        finally:
            enough.set()
        for reader in readers:
            reader.result()
    chain_all(postgresql_database, KEY)
    whys = reasons(postgresql_database)
    for reader, count in enumerate(counts):
        assert [why for why in whys if why.startswith(f"{reader} ")] == [f"{reader} {n}" for n in range(count)]
    assert len(whys) == sum(counts) and waiting(postgresql_database) == 0


def test_a_frozen_reader_stops_nobody_and_is_hung_up_on(
    postgresql_database: Database, tmp_path: Path, processes: list[Process]
) -> None:
    frozen = FrozenReader(tmp_path, postgresql_database)
    processes.append(frozen)
    frozen.start()
    until(lambda: "noted" in frozen.output, "it is in its transaction", 60)
    frozen.signal(signal.SIGSTOP)
    began = time.monotonic()
    for number in range(20):
        looked(postgresql_database, str(number))
        chain_all(postgresql_database, KEY)
    assert time.monotonic() - began < 8, "less than anybody waits for a lock"
    assert reasons(postgresql_database) == [str(number) for number in range(20)]

    def standing() -> int:
        with postgresql_database.read() as tx:
            query = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
            return int(tx.execute(text(query)).scalar_one())

    until(lambda: standing() == 0, "the server hangs up on it")
    frozen.signal(signal.SIGCONT)
    until(lambda: not frozen.is_running, "it ends")
    assert re.search("told nothing", frozen.output), "its reading failed: nothing was told without its entry"
    chain_all(postgresql_database, KEY)
    assert len(reasons(postgresql_database)) == 20


def test_the_limits_of_a_connection_are_those_of_the_settings(postgresql_database: Database) -> None:
    url = postgresql_database.url
    shown = {"statement_timeout": "3s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "7s",
             "tcp_keepalives_idle": "6", "tcp_keepalives_interval": "3", "tcp_user_timeout": "15000"}  # fmt: skip
    patience = Patience(statement=3, lock=2, idle=7, silence=15)
    with closing(Database(url, patience=patience)) as database, database.read() as tx:
        told = {name: tx.execute(text(f"show {name}")).scalar_one() for name in shown}
    assert told == shown


def test_old_lanes_are_forgotten_and_the_others_are_not(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(postgresql_database, "a")
    chain_all(postgresql_database, KEY)
    later = datetime.now(UTC) + timedelta(days=8)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return later.astimezone(tz)

    monkeypatch.setattr(chaining, "datetime", Later)
    with closing(Database(postgresql_database.url)) as another:
        looked(another, "b")
    chain_all(postgresql_database, KEY)
    with postgresql_database.read() as tx:
        assert tx.execute(text("select count(*) from access_lanes")).scalar_one() == 1
        assert tx.execute(select(func.count()).select_from(access_journal)).scalar_one() == 2
