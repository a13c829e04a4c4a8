"""Malware that is found in one case is known in every case that has the same bytes, though a process dies between."""

import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Thread

import pytest
from sqlalchemy import delete, update

from activities.care import Scanning
from domain.actors import SCANNER, Actor
from domain.errors import Away
from domain.exchange.housekeeping import FilesScanned
from domain.parts.base import Command
from domain.parts.files import RecordScan
from domain.vocabulary import ScanState
from kit.formats.clamd import Clamd
from kit.storage.database import Database
from models.evidence import MB, Evidence
from models.tables import files, infected
from tests.support.clerk import Clerk
from tests.support.intakes import attaching
from tests.support.servers import KEYS

BAD = b"something malicious\n"


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    """A scanner that finds malware in one content, and counts what it was sent."""

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                asked = stream.read(len(b"zVERSION\0"))
                if asked == b"zVERSION\0":
                    connection.sendall(b"ClamAV\0")
                    continue
                stream.read(1)
                content = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(size)
                sent.append(content)
                connection.sendall(b"stream: Eicar FOUND\0" if content == BAD else b"stream: OK\0")

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        sent: list[bytes] = []
        thread = Thread(target=serve)
        thread.start()
        scanner = Clamd(f"127.0.0.1:{server.getsockname()[1]}", limit=MB, timeout=10)
        scanner.sent = sent  # type: ignore[attr-defined]
        yield scanner
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


class Ward:
    """Cases with files, and what scans them."""

    def __init__(self, database: Database, evidence: Evidence, scanner: Clamd | None) -> None:
        self.database, self.evidence, self.clerk = database, evidence, Clerk(database)
        self.scanning = Scanning(scanner, evidence, KEYS, database.read, database.write, self._submit)
        self.unreachable: set[str] = set()
        self.noted: list[str] = []

    async def _submit(self, reference: str, command: Command, actor: Actor, *, command_id: str) -> None:
        if reference in self.unreachable:
            raise Away("case_stopped", "-", "-")
        self.clerk.ask(reference, command, actor, id=command_id)
        self.noted.append(reference)

    def attach(self, content: bytes = BAD, *, to_scan: bool = True) -> str:
        reference = self.clerk.open()
        taken = self.evidence.take_in(reference, "note.txt", [content])
        self.clerk.ask(reference, attaching(self.database, reference, taken, to_scan=to_scan))
        return reference

    def state(self, reference: str) -> ScanState:
        return self.clerk.case(reference).file("D1").scan


@pytest.fixture
def ward(database: Database, evidence: Evidence, clamd: Clamd) -> Ward:
    return Ward(database, evidence, clamd)


async def test_the_same_bytes_are_in_quarantine_everywhere_after_one_scan(ward: Ward, clamd: Clamd) -> None:
    first, second, third = ward.attach(), ward.attach(), ward.attach(to_scan=False)
    other = ward.attach(b"Bonjour\n")
    await ward.scanning.scan(first, "D1")
    assert [ward.state(reference) for reference in (first, second, third)] == [ScanState.INFECTED] * 3
    assert ward.state(other) is ScanState.PENDING
    assert clamd.sent == [BAD]  # type: ignore[attr-defined]
    assert ward.clerk.case(third).file("D1").finding == "Eicar"
    before = len(ward.noted)
    assert await ward.scanning.scan_all() == FilesScanned(clean=1)
    assert len(ward.noted) == before + 1, "and once"


async def test_a_case_that_did_not_answer_notes_it_at_the_next_round(ward: Ward) -> None:
    first, second = ward.attach(), ward.attach(to_scan=False)
    ward.unreachable.add(second)
    await ward.scanning.scan(first, "D1")
    assert (ward.state(first), ward.state(second)) == (ScanState.INFECTED, ScanState.NOT_SCANNED)
    without = Ward(ward.database, ward.evidence, None)  # the scanner went meanwhile: it is not needed
    assert await without.scanning.scan_all() == FilesScanned(infected=1)
    assert without.state(second) is ScanState.INFECTED
    assert await without.scanning.scan_all() == FilesScanned()


async def test_files_of_before_are_known_by_their_bytes_from_the_first_round_on(ward: Ward) -> None:
    first, second = ward.attach(), ward.attach(to_scan=False)
    ward.clerk.ask(first, RecordScan(file="D1", result="INFECTED", finding="Eicar"), SCANNER)
    with ward.database.write() as tx:  # as migrated
        tx.execute(update(files).values(digest=None))
        tx.execute(delete(infected))
    await ward.scanning.scan_all()
    assert ward.state(second) is ScanState.INFECTED
