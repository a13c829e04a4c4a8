"""A process that takes a file in is killed at every stage: no record without bytes, no bytes that stay for ever."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from activities.care import sweep
from kit.storage.database import Database
from kit.storage.store import FolderStore
from models.tables import intakes
from tests.support.clerk import Clerk
from tests.support.servers import MASTER_KEY, ROOT, VAULT_URL

STAGES = ("while it is read", "before its record", "after its record")
KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from kit.crypto.vault import KeyFile
from kit.storage.database import Database
from kit.storage.store import FolderStore
from models.evidence import MB, Evidence
from models.intakes import note_intake
from models.keys import CaseKeys
url, vault, master, folder, reference, stage = sys.argv[1:]
from pathlib import Path
keys = CaseKeys(Database(vault), KeyFile(Path(master)))
def die(now):
    if now == stage:
        os.kill(os.getpid(), signal.SIGKILL)
def chunks():
    yield b"Bonjour\\n" * 100_000
    die("while it is read")
    yield b"Bonsoir\\n"
taken = Evidence(FolderStore(Path(folder)), keys, MB).take_in(reference, "note.txt", chunks())
with Database(url).write() as tx:
    note_intake(tx, keys, reference, taken, to_scan=False, by="camille", at=datetime.now(UTC))
    die("before its record")
die("after its record")
"""


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_killed_upload_leaves_is_let_go_of(sqlite_database: Database, tmp_path: Path, stage: str) -> None:
    reference, store = Clerk(sqlite_database).open(), FolderStore(tmp_path / "files")
    url = sqlite_database.url.render_as_string(hide_password=False)
    arguments = (url, VAULT_URL, str(MASTER_KEY), str(store.folder), reference, stage)
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr

    def records() -> list[str]:
        with sqlite_database.read() as tx:
            return list(tx.execute(select(intakes.c.stored)).scalars())

    left = set(store.names(datetime.now(UTC) + timedelta(hours=1)))
    assert len(left) == 1
    assert set(records()) == (left if stage == "after its record" else set())
    now = datetime.now(UTC)
    young = sweep(sqlite_database.read, sqlite_database.write, store, now - timedelta(hours=1))
    assert (young.deleted, set(records())) == (0, left if stage == "after its record" else set())
    old = sweep(sqlite_database.read, sqlite_database.write, store, now + timedelta(hours=1))
    assert (old.deleted, records()) == (1, [])
    assert list(store.names(now + timedelta(hours=1))) == []
