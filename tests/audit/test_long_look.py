"""A look at many cases, as a process of its own: killed in the middle, it goes on where it was and forgets nothing."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from audit.verify import PAGE
from kit.storage.database import Database
from kit.storage.store import FolderStore
from models.accounts import add_account
from models.evidence import MB, Evidence
from models.tables import book
from tests.people import OFFICE_AUDITOR
from tests.support.clerk import Clerk
from tests.support.good_files import SAMPLES
from tests.support.intakes import attaching
from tests.support.servers import KEYS, MASTER_KEY, VAULT_URL
from tests.support.starter import STARTER

CASES = 3 * PAGE


class Place:
    """Many cases, without an engine, and files in a folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder, self.store = database, folder, FolderStore(folder / "files")
        with database.write() as tx:
            add_account(tx, OFFICE_AUDITOR)
        self.clerk = Clerk(database)
        self.references = sorted(self.clerk.open() for _ in range(CASES))

    def attach(self, reference: str) -> Path:
        """The path of the bytes of a new file of this case."""
        taken = Evidence(self.store, KEYS, MB).take_in(reference, "bail.pdf", [SAMPLES[".pdf"]])
        self.clerk.ask(reference, attaching(self.database, reference, taken))
        return self.store.folder / taken.stored[:2] / taken.stored

    def entries(self) -> int:
        with self.database.read() as tx:
            return int(tx.execute(select(func.count()).select_from(book)).scalar_one())

    def look(self, state: Path, *words: str) -> subprocess.Popen[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        settings = {
            "ABOUTIR_DATABASE_URL": self.database.url.render_as_string(False),
            "ABOUTIR_VAULT_URL": VAULT_URL,
            "ABOUTIR_MASTER_KEY_FILE": str(MASTER_KEY),
            "ABOUTIR_FILES": str(self.store.folder),
            "LANG": "en_GB.UTF-8",
        }
        who = OFFICE_AUDITOR.account
        command = [*STARTER, "verify", "--all", "--offline", "--as", who, "--state", str(state), *words]
        out = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=kept | settings, cwd=self.folder, **out)


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> Place:
    return Place(sqlite_database, tmp_path)


def test_a_look_that_was_killed_goes_on_where_it_was(place: Place, tmp_path: Path) -> None:
    first, middle, last = place.references[7], place.references[CASES // 2], place.references[-7]
    paths = {reference: place.attach(reference) for reference in (first, middle, last)}
    whole = {reference: path.read_bytes() for reference, path in paths.items()}
    paths[first].unlink()
    paths[middle].unlink()
    os.mkfifo(paths[middle])  # whoever reads it waits: there the look stops, until it is killed
    state = tmp_path / "state.json"
    began = time.monotonic()
    killed = place.look(state)
    assert killed.stderr is not None
    said = killed.stderr.readline()  # it says how far it is
    killed.send_signal(signal.SIGKILL)
    out, _ = killed.communicate(timeout=30)
    assert (killed.returncode, out) == (-signal.SIGKILL, "")
    assert said.endswith(f" of {CASES}; findings: 1.\n")
    noted: dict[str, Any] = json.loads(state.read_text())
    done = noted["cases"]
    assert 7 < done < CASES // 2 and noted["after"] == place.references[done - 1]
    assert not list(tmp_path.glob(".*.part"))

    # What was found is not looked for again; what comes after is found.
    paths[middle].unlink()
    for reference in (first, middle):
        paths[reference].write_bytes(whole[reference])
    paths[last].unlink()
    again = place.look(state, "--json")
    out, said = again.communicate(timeout=60)
    assert (again.returncode, said) == (5, "")
    found = json.loads(out)
    assert [(f["case"], f["kind"]) for f in found["findings"]] == [(first, "file_missing"), (last, "file_missing")]
    assert (found["cases"], found["entries"], found["files"]) == (CASES, place.entries(), 3)
    assert not state.exists()
    print(f"\nverify: {CASES} cases, killed after {done} and taken up again, in {time.monotonic() - began:.1f} s")
