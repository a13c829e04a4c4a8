"""A time-stamp authority attests to a checkpoint: a real one, made here with openssl."""

import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.exceptions import ApplicationError

from audit.log import look_through
from kit.crypto.timestamp import Authority, NoTimestamp
from kit.process.ports import free_port
from kit.storage.database import Database
from tests.support.clerk import Clerk
from tests.support.seals import PUBLIC, off, sealer

_CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {who}
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/tsa.pem
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.5
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def an_authority(folder: Path, who: str) -> Path:
    """Keys and certificates of a root and of an authority under it; the configuration by which it answers."""
    folder.mkdir()
    configuration = folder / "openssl.cnf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, who=who))
    (folder / "serial").write_text("01\n")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem",
            "-days", "9", "-config", "openssl.cnf", "-extensions", "root")  # fmt: skip
    configuration.write_text(_CONFIGURATION.format(folder=folder, who=f"{who} TSA"))
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr",
            "-config", "openssl.cnf")  # fmt: skip
    openssl(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-days", "9", "-out", "tsa.pem", "-extfile", "openssl.cnf", "-extensions", "leaf")  # fmt: skip
    return configuration


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa")
    for name in ("right", "other"):
        an_authority(folder / name, f"Authority {name}")
    return folder


@pytest.fixture(scope="module")
def url(place: Path) -> Iterator[str]:
    """The right one, answering over HTTP."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            folder = place / "right"
            (folder / "asked.tsq").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl(folder, "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "asked.tsq", "-out", "answer.tsr")
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "answer.tsr").read_bytes())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def authority(place: Path, url: str) -> Authority:
    return Authority(url, place / "right" / "root.pem")


def test_a_token_attests_to_these_bytes_by_this_authority_and_to_nothing_else(
    authority: Authority, place: Path, url: str
) -> None:
    token, at = authority.stamp(b"a checkpoint")
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    assert authority.attested(token, b"a checkpoint") == at
    with pytest.raises(NoTimestamp):
        authority.attested(token, b"another checkpoint")
    with pytest.raises(NoTimestamp):
        authority.attested(token[:-9], b"a checkpoint")
    with pytest.raises(NoTimestamp):
        Authority(url, place / "other" / "root.pem").attested(token, b"a checkpoint")
    with pytest.raises(NoTimestamp):
        Authority(f"http://127.0.0.1:{free_port()}/", place / "right" / "root.pem").stamp(b"a checkpoint")


def test_a_checkpoint_is_stamped_once_and_the_stamp_is_verified(
    sqlite_database: Database, authority: Authority
) -> None:
    clerk = Clerk(sqlite_database)
    clerk.open()
    seal = sealer(sqlite_database, authority=authority)
    size = seal.seal().size
    assert seal.stamp_checkpoint(size) is True
    assert seal.stamp_checkpoint(size) is True
    assert look_through(sqlite_database, [PUBLIC], (), authority) == []
    with pytest.raises(ApplicationError, match="no such checkpoint"):
        seal.stamp_checkpoint(99)

    off(sqlite_database)
    with sqlite_database.write() as tx:
        tx.execute(text("update tokens set token = :token"), {"token": authority.stamp(b"x")[0]})
    (found,) = look_through(sqlite_database, [PUBLIC], (), authority)
    assert (found.kind, found.where) == ("token_wrong", str(size))


def test_without_an_authority_nothing_is_asked_and_one_that_is_away_is_tried_again(
    sqlite_database: Database, place: Path
) -> None:
    clerk = Clerk(sqlite_database)
    clerk.open()
    seal = sealer(sqlite_database)
    size = seal.seal().size
    assert seal.stamp_checkpoint(size) is False
    away = Authority(f"http://127.0.0.1:{free_port()}/", place / "right" / "root.pem")
    with pytest.raises(ApplicationError) as failed:
        sealer(sqlite_database, authority=away).stamp_checkpoint(size)
    assert (failed.value.type, failed.value.non_retryable) == ("NoTimestamp", False)
