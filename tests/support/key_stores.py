"""Key stores of both kinds, each with a master key of its own."""

import itertools
from collections.abc import Iterator
from contextlib import closing
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


@pytest.fixture
def master(tmp_path: Path) -> KeyFile:
    return KeyFile.made_if_missing(tmp_path / "master.key")


@pytest.fixture
def keys(key_store: Database, master: KeyFile) -> CaseKeys:
    return CaseKeys(key_store, master)
