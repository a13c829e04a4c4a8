"""Processes that read, or chain what was read: to freeze, and to kill."""

import os
import signal
import sys
from pathlib import Path

from kit.storage.database import Database
from tests.support.servers import MASTER_KEY, ROOT, VAULT_URL, Process, until

_BEGIN = """
import os, sys, time
from pathlib import Path
from kit.crypto.vault import KeyFile
from kit.storage.database import Database
from kit.storage.patience import Patience
from domain.access import Access
from models import chaining, journal
from models.keys import JOURNAL, CaseKeys
from tests.people import WORKER

url, vault, master = sys.argv[1:]
key = CaseKeys(Database(vault, wipes=True), KeyFile(Path(master))).of(JOURNAL)
"""

_READ = """
database = Database(url, patience=Patience(idle=2))
try:
    with database.write() as tx:
        journal.note(tx, key, WORKER, Access.SHOW, why="frozen")
        print("noted", flush=True)
        time.sleep(4)
    print("told", flush=True)
except Exception:
    print("told nothing", flush=True)
"""

_CHAIN = """
chaining.BATCH = 20
parent = os.getpid()
while True:
    child = os.fork()
    if child:
        print(child, flush=True)
        os.waitpid(child, 0)
        continue
    database = Database(url)
    while os.getppid() == parent:
        with database.write() as tx:
            chaining.chain(tx, key)
    os._exit(0)
"""


class _Program(Process):
    def __init__(self, folder: Path, database: Database, program: str) -> None:
        url = database.url.render_as_string(hide_password=False)
        arguments = [sys.executable, "-c", _BEGIN + program, url, VAULT_URL, str(MASTER_KEY)]
        environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
        super().__init__(arguments, folder / f"{type(self).__name__}.log", environment, cwd=str(folder))


class FrozenReader(_Program):
    """Notes a reading, and stays for four seconds in its transaction, which may stand still for two."""

    def __init__(self, folder: Path, database: Database) -> None:
        super().__init__(folder, database, _READ)


class ChainingWriter(_Program):
    """Chains without end. Each time it is killed, the next one has begun a moment later."""

    def __init__(self, folder: Path, database: Database) -> None:
        super().__init__(folder, database, _CHAIN)
        self._killed = 0

    def kill_the_one_that_chains(self) -> None:
        until(lambda: len(self.output.splitlines()) > self._killed, "the next one has begun", 60)
        os.kill(int(self.output.splitlines()[self._killed]), signal.SIGKILL)
        self._killed += 1
