"""The desk and its clients as separate users of the system: the socket, for its group alone, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.counter.serving import DeskProcess
from tests.desk.scene import scene_on
from tests.support.servers import ROOT, Process, until

DESK, PAGES, STRANGER = 61_001, 61_002, 61_003
GROUP, OTHERS = 61_010, 61_011
"""Users and groups that nobody has: the system needs no entry for them."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts processes as other users")


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskProcess]:
    """A desk that runs as a user of its own, in the group of the socket, with its secrets in a folder of its own."""
    # Not among the temporary folders of pytest, which are closed to everybody but the one who runs it.
    folder = Path(tempfile.mkdtemp(prefix="aboutir-users-"))
    with closing(Database(sqlite_url(folder / "book.db"))) as database:
        migrate(database)
        scene = scene_on(database, folder)
        scene.office.own_store.adopt()
        scene.office.keys.close()
        (folder / "engine.db").write_bytes(b"the engine's")
        settings = {
            "ABOUTIR_VAULT_URL": sqlite_url(folder / "keys.db"),
            "ABOUTIR_MASTER_KEY_FILE": str(folder / "master.key"),
        }
        process = DeskProcess(database, folder, "127.0.0.1:1", "nobody", **settings)
    process.place = folder.with_name(f"{folder.name}-run") / "d.sock"
    process.place.parent.mkdir()
    for path in (folder, *folder.rglob("*"), process.place.parent):
        os.chown(path, DESK, GROUP)
        path.chmod(0o750 if path == process.place.parent else 0o700 if path.is_dir() else 0o600)
    process._arguments = [sys.executable, "-m", "tests.counter.dropped", "desk", str(DESK), str(GROUP)]
    process._env = (process._env or {}) | {"ABOUTIR_DESK_SOCKET": str(process.place)}
    Process.start(process)
    until(lambda: process.place.exists() or not process.is_running, "the desk listens", 60)
    assert process.is_running, process.output
    yield process
    process.kill()
    print(process.output[-1_000:])
    shutil.rmtree(folder)
    shutil.rmtree(process.place.parent)


def as_user(desk: DeskProcess, user: int, group: int) -> dict[str, object]:
    folder = desk._log.parent
    secrets = [str(folder / name) for name in ("book.db", "keys.db", "master.key", "engine.db")]
    program = [sys.executable, "-m", "tests.counter.dropped", "client", str(user), str(group), str(desk.place)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([*program, *secrets], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


REFUSED = dict.fromkeys(("book.db", "keys.db", "master.key", "engine.db"), "refused")


def test_the_pages_user_needs_the_socket_alone_and_reaches_nothing_else(desk: DeskProcess) -> None:
    told = as_user(desk, PAGES, GROUP)
    assert told.pop("listed") == 2
    assert told == REFUSED


def test_a_user_who_is_not_in_the_group_of_the_socket_does_not_reach_it_either(desk: DeskProcess) -> None:
    assert as_user(desk, STRANGER, OTHERS) == REFUSED | {"listed": "desk_away"}
    assert as_user(desk, DESK, GROUP)["master.key"] == "read", "whoever is the desk has all of it"
