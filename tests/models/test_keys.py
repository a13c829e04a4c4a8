"""The keys of cases: minted once, at intake, whoever asks; destroyed for ever; wrapped anew without touching a case."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.errors import Away, NotFound, Refused
from domain.values import new_reference
from kit.crypto.vault import KeyDestroyed, KeyFile, KeyUnknown, MasterKeyMissing, MasterKeys
from kit.settings import Settings
from kit.storage.database import Database, beside, sqlite_url
from models.keys import ENGINE, INDEX, LINK, CaseKeys, keys_of
from models.migrate import VAULT


def test_a_case_has_one_key_however_many_open_it_at_once(key_store: Database, master: KeyFile) -> None:
    reference = new_reference()
    openers = [CaseKeys(key_store, master) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        minted = list(threads.map(lambda keys: keys.mint(reference), openers))
    assert len({key.commitment(b"-") for key in minted}) == 1
    assert CaseKeys(key_store, master).of(reference).commitment(b"-") == minted[0].commitment(b"-")


def test_only_opening_makes_a_key(keys: CaseKeys) -> None:
    for name in (new_reference(), "policy-rollout-1", ""):
        with pytest.raises(KeyUnknown) as unknown:
            keys.of(name)
        assert isinstance(unknown.value, NotFound), "said to people in the words of a case that is not there"


def test_each_case_and_each_purpose_has_a_key_of_its_own(keys: CaseKeys) -> None:
    names = [new_reference() for _ in range(20)]
    said = {keys.mint(name).commitment(b"-") for name in names} | {keys.of(n).commitment(b"-") for n in (ENGINE, INDEX)}
    assert len(said) == 22


def test_a_key_that_is_replaced_is_another_at_once_for_whoever_asks_the_store(
    key_store: Database, master: KeyFile
) -> None:
    keys, elsewhere, reference = CaseKeys(key_store, master), CaseKeys(key_store, master), new_reference()
    former = {each.fresh(LINK).commitment(b"-") for each in (keys, elsewhere)}
    others = {keys.of(name).commitment(b"-") for name in (ENGINE, INDEX)} | {keys.mint(reference).commitment(b"-")}
    keys.replace(LINK)
    replaced = {each.fresh(LINK).commitment(b"-") for each in (keys, elsewhere, CaseKeys(key_store, master))}
    assert len(former) == len(replaced) == 1 and not former & replaced
    assert {elsewhere.of(name).commitment(b"-") for name in (ENGINE, INDEX, reference)} == others, "and it alone"
    assert keys.rewrap() == 0, "wrapped with the master key of now"


def test_a_destroyed_key_is_gone_and_nothing_makes_another(key_store: Database, master: KeyFile) -> None:
    keys, reference = CaseKeys(key_store, master), new_reference()
    sealed = keys.mint(reference).seal(b"words", "p")
    destroyed = keys.destroy(reference)
    assert keys.destroy(reference) == destroyed == keys.destroyed(reference)
    assert destroyed.master_key == master.id
    for attempt in (keys.of, keys.mint, CaseKeys(key_store, master).of, CaseKeys(key_store, master).mint):
        with pytest.raises(KeyDestroyed) as gone:
            attempt(reference)
        assert isinstance(gone.value, Refused)
    assert keys.destroyed(new_reference()) is None
    with pytest.raises(KeyUnknown):
        keys.destroy(new_reference())
    assert sealed  # what is left of it is noise


def test_the_database_itself_refuses_another_key_for_a_destroyed_one(key_store: Database, keys: CaseKeys) -> None:
    gone, alive = new_reference(), new_reference()
    keys.mint(gone)
    keys.mint(alive)
    keys.destroy(gone)
    statements = [
        "update case_keys set wrapped = :bytes, destroyed_at = null where reference = :gone",
        "update case_keys set master_key = 'x' where reference = :gone",
        "update case_keys set reference = 'other' where reference = :alive",
        "update case_keys set wrapped = null where reference = :alive",  # destroyed, without a date
        "delete from case_keys where reference = :gone",
        "delete from case_keys where reference = :alive",
        "insert or replace into case_keys select :gone, wrapped, master_key, created_at, null from case_keys"
        if key_store.is_sqlite
        else "truncate case_keys",
    ]
    for statement in statements:
        with pytest.raises(DBAPIError), key_store.write() as tx:
            bound = {"gone": gone, "alive": alive, "bytes": b"x"}
            tx.execute(text(statement), {name: value for name, value in bound.items() if f":{name}" in statement})
    with pytest.raises(KeyDestroyed):
        keys.of(gone)
    keys.of(alive)


def test_other_processes_forget_a_destroyed_key_within_its_short_life(key_store: Database, master: KeyFile) -> None:
    here, elsewhere = CaseKeys(key_store, master), CaseKeys(key_store, master, life=0.0)
    reference = new_reference()
    here.mint(reference)
    elsewhere.of(reference)
    here.destroy(reference)
    assert elsewhere.held(reference) is None
    with pytest.raises(KeyDestroyed):
        elsewhere.of(reference)


def test_sqlite_keeps_no_trace_of_a_destroyed_key(tmp_path: Path, master: KeyFile) -> None:
    with closing(Database(sqlite_url(tmp_path / "keys.db"), wipes=True)) as store:
        VAULT.migrate(store)
        keys, references = CaseKeys(store, master), [new_reference() for _ in range(30)]
        wrapped = {}
        for reference in references:
            keys.mint(reference)
            with closing(sqlite3.connect(tmp_path / "keys.db")) as plain:
                query = "select wrapped from case_keys where reference = ?"
                wrapped[reference] = plain.execute(query, (reference,)).fetchone()[0]

        def on_disk() -> bytes:
            return b"".join(file.read_bytes() for file in tmp_path.glob("keys.db*"))

        assert all(bytes(key) in on_disk() for key in wrapped.values())  # it would be found
        for reference in references[::2]:
            keys.destroy(reference)
        left = on_disk()
        assert [r for r in references[::2] if bytes(wrapped[r]) in left] == []
        assert all(bytes(wrapped[r]) in left for r in references[1::2])


# --- The master key --------------------------------------------------------------------------------------


def test_replacing_the_master_key_wraps_every_key_anew_and_touches_nothing_sealed(
    key_store: Database, master: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.keys._AT_ONCE", 25)
    keys, references = CaseKeys(key_store, master), [new_reference() for _ in range(63)]
    sealed = {reference: keys.mint(reference).seal(b"words", "p") for reference in references}
    index, gone = keys.digest("x"), references.pop()
    keys.destroy(gone)
    old = master.id
    working = CaseKeys(key_store, KeyFile(master.path))  # another process, which knows the old key only
    master.add()
    during = new_reference()
    working.mint(during)
    assert keys.masters() == {old, master.id}
    assert keys.rewrap() == len(references) + 1  # the index key too; the one minted meanwhile has the new key already
    assert keys.masters() == {master.id}
    assert keys.rewrap() == 0
    assert master.keep_only(keys.masters()) == 1
    fresh = CaseKeys(key_store, KeyFile(master.path))
    assert all(fresh.of(reference).open(sealed[reference], "p") == b"words" for reference in references)
    assert (fresh.digest("x"), fresh.of(during).name) == (index, during)
    with pytest.raises(KeyDestroyed):
        fresh.of(gone)


def test_a_store_is_not_used_with_another_master_key(key_store: Database, master: KeyFile, tmp_path: Path) -> None:
    keys, reference = CaseKeys(key_store, master), new_reference()
    keys.check()
    keys.mint(reference)
    other = CaseKeys(key_store, KeyFile.made_if_missing(tmp_path / "other.key"))
    with pytest.raises(MasterKeyMissing):
        other.check()


def test_without_a_master_key_nothing_begins(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyMissing):
        keys_of(Settings(database_url=sqlite_url(tmp_path / "book.db"), master_key=None, master_key_file=None))


def test_a_store_that_is_away_is_worth_asking_again(tmp_path: Path, master: KeyFile) -> None:
    with closing(Database(sqlite_url(tmp_path / "none" / "keys.db"))) as nowhere:
        for ask in (CaseKeys(nowhere, master).of, CaseKeys(nowhere, master).mint):
            with pytest.raises(Away, match="keys_away"):
                ask(new_reference())


def test_the_keys_lie_beside_the_book_and_not_in_it() -> None:
    assert str(beside("sqlite:////data/aboutir.db", "keys")) == "sqlite:////data/aboutir-keys.db"
    postgres = beside("postgresql+psycopg://aboutir@postgres/aboutir", "keys")
    assert postgres.database == "aboutir_keys"


def test_a_key_is_wrapped_with_the_master_key_that_is_named_whoever_replaces_it_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "master.key"
    master, elsewhere = KeyFile.made_if_missing(path), KeyFile.made_if_missing(path)
    named = MasterKeys.id.fget
    assert named is not None

    def replaced(keys: MasterKeys) -> str:  # right after, another thread of this process finds the file changed
        name = str(named(keys))
        elsewhere.add()
        master._reload()
        return name

    monkeypatch.setattr(MasterKeys, "id", property(replaced))
    material = bytes(32)
    for _ in range(3):
        id, wrapped = master.wrap(material, "ONE")
        assert master.unwrap(id, wrapped, "ONE") == material


def test_a_key_that_the_files_did_not_let_go_of_is_destroyed_again(tmp_path: Path, master: KeyFile) -> None:
    file = tmp_path / "keys.db"
    store = Database(sqlite_url(file), wipes=True)
    VAULT.migrate(store)
    keys, reference = CaseKeys(store, master), new_reference()
    keys.mint(reference)
    with store.read() as tx:
        wrapped = bytes(tx.execute(text("SELECT wrapped FROM case_keys")).scalar_one())
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")  # of the one connection that the pool gives out again
    with closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM case_keys").fetchone()
        with pytest.raises(Away):
            keys.destroy(reference)
    keys.destroy(reference)
    store.close()
    assert not [path.name for path in tmp_path.iterdir() if path.suffix != ".key" and wrapped in path.read_bytes()]
