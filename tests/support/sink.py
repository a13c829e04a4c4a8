"""A mail server that keeps what it is given and can be told to misbehave."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from kit.settings import Settings
from tests.support.servers import own_port

Answer = Callable[[str], str | None]
"""Answer to an address that a mail is for; None for yes."""


class Sink:
    """Keeps the mails that arrive, and answers as it is told to."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, EmailMessage]] = []
        self.asked: list[str] = []
        """Every address that a mail was offered for, refused ones too."""
        self.to_recipient: Answer = lambda _: None
        self.to_data: Callable[[], str | None] = lambda: None
        self.cut_after_data = 0
        """Number of times to keep a mail and hang up without a word."""
        self.waits = 0.0
        self.on_arrival: Callable[[], None] = lambda: None

    # --- What came of it ---

    def subjects(self, address: str) -> list[str]:
        return [str(mail["Subject"]) for to, mail in self.arrived if to == address]

    def bodies(self, address: str | None = None) -> list[str]:
        return [mail.get_content() for to, mail in self.arrived if address in (None, to)]

    @property
    def by_id(self) -> Counter[str]:
        """Times that each mail arrived."""
        return Counter(str(mail["Message-ID"]) for _, mail in self.arrived)

    # --- What aiosmtpd asks, in its own words ---

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ARG002
        self.asked.append(address)
        if refusal := self.to_recipient(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: ARG002
        if refusal := self.to_data():
            return refusal
        message: Message = message_from_bytes(envelope.content, policy=default)
        if self.waits:
            await asyncio.sleep(self.waits)
        self.arrived.append((envelope.rcpt_tos[0], cast(EmailMessage, message)))
        self.on_arrival()
        if self.cut_after_data:
            self.cut_after_data -= 1
            server.transport.abort()
        return "250 OK"


class Server:
    """The mail server on its port, which can be stopped and started."""

    def __init__(self, sink: Sink, **options: Any) -> None:
        self.port, self.sink, self._options = own_port(), sink, options
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self.sink, hostname="127.0.0.1", port=self.port, **self._options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def settings(self, **more: Any) -> Settings:
        usual = {"mail_host": "127.0.0.1", "mail_port": self.port, "mail_security": "none", "mail_seconds": 5,
                "mail_from": "aboutir@aboutir.test"}  # fmt: skip
        return Settings(**(usual | more))


@contextmanager
def serving(sink: Sink, **options: Any) -> Iterator[Server]:
    server = Server(sink, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def only(user: str, password: str) -> Callable[..., AuthResult]:
    """Lets in one account."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        matches = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=matches, handled=False)

    return authenticate


def tls_of(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
