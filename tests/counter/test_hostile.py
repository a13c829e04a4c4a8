"""Whoever reaches the socket and means harm: refused in plain words, cut off in time, and everybody else is served."""

import asyncio
import json
import socket
import stat
import threading
from pathlib import Path

import httpx2
import pytest

from counter import bodies, guard
from counter.bodies import LARGEST
from counter.calling import Calling
from counter.place import SocketInUse, SocketUnusable, held_socket
from counter.protocol import JSON, STREAM, path_of
from counter.published import Kind
from counter.rates import HOUR, Rates
from domain.errors import TooMany
from kit.storage.database import Database
from tests.counter.serving import desk_of, served, token_of
from tests.desk.offices import office_on
from tests.desk.scene import Scene

LIST = path_of("listing.list_cases")
WORKER = "case-worker-nord"


async def post(place: Path, path: str, content: bytes, **headers: str) -> httpx2.Response:
    given = {"Content-Type": JSON, "Authorization": f"Bearer {token_of(WORKER)}"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx2.AsyncHTTPTransport(uds=str(place))
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk", timeout=30) as client:
        return await client.post(path, content=content, headers=given)


DEEP = b'{"chosen":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
REFUSED: dict[str, tuple[str, bytes, dict[str, str], int]] = {
    "no token": (LIST, b"{}", {"Authorization": ""}, 401),
    "another scheme": (LIST, b"{}", {"Authorization": "Basic eDp5"}, 401),
    "a token that is not good": (LIST, b"{}", {"Authorization": "Bearer x"}, 401),
    "an account that is not there": (LIST, b"{}", {"Authorization": "Bearer token-of-nobody"}, 401),
    "no JSON": (LIST, b"{", {}, 422),
    "no object": (LIST, b"[]", {}, 422),
    "not UTF-8": (LIST, b'{"after": "\xff\xfe"}', {}, 422),
    "nested deeply": (LIST, DEEP, {}, 422),
    "an unknown field": (LIST, b'{"actor": {"account": "superviseur"}}', {}, 422),
    "an unknown field within": (LIST, b'{"chosen": {"sql": "1=1"}}', {}, 422),
    "a page without end": (LIST, b'{"limit": 1000000}', {}, 422),
    "no reference": (path_of("case.show_case"), b'{"reference": "../../etc/passwd"}', {}, 422),
    "a body too large": (LIST, b" " * (LARGEST + 1), {}, 413),
    "a form": (LIST, b"limit=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "a stream where there is none": (LIST, b"{}\n", {"Content-Type": STREAM}, 415),
    "a local service": (path_of("keys.rotate_master_key"), b"{}", {}, 404),
    "a module": (path_of("office.engine_client"), b"{}", {}, 404),
    "a path upwards": ("/listing/../keys/rotate_master_key", b"{}", {}, 404),
    "an encoded path": ("/listing/%2e%2e/keys/rotate_master_key", b"{}", {}, 404),
    "a doubled slash": ("//listing/list_cases", b"{}", {}, 404),
    "a command of the clock": (
        path_of("submitting.submit_command"),
        b'{"reference": "0000-0000-0000", "command": {"kind": "pass_deadlines"}, "command_id": "12345678"}',
        {},
        403,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_hostile_request_is_refused_in_plain_words(place: Path, name: str) -> None:
    path, content, headers, status = REFUSED[name]
    answer = await post(place, path, content, **headers)
    document = json.loads(answer.content)
    assert answer.status_code == status, document
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text and "/counter/" not in answer.text
    assert document["code"] and document["title"]


async def test_get_and_an_upgrade_are_no_way_in(place: Path) -> None:
    transport = httpx2.AsyncHTTPTransport(uds=str(place))
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
        assert (await client.get(LIST)).status_code == 405
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
        assert (await client.get(LIST, headers=upgrade)).status_code in (400, 405)


async def _raw(place: Path, content: bytes, *, then: float = 0) -> bytes:
    """The answer to some bytes; what is open after `then` seconds is closed by us, and that is told."""
    reader, writer = await asyncio.open_unix_connection(str(place))
    try:
        writer.write(content)
        return await asyncio.wait_for(reader.read(), then or 20)
    except TimeoutError:
        return b"still open"
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_flood_of_headers_is_cut_off(place: Path) -> None:
    flood = b"POST /listing/list_cases HTTP/1.1\r\nHost: desk\r\n" + b"".join(
        b"X-%d: %s\r\n" % (number, b"a" * 500) for number in range(1_000)
    )
    answer = await _raw(place, flood)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


async def test_slow_clients_are_cut_off_and_hold_up_nobody(
    scene: Scene, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "HEAD_WITHIN", 0.5)
    monkeypatch.setattr(bodies, "BODY_WITHIN", 0.5)
    head = f"POST {LIST} HTTP/1.1\r\nHost: d\r\nContent-Type: {JSON}\r\nAuthorization: Bearer {token_of(WORKER)}\r\n"
    slow = [
        b"",
        b"POST /lis",
        head.encode(),
        f"{head}Content-Length: 5000\r\n\r\n{{".encode(),
        f"{head}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n".encode(),
    ]
    hanging = [asyncio.create_task(_raw(place, content, then=15)) for content in slow * 15]
    async with desk_of(place, WORKER) as desk:
        for _ in range(5):
            assert (await desk.list_cases()).total > 0
    answers = await asyncio.gather(*hanging)
    assert b"still open" not in answers
    assert {answer.split(b"\r\n")[0] for answer in answers} <= {b"", b"HTTP/1.1 408 Request Timeout"}


# --- Rates -----------------------------------------------------------------------------------------------


def test_an_account_asks_so_often_within_an_hour_and_no_more() -> None:
    now = [0.0]
    rates = Rates(dict.fromkeys(Kind, 3), clock=lambda: now[0])
    for _ in range(3):
        rates.count("a", Kind.READING)
        now[0] += 10
    with pytest.raises(TooMany) as refused:
        rates.count("a", Kind.READING)
    assert refused.value.wait == HOUR - 30
    rates.count("a", Kind.COMMAND)
    rates.count("b", Kind.READING)
    now[0] += refused.value.wait
    rates.count("a", Kind.READING)


async def test_one_too_many_is_told_when_to_come_back(scene: Scene, tmp_path: Path) -> None:
    async with served(scene.office, tmp_path, Rates(dict.fromkeys(Kind, 2))) as place:
        answers = [await post(place, LIST, b"{}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= HOUR


# --- Outages ---------------------------------------------------------------------------------------------


async def test_a_fault_of_ours_is_told_without_a_word_of_it(scene: Scene, tmp_path: Path) -> None:
    async with served(scene.office, tmp_path) as place:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("models.cases.list_cases", _raises)
            answer = await post(place, LIST, b"{}")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (500, "internal")
    assert "secret" not in answer.text


def _raises(*_: object) -> None:
    raise RuntimeError("a secret of somebody")


async def test_a_database_that_is_away_is_a_plain_error_that_may_be_tried_again(tmp_path: Path) -> None:
    gone = Database("postgresql+psycopg://aboutir@127.0.0.1:1/aboutir")
    async with served(office_on(gone), tmp_path) as place:
        answer = await post(place, LIST, b"{}")
    gone.close()
    document = json.loads(answer.content)
    assert (answer.status_code, document["code"], document["retryable"]) == (503, "database_away", True)
    assert int(answer.headers["retry-after"]) > 0


async def test_what_takes_too_long_and_what_is_one_too_many_are_told_to_come_back() -> None:
    calling, held = Calling(threads=1, waiting=1, within=0.2), threading.Event()
    try:
        waiting = [asyncio.create_task(calling.call(held.wait)) for _ in range(3)]
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert sorted(str(getattr(error, "code", error)) for error in done) == [
            "busy",
            "no_answer_in_time",
            "no_answer_in_time",
        ]
    finally:
        held.set()
        calling.close()


# --- The socket ------------------------------------------------------------------------------------------


def test_the_socket_is_for_its_group_alone_held_by_one_and_taken_over_from_the_dead(tmp_path: Path) -> None:
    place = tmp_path / "run" / "desk.sock"
    with held_socket(place):
        assert stat.S_IMODE(place.stat().st_mode) == 0o660
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o750
        with pytest.raises(SocketInUse), held_socket(place):
            pass
        assert place.exists()
    assert not place.exists()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(place))
    with held_socket(place):
        pass
    place.write_text("somebody's")
    with pytest.raises(SocketUnusable), held_socket(place):
        pass
    assert place.read_text() == "somebody's"
