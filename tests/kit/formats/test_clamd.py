"""Verdicts of a real clamd."""

import socket
from contextlib import closing
from threading import Thread

import pytest

from kit.formats.clamd import Clamd, ClamdAway, Finding
from kit.process.ports import free_port
from models.evidence import MB
from tests.support.stores import EICAR


def finding(clamd: Clamd, data: bytes) -> Finding:
    return clamd.scan([data[at : at + 100_000] for at in range(0, len(data), 100_000)], len(data)).finding


def test_malware_is_found_wherever_it_stands_and_nothing_else_is(clamd: Clamd) -> None:
    assert finding(clamd, EICAR) is Finding.INFECTED
    assert finding(clamd, bytes(500_000) + EICAR) is Finding.INFECTED
    assert finding(clamd, b"-") is Finding.CLEAN
    assert finding(clamd, bytes(MB)) is Finding.CLEAN


def test_what_was_found_is_named(clamd: Clamd) -> None:
    assert "Eicar" in clamd.scan([EICAR], len(EICAR)).said
    assert clamd.version().startswith("ClamAV")


def test_what_is_too_large_is_never_called_clean(clamd: Clamd) -> None:
    assert finding(clamd, bytes(MB + 1)) is Finding.NOT_SCANNED
    # With a limit that is wrong: clamd's own is what it meets.
    hopeful = Clamd(clamd.address, limit=100 * MB)
    assert finding(hopeful, bytes(3 * MB)) is Finding.NOT_SCANNED


@pytest.mark.parametrize("address", ["/nowhere/clamd.socket", "127.0.0.1:9", "no port at all"])
def test_a_scanner_that_is_away_is_told(address: str) -> None:
    with pytest.raises(ClamdAway):
        Clamd(address, limit=MB).scan([b"-"], 1)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b"stream: OK\0", Finding.CLEAN),
        (b"stream: Win.Test FOUND\0", Finding.INFECTED),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", Finding.NOT_SCANNED),
        (b"stream: Heuristics.Encrypted.Zip FOUND\0", Finding.NOT_SCANNED),
        (b"INSTREAM size limit exceeded. ERROR\0", Finding.NOT_SCANNED),
        (b"stream: Can't allocate memory ERROR\0", None),
        (b"", None),
        (b"OK", Finding.CLEAN),
    ],
)
def test_only_the_one_answer_is_clean(answer: bytes, found: Finding | None) -> None:
    port = free_port()
    with closing(socket.create_server(("127.0.0.1", port))) as server:

        def serve() -> None:
            asked, _ = server.accept()
            with asked, asked.makefile("rb") as said:
                said.read(len(b"zINSTREAM\0") + 4 + 1 + 4)
                asked.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        clamd = Clamd(f"127.0.0.1:{port}", limit=MB, timeout=10)
        if found is None:
            with pytest.raises(ClamdAway):
                clamd.scan([b"-"], 1)
        else:
            assert clamd.scan([b"-"], 1).finding is found
        thread.join()
