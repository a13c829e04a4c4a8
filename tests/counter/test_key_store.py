"""A desk on a store of keys that is not the one of its book: refused at its start, not ready once it is exchanged."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from counter.process import _reaches, serve
from desk.office import Office
from domain.values import new_reference
from kit.storage.database import Database, sqlite_url
from models.keys import CaseKeys
from models.migrate import VAULT, migrate
from models.tables import key_stores
from tests.counter.serving import BY_NAME, DeskProcess
from tests.desk.scene import Clients, scene_on
from tests.support.builders import complaint
from workers.starting import WrongKeys


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A book that knows its store of keys; beside it lie an older copy, an emptied one and that of another book."""
    with closing(Database(sqlite_url(tmp_path / "book.db"))) as database:
        migrate(database)
        scene = scene_on(database, tmp_path)
        with closing(sqlite3.connect(tmp_path / "keys.db")) as store:
            store.execute("vacuum into ?", (str(tmp_path / "older.db"),))
        asyncio.run(Clients(scene.office).open(complaint(), scene.corners[0].holder))
        scene.office.own_store.adopt()
        for name in ("emptied", "other"):
            with closing(Database(sqlite_url(tmp_path / f"{name}.db"))) as store:
                VAULT.migrate(store)
                for _ in range(10 if name == "other" else 0):
                    CaseKeys(store, scene.office.keys.master).mint(new_reference())
        yield scene.office


def _on(office: Office, name: str) -> Office:
    folder = office.settings.data
    settings = office.settings.model_copy(
        update={"vault_url": sqlite_url(folder / f"{name}.db"), "desk_socket": folder / "run" / "s", "http_port": 0}
    )
    return replace(office, settings=settings)


@pytest.mark.parametrize("name", ["older", "emptied", "other"])
def test_a_desk_on_the_wrong_store_is_refused_at_its_start_and_answers_nobody(office: Office, name: str) -> None:
    desk = _on(office, name)
    with pytest.raises(WrongKeys) as refused:
        asyncio.run(serve(desk, BY_NAME, asyncio.Event()))
    assert refused.value.code == f"key_store_{name}"
    assert not desk.settings.desk_socket.exists()


def test_its_process_ends_with_a_plain_error(office: Office, tmp_path: Path) -> None:
    store, master = sqlite_url(tmp_path / "other.db"), str(tmp_path / "master.key")
    settings = {"ABOUTIR_VAULT_URL": store, "ABOUTIR_MASTER_KEY_FILE": master}
    wrong = DeskProcess(office.database, tmp_path, "127.0.0.1:1", "nobody", **settings)
    super(DeskProcess, wrong).start()
    assert wrong.wait() == 4
    assert "The database of the keys is not the one of this book." in wrong.output
    assert "Traceback" not in wrong.output


def test_a_desk_whose_store_is_exchanged_is_not_ready_and_says_why(office: Office) -> None:
    async def checks() -> dict[str, bool | str]:
        return await asyncio.to_thread(_reaches(office))

    assert asyncio.run(checks())["key_store"] is True
    row = {"number": 99, "at": datetime.now(UTC), "what": "ACCEPTED", "store": "another", "minted": 0, "lost": ""}
    with office.database.write() as tx:
        tx.execute(insert(key_stores), [row | {"head": bytes(32), "account": "exploitation", "why": "-"}])
    assert asyncio.run(checks())["key_store"] == "key_store_other"
