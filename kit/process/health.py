"""Answers an orchestrator over HTTP: is the process alive, is it ready, and its metrics."""

import contextlib
import errno
import http.client
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from kit.errors import PortInUse
from kit.process.logs import get_logger
from kit.process.ports import is_listening

_log = get_logger(__name__)

_IDLE = 5.0  # seconds without a byte before a connection is dropped
_DEADLINE = 15.0  # seconds that one connection may last in all, however it trickles
_METRICS_TIMEOUT = 3.0  # seconds for the local metrics endpoint to answer
_METRICS_LIMIT = 16 * 1024 * 1024  # bytes; a larger answer is not metrics

_Answer = tuple[HTTPStatus, str, bytes]


class HealthServer:
    """Serves GET and HEAD of /livez, /readyz and /metrics in a daemon thread.

    /livez: 200 or 503, as `live` says. /readyz: the checks of `ready` as JSON, with 200 when all are true and 503
    otherwise; in the place of false, a check may give its reason. /metrics: the Prometheus text of `metrics_url` (an
    http URL of this machine), or 503. `live` and `ready` are called in the server's threads, once for each request:
    they must be quick, and safe to call from any thread. One that raises counts as a no.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        live: Callable[[], bool],
        ready: Callable[[], Mapping[str, bool | str]],
        metrics_url: str | None,
    ) -> None:
        if metrics_url is not None and urlsplit(metrics_url).scheme != "http":
            raise ValueError("metrics_url must be an http:// URL")
        self._host = host
        self._wanted_port = port
        self._live = live
        self._ready = ready
        self._metrics_url = metrics_url
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is served: the one chosen by the system when 0 was asked for. Known once started."""
        if self._server is None:
            raise RuntimeError("the health server is not started")
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begins to listen and answer. Raises `PortInUse` when something listens there already."""
        if self._server is not None:
            raise RuntimeError("the health server is already started")
        # Connect before binding: where SO_REUSEADDR is generous (macOS), binding beside a listener
        # can succeed.
        if self._wanted_port and is_listening(self._host, self._wanted_port):
            raise PortInUse(self._wanted_port)
        try:
            self._server = _Server(self._host, self._wanted_port, self._answer)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(self._wanted_port) from error
            raise
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops listening. Does nothing when not started. A request being answered keeps its own deadline."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        server.shutdown()
        server.server_close()
        thread.join()
        self._server = self._thread = None

    def _answer(self, path: str) -> _Answer | None:
        match path:
            case "/livez":
                return _text(HTTPStatus.OK, "ok") if self._live() else _text(_UNAVAILABLE, "not alive")
            case "/readyz":
                checks = self._ready()
                status = HTTPStatus.OK if all(check is True for check in checks.values()) else _UNAVAILABLE
                return status, "application/json", json.dumps(checks, indent=2).encode() + b"\n"
            case "/metrics":
                return _relay(self._metrics_url)
            case _:
                return None


_UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE


def _text(status: HTTPStatus, text: str) -> _Answer:
    return status, "text/plain; charset=utf-8", text.encode() + b"\n"


def _relay(url: str | None) -> _Answer:
    """Fetches what `url` serves. Not by `urllib.request`, which would use a proxy named in the environment."""
    if url is None:
        return _text(_UNAVAILABLE, "no metrics here")
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_METRICS_TIMEOUT)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        body = response.read(_METRICS_LIMIT + 1)
        kind = response.getheader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
    except (OSError, http.client.HTTPException):
        return _text(_UNAVAILABLE, "the metrics endpoint does not answer")
    finally:
        connection.close()
    if response.status != HTTPStatus.OK or len(body) > _METRICS_LIMIT:
        return _text(_UNAVAILABLE, "the metrics endpoint has no usable answer")
    return HTTPStatus.OK, kind, body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32
    allow_reuse_address = True
    allow_reuse_port = False  # sharing a port with another process would hide one of the two

    def __init__(self, host: str, port: int, answer: Callable[[str], _Answer | None]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.answer = answer
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own looks up the host's full name, which can wait on a name server for many seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        # A client that hung up is no event, and the default prints a traceback with its address.
        _log.debug("request abandoned", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(_IDLE)
        # The idle timeout alone lets a client that sends a byte now and then stay for hours.
        self._deadline = threading.Timer(_DEADLINE, self._cut)
        self._deadline.daemon = True
        self._deadline.start()

    def finish(self) -> None:
        self._deadline.cancel()
        super().finish()

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        route = self.path.partition("?")[0]
        try:
            answer = self.server.answer(route)
        except Exception:  # noqa: BLE001 - a check that fails is a "no", whatever it failed with
            _log.debug("health check failed", route=route, exc_info=True)
            answer = _text(_UNAVAILABLE, "the check failed")
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        _log.debug("health asked", route=route, status=int(answer[0]))
        self._send(*answer)

    do_HEAD = do_GET

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        # The default answers with a page that quotes the request.
        self._send(*_text(HTTPStatus(code), HTTPStatus(code).phrase))

    def send_response(self, code: int, message: str | None = None) -> None:
        # The default adds a Server header with the versions of http.server and of Python.
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())

    def log_message(self, format: str, *args: object) -> None:  # noqa: ARG002
        # The default prints the request line and the client's address.
        _log.debug("http.server message")

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
