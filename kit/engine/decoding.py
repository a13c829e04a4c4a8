"""An HTTP service that decodes what a codec has sealed, for the engine's own pages and tool (its codec server)."""

import contextlib
import errno
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from kit.errors import PortInUse
from kit.process.logs import get_logger
from kit.process.ports import is_listening

_log = get_logger(__name__)

REASON_HEADER = "X-Reason"
_HEADERS = f"Authorization,Content-Type,X-Namespace,{REASON_HEADER}"
_LARGEST = 16 * 1024 * 1024  # bytes of a request
_OF_PAGE = re.compile(r"/s/([A-Za-z0-9_-]{20,100})/decode")
_IDLE = 10.0  # seconds without a byte before a connection is dropped


class NotAllowed(Exception):
    """The caller may not see this, or has not said why: the status tells which."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


Decode = Callable[[str, str | None, Sequence[Payload]], Sequence[Payload]]
"""(token, reason, payloads) -> the payloads in clear. The reason is None for a token in the path: such a
token was given to a page, for one reason. Raises NotAllowed."""


class DecodeServer:
    """Serves POST /decode in a daemon thread. Nothing is encoded here: POST /encode is refused.

    A request has `Authorization: Bearer TOKEN` and says why in `X-Reason`. The engine's own pages can send neither, so
    they use POST /s/TOKEN/decode. From a browser, only pages of `origin` are answered, and nobody else may use that
    path. `decode` is called in the server's threads.
    """

    def __init__(self, host: str, port: int, *, decode: Decode, origin: str | None) -> None:
        self._host, self._wanted_port = host, port
        self._decode, self._origin = decode, origin
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is served. Known once started."""
        if self._server is None:
            raise RuntimeError("the decoding service is not started")
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begins to listen and answer. Raises PortInUse."""
        if self._wanted_port and is_listening(self._host, self._wanted_port):
            raise PortInUse(self._wanted_port)
        try:
            self._server = _Server(self._host, self._wanted_port, self._decode, self._origin)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(self._wanted_port) from error
            raise
        self._thread = threading.Thread(target=self._server.serve_forever, name="decoding", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops listening."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_port = False

    def __init__(self, host: str, port: int, decode: Decode, origin: str | None) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.decode, self.origin = decode, origin
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own looks up the host's full name, which can wait on a name server for many seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        _log.debug("request abandoned", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _IDLE

    def do_OPTIONS(self) -> None:
        """Answers the preflight request of a browser (CORS)."""
        self._answer(HTTPStatus.NO_CONTENT if self._from_origin() else HTTPStatus.FORBIDDEN)

    def do_POST(self) -> None:
        try:
            body = self._decoded()
        except NotAllowed as refused:
            self._answer(refused.status)
        except (ParseError, UnicodeDecodeError, ValueError):
            self._answer(HTTPStatus.BAD_REQUEST)
        except Exception:  # noqa: BLE001 - a page of the engine has no use for our errors
            _log.warning("decoding_failed", exc_info=True)
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._answer(HTTPStatus.OK, body)

    def _decoded(self) -> bytes:
        size = int(self.headers.get("Content-Length", "-1"))
        if not 0 <= size <= _LARGEST:
            self.close_connection = True
            raise NotAllowed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        sent = self.rfile.read(size)
        token, reason = self._allowed()
        payloads = Parse(sent, Payloads()).payloads
        clear = self.server.decode(token, reason, payloads)
        return MessageToJson(Payloads(payloads=clear)).encode()

    def _allowed(self) -> tuple[str, str | None]:
        """Gives the token, and the reason unless the request is a page's. Raises NotAllowed."""
        path = self.path.partition("?")[0].rstrip("/")
        if of_page := _OF_PAGE.fullmatch(path):
            if not self._from_origin():
                raise NotAllowed(HTTPStatus.FORBIDDEN)
            return of_page[1], None
        if path != "/decode":
            raise NotAllowed(HTTPStatus.NOT_FOUND)
        if self.headers.get("Origin") is not None and not self._from_origin():
            raise NotAllowed(HTTPStatus.FORBIDDEN)
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotAllowed(HTTPStatus.UNAUTHORIZED)
        if not (reason := self.headers.get(REASON_HEADER, "").strip()):
            raise NotAllowed(HTTPStatus.PRECONDITION_REQUIRED)
        return token.strip(), reason[:500]

    def _from_origin(self) -> bool:
        return self.server.origin is not None and self.headers.get("Origin") == self.server.origin

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        with contextlib.suppress(OSError):
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            if self._from_origin():
                self.send_header("Access-Control-Allow-Origin", self.server.origin or "")
                self.send_header("Access-Control-Allow-Headers", _HEADERS)
                self.send_header("Access-Control-Allow-Methods", "POST")
                self.send_header("Vary", "Origin")
            if status is HTTPStatus.UNAUTHORIZED:
                self.send_header("WWW-Authenticate", "Bearer")
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: ARG002
        # The default prints the request line and the client's address.
        _log.debug("http.server message")
