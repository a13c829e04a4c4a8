"""The health of a process, as an orchestrator sees it."""

import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kit.errors import PortInUse
from kit.process import health
from kit.process.health import HealthServer


class State:
    live = True
    checks = {"database": True, "engine": True}  # noqa: RUF012

    def is_live(self) -> bool:
        return self.live

    def are_ready(self) -> dict[str, bool]:
        return self.checks


@contextmanager
def serving(state: State, metrics_url: str | None = None) -> Iterator[HealthServer]:
    server = HealthServer("127.0.0.1", 0, live=state.is_live, ready=state.are_ready, metrics_url=metrics_url)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def server(state: State) -> Iterator[HealthServer]:
    with serving(state) as server:
        yield server


def ask(server: HealthServer, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def exchange(server: HealthServer, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(sent)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_alive_and_not_alive(server: HealthServer, state: State) -> None:
    assert ask(server, "/livez")[::2] == (200, b"ok\n")
    state.live = False
    assert ask(server, "/livez")[0] == 503


def test_ready_when_every_check_holds_and_which_does_not(server: HealthServer, state: State) -> None:
    status, headers, body = ask(server, "/readyz?verbose")
    assert (status, json.loads(body)) == (200, {"database": True, "engine": True})
    assert headers["Content-Type"] == "application/json"
    state.checks = {"database": True, "engine": False}
    status, _, body = ask(server, "/readyz")
    assert (status, json.loads(body)) == (503, {"database": True, "engine": False})


def test_a_check_that_raises_is_a_no_and_its_message_stays_inside(
    server: HealthServer, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> bool:
        raise ValueError("Zoé Canari")

    server._live = fails
    status, _, body = ask(server, "/livez")
    assert status == 503
    assert b"Canari" not in body
    assert capsys.readouterr().err == ""


def test_head_is_get_without_the_body(server: HealthServer) -> None:
    status, headers, body = ask(server, "/livez", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "3", b"")


def test_anything_else_is_not_found_and_nothing_is_quoted_back(server: HealthServer) -> None:
    status, headers, body = ask(server, "/canary")
    assert status == 404
    assert b"canary" not in body
    assert "Server" not in headers
    assert ask(server, "/")[0] == 404
    assert ask(server, "/canary", "HEAD")[::2] == (404, b"")
    status, headers, _ = ask(server, "/livez", "POST")
    assert status == 501
    assert "Server" not in headers


def test_a_request_that_is_no_http_is_refused_without_quoting_it(server: HealthServer) -> None:
    assert b"canary" not in exchange(server, b"canary\r\n\r\n")
    assert exchange(server, b"GET /" + b"a" * 70_000).startswith(b"HTTP/1.0 414 ")
    many = b"".join(b"X-%d: 1\r\n" % n for n in range(200))
    assert exchange(server, b"GET /livez HTTP/1.1\r\n" + many + b"\r\n").startswith(b"HTTP/1.0 431 ")
    assert ask(server, "/livez")[0] == 200


def test_nothing_is_printed_about_requests(
    server: HealthServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        ask(server, "/livez")
        ask(server, "/canary")
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


@pytest.mark.parametrize("limit", ["_IDLE", "_DEADLINE"])
def test_a_slow_client_is_dropped(state: State, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_IDLE", 60)
    monkeypatch.setattr(health, "_DEADLINE", 60)
    monkeypatch.setattr(health, limit, 0.2)
    with serving(state) as server:
        exchange(server, b"GET /live")  # returns when the server hangs up, or times out after 20 seconds
        assert ask(server, "/livez")[0] == 200


class Metrics(BaseHTTPRequestHandler):
    status = 200
    hits: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.hits.append(self.path)
        self.send_response(self.status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(b"requests_total 3\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def metrics() -> Iterator[str]:
    Metrics.status = 200
    Metrics.hits.clear()
    with HTTPServer(("127.0.0.1", 0), Metrics) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_metrics_are_relayed_whatever_proxy_the_environment_names(
    state: State, metrics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving(state, f"{metrics}/metrics?a=1") as server:
        status, headers, body = ask(server, "/metrics")
    assert (status, body) == (200, b"requests_total 3\n")
    assert headers["Content-Type"] == "text/plain; version=0.0.4"
    assert Metrics.hits == ["/metrics?a=1"]


def test_metrics_that_fail_are_unavailable(state: State, metrics: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(state, metrics) as server:
        Metrics.status = 500
        assert ask(server, "/metrics")[0] == 503
        Metrics.status = 200
        monkeypatch.setattr(health, "_METRICS_LIMIT", 5)
        assert ask(server, "/metrics")[0] == 503
    with serving(state, "http://127.0.0.1:1/metrics") as server:
        assert ask(server, "/metrics")[0] == 503
    with serving(state) as server:
        assert ask(server, "/metrics")[0] == 503


def test_only_plain_http_is_relayed(state: State) -> None:
    with pytest.raises(ValueError, match="http"):
        HealthServer("127.0.0.1", 0, live=state.is_live, ready=state.are_ready, metrics_url="file:///etc/passwd")


def test_a_port_that_is_taken_is_named(state: State, server: HealthServer) -> None:
    second = HealthServer("127.0.0.1", server.port, live=state.is_live, ready=state.are_ready, metrics_url=None)
    with pytest.raises(PortInUse) as refused:
        second.start()
    assert refused.value.params["port"] == server.port
    second.stop()
    with pytest.raises(RuntimeError):
        _ = second.port


def test_it_can_be_stopped_twice_and_its_port_used_again(state: State) -> None:
    with serving(state) as first:
        port = first.port
        ask(first, "/livez")
        with pytest.raises(RuntimeError):
            first.start()
    first.stop()
    again = HealthServer("127.0.0.1", port, live=state.is_live, ready=state.are_ready, metrics_url=None)
    again.start()
    assert ask(again, "/livez")[0] == 200
    again.stop()


def test_it_serves_on_ipv6(state: State) -> None:
    server = HealthServer("::1", 0, live=state.is_live, ready=state.are_ready, metrics_url=None)
    try:
        server.start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with closing(http.client.HTTPConnection("::1", server.port, timeout=20)) as connection:
        connection.request("GET", "/livez")
        assert connection.getresponse().status == 200
    server.stop()
