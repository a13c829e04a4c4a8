"""Key stores of both kinds, each with a master key of its own."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kit.crypto.vault import KeyFile
from kit.storage.database import Database, sqlite_url
from models.keys import CaseKeys
from models.migrate import VAULT
from tests.support.servers import Postgres

_NUMBERS = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def key_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh database for keys."""
    if request.param == "sqlite":
        with closing(Database(sqlite_url(tmp_path / "keys.db"), wipes=True)) as database:
            VAULT.migrate(database)
            yield database
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"vault_{next(_NUMBERS)}"
    server.run(f"create database {name}")
    with closing(Database(server.url(name))) as database:
        VAULT.migrate(database)
        yield database
    server.run(f"drop database {name} with (force)")


def _fresh(request: pytest.FixtureRequest, beside: Database, file: Path) -> Iterator[Database]:
    """A store of its own, on the same kind of database as another."""
    if beside.is_sqlite:
        with closing(Database(sqlite_url(file), wipes=True)) as store:
            VAULT.migrate(store)
            yield store
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"vault_{next(_NUMBERS)}"
    server.run(f"create database {name}")
    with closing(Database(server.url(name))) as store:
        VAULT.migrate(store)
        yield store
    server.run(f"drop database {name} with (force)")


@pytest.fixture
def fresh_store(request: pytest.FixtureRequest, key_store: Database, tmp_path: Path) -> Iterator[Database]:
    """An empty store beside `key_store`."""
    yield from _fresh(request, key_store, tmp_path / "fresh.db")


@pytest.fixture
def another_store(request: pytest.FixtureRequest, key_store: Database, tmp_path: Path) -> Iterator[Database]:
    """The store of another installation, beside `key_store`."""
    yield from _fresh(request, key_store, tmp_path / "another.db")


@contextmanager
def copied(request: pytest.FixtureRequest, store: Database, folder: Path) -> Iterator[Callable[[], Database]]:
    """Makes copies of a store, as a back-up would; they go when the block ends."""
    copies: list[Database] = []

    def copy() -> Database:
        name = f"copy_{next(_NUMBERS)}"
        if store.is_sqlite:
            with closing(sqlite3.connect(str(store.url.database))) as right:
                right.execute("vacuum into ?", (str(folder / f"{name}.db"),))
            copies.append(Database(sqlite_url(folder / f"{name}.db"), wipes=True))
        else:
            store.close()  # a template has nobody connected
            server: Postgres = request.getfixturevalue("postgres")
            server.run(f"create database {name} template {store.url.database} strategy file_copy")
            copies.append(Database(server.url(name)))
        return copies[-1]

    yield copy
    for database in copies:
        database.close()
        if not store.is_sqlite:
            request.getfixturevalue("postgres").run(f"drop database {database.url.database} with (force)")


@pytest.fixture
def master(tmp_path: Path) -> KeyFile:
    return KeyFile.made_if_missing(tmp_path / "master.key")


@pytest.fixture
def keys(key_store: Database, master: KeyFile) -> CaseKeys:
    return CaseKeys(key_store, master)
