"""A store of keys is the one of its book, with all that it must hold: another, an older, an emptied is refused."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.book import Book
from activities.calendar import french_calendar
from domain.exchange.cases import Ask, CommitRequest
from domain.parts.intake import Open
from domain.values import new_reference
from kit.crypto.vault import KeyDestroyed, KeyFile
from kit.storage.database import Database, sqlite_url
from models import destroyed_keys, key_stores, minted
from models.destroyed_keys import came_back, erase_again
from models.key_stores import KeyStoreRefused, OwnStore
from models.keys import CaseKeys
from models.lost_keys import cases_without_keys
from models.migrate import VAULT
from tests.people import WORKER
from tests.support.builders import complaint
from tests.support.key_stores import copied

SOME = 12


@dataclass
class Installation:
    """A book with cases and the store of their keys, on one kind of database."""

    database: Database
    keys: CaseKeys
    copy: Callable[[], Database]
    """Makes a copy of the store as it is now."""
    cases: list[str] = field(default_factory=list)

    def open(self, keys: CaseKeys | None = None) -> str:
        reference, keys = new_reference(), keys or self.keys
        keys.mint(reference)
        ask = Ask(command=Open(complaint=complaint()), command_id=f"open:{reference}", actor=WORKER)
        request = CommitRequest(reference=reference, known_version=0, ask=ask, at=datetime.now(UTC))
        Book(self.database, keys, french_calendar()).commit(request)
        self.cases.append(reference)
        return reference

    def with_store(self, store: Database) -> tuple[OwnStore, CaseKeys]:
        """What a process that starts now finds, with that store in the place of the right one."""
        keys = CaseKeys(store, self.keys.master)
        own = OwnStore(self.database, keys)
        keys.check_mint = own.check_mint
        return own, keys


@pytest.fixture
def installation(
    request: pytest.FixtureRequest, key_store: Database, master: KeyFile, tmp_path: Path
) -> Iterator[Installation]:
    kind = "sqlite" if key_store.is_sqlite else "postgresql"
    database: Database = request.getfixturevalue(f"{kind}_database")
    with copied(request, key_store, tmp_path) as copy:
        made = Installation(database, CaseKeys(key_store, master), copy)
        for _ in range(SOME):
            made.open()
        assert OwnStore(database, made.keys).adopt()
        yield made


def refusal(own: OwnStore) -> str:
    with pytest.raises(KeyStoreRefused) as refused:
        own.adopt()
    fault = own.fault()
    assert fault is not None and fault.code == refused.value.code
    return refused.value.code


def test_the_right_store_is_adopted_once_and_followed(installation: Installation) -> None:
    own, keys = installation.with_store(installation.keys.store)
    assert own.fault() is None
    assert not own.adopt()
    installation.open(keys)
    assert not own.adopt()
    with installation.database.read() as tx:
        assert [(line.what.value, line.mark.number) for line in key_stores.history(tx)] == [
            ("ADOPTED", SOME),
            ("SEEN", SOME + 1),
        ]
    with keys.store.read() as vault:
        assert minted.broken(vault) is None


def test_another_an_older_and_an_emptied_store_are_refused_and_nothing_is_opened_in_them(
    installation: Installation, request: pytest.FixtureRequest
) -> None:
    older = installation.copy()
    installation.open()
    for store, code in (
        (older, "key_store_older"),
        (request.getfixturevalue("fresh_store"), "key_store_emptied"),
        (_another(installation, request), "key_store_other"),
    ):
        own, keys = installation.with_store(store)
        assert refusal(own) == code
        before = keys.living()
        with pytest.raises(KeyStoreRefused, match=code):
            keys.mint(new_reference())
        assert keys.living() == before, "a refused opening leaves no key"
    with installation.database.read() as tx:
        assert len(key_stores.history(tx)) == 1, "what was refused is adopted by nobody"


def _another(installation: Installation, request: pytest.FixtureRequest) -> Database:
    store: Database = request.getfixturevalue("another_store")
    keys = CaseKeys(store, installation.keys.master)
    for _ in range(SOME + 5):
        keys.mint(new_reference())
    return store


def test_a_store_exchanged_while_a_process_runs_is_refused_at_the_next_opening(installation: Installation) -> None:
    own, keys = installation.with_store(installation.keys.store)
    older = installation.copy()
    installation.open(keys)
    keys.store = older  # put back under the feet of the process
    with pytest.raises(KeyStoreRefused, match="key_store_older"):
        keys.mint(new_reference())
    assert own.fault() is not None


def test_a_store_that_went_its_own_way_is_refused(installation: Installation) -> None:
    """A copy in which others opened cases holds as many keys as the book knows of, and not the same."""
    parted = installation.copy()
    own, keys = installation.with_store(installation.keys.store)
    installation.open(keys)
    own.adopt()
    elsewhere = CaseKeys(parted, installation.keys.master)
    elsewhere.mint(new_reference())
    elsewhere.mint(new_reference())
    assert refusal(installation.with_store(parted)[0]) == "key_store_changed"


def test_one_goes_on_with_what_is_left_and_who_said_so_stands_in_the_history(installation: Installation) -> None:
    older = installation.copy()
    lost = {installation.open() for _ in range(3)}
    own, keys = installation.with_store(older)
    accepted = own.accept("exploitation", "the disk burnt")
    assert set(accepted.lost) == lost
    assert own.fault() is None
    installation.open(keys)
    assert not own.adopt()
    assert cases_without_keys(installation.database, keys) == 0
    with installation.database.read() as tx:
        told = [(line.what.value, line.account, line.why) for line in key_stores.history(tx)][-2]
    assert told == ("ACCEPTED", "exploitation", "the disk burnt")
    for statement in ("update key_stores set why = ''", "delete from key_stores", "delete from destroyed_keys"):
        with pytest.raises(DBAPIError), installation.database.write() as tx:
            destroyed_keys.note(tx, installation.cases[0], datetime.now(UTC))
            tx.execute(text(statement))


def test_an_erased_case_whose_key_came_back_is_erased_again(installation: Installation) -> None:
    gone, before = installation.cases[3], installation.copy()
    at = installation.keys.destroy(gone).destroyed_at
    with installation.database.write() as tx:
        destroyed_keys.note(tx, gone, at)
    assert came_back(installation.database, installation.keys) == []
    own, keys = installation.with_store(before)
    assert own.fault() is None, "no key was made since: it is the right store, with one key too many"
    assert keys.living() >= {gone}
    assert erase_again(installation.database, keys) == [gone]
    with pytest.raises(KeyDestroyed):
        keys.of(gone)
    assert erase_again(installation.database, keys) == []


def test_keys_of_before_are_entered_by_the_migration(tmp_path: Path, master: KeyFile) -> None:
    with closing(Database(sqlite_url(tmp_path / "old.db"), wipes=True)) as store:
        config = VAULT.config()
        with store.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            for number in range(5):
                made = {"r": f"AB-2026-{number}", "w": b"x", "at": "2026-03-02 08:00:00"}
                connection.execute(text("insert into case_keys values (:r, :w, 'm', :at, null)"), made)
        VAULT.migrate(store)
        with store.read() as vault:
            assert (minted.last(vault).number, minted.broken(vault)) == (5, None)
        CaseKeys(store, master).mint(new_reference())
        with store.read() as vault:
            assert (minted.last(vault).number, minted.broken(vault)) == (6, None)


def test_looking_costs_next_to_nothing(
    installation: Installation, record_property: Callable[[str, object], None]
) -> None:
    own, keys = installation.with_store(installation.keys.store)
    with keys.store.write() as vault:
        mark = minted.last(vault)
        for _ in range(3_000):
            mark = minted.add(vault, mark, new_reference(), bytes(32))
    own.require()
    began = time.monotonic()
    for _ in range(20):
        own.require()
    took = (time.monotonic() - began) / 20
    record_property("faults: a look at the right store", f"{1000 * took:.1f} ms")
    with keys.store.read() as vault:
        plan = "explain query plan" if keys.store.is_sqlite else "explain"
        last = str(minted.LAST.compile(vault.engine))
        told = "\n".join(str(row) for row in vault.execute(text(f"{plan} {last}")))
    assert "SCAN minted" not in told and "Seq Scan on minted" not in told
    assert took < 0.25
