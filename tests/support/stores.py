"""Stores of both kinds, the S3 one on a real server; keys of cases; a real clamd where there is one."""

import contextlib
import os
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.values import new_reference
from kit.formats.clamd import Clamd, ClamdAway
from kit.process.ports import free_port
from kit.storage.store import FolderStore, Store, store_at
from models.evidence import MB, Evidence
from tests.support.servers import KEYS, PROGRAMS, Process, listens, until


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server with a bucket named "files"."""
    port = free_port()
    server = Process(
        [str(PROGRAMS / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        tmp_path_factory.mktemp("s3") / "s3.log",
    )
    server.start()
    until(lambda: listens(port), "the S3 server listens")
    address = f"http://127.0.0.1:{port}"
    made = urllib.request.Request(f"{address}/files", method="PUT")  # noqa: S310 - our own server
    urllib.request.urlopen(made).close()  # noqa: S310 - the same
    yield address
    server.kill()


def on_s3(address: str, server: str) -> Store:
    """A store on a server that takes any key."""
    return store_at(address, endpoint=server, region="us-east-1", key="k", secret="s")  # noqa: S106


@pytest.fixture
def folder_store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    if request.param == "folder":
        return store_at(str(tmp_path / "files"), endpoint="", region="", key="", secret="")
    return on_s3(f"s3://files/{tmp_path.name}", request.getfixturevalue("s3_server"))


@pytest.fixture
def reference() -> str:
    """The reference of a case that has a key."""
    made = new_reference()
    KEYS.mint(made)
    return made


@pytest.fixture
def evidence(folder_store: FolderStore) -> Evidence:
    """Files in a folder, of ten megabytes at most."""
    return Evidence(folder_store, KEYS, 10 * MB)


# --- Malware ---------------------------------------------------------------------------------------------

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The text that every scanner takes for malware, and that harms nobody (eicar.org)."""
CLAMD = shutil.which("clamd") or "/usr/sbin/clamd"


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    """A clamd with one signature: that of EICAR's text. It looks at one megabyte."""
    if not Path(CLAMD).exists():
        pytest.skip("NOT TESTED: clamd is not installed here (Debian: apt-get install clamav-daemon)")
    folder = Path(tempfile.mkdtemp(prefix="aboutir-clamd-"))
    (folder / "signatures").mkdir()
    (folder / "signatures" / "local.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n")
    config = folder / "clamd.conf"
    config.write_text(
        f"LocalSocket {folder}/socket\nDatabaseDirectory {folder}/signatures\nForeground yes\n"
        f"TemporaryDirectory {folder}\nStreamMaxLength 1M\nMaxThreads 2\nLogFile {folder}/log\n"
        + ("User root\n" if os.geteuid() == 0 else "")
    )
    server = Process([CLAMD, "--config-file", str(config)], folder / "out")
    server.start()
    scanner = Clamd(f"{folder}/socket", limit=MB)

    def answers() -> bool:
        assert server.is_running, server.output
        with contextlib.suppress(ClamdAway):
            return scanner.version().startswith("ClamAV")
        return False

    until(answers, "clamd answers", 60)
    yield scanner
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)
