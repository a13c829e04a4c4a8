"""Sends mails: through a mail server or, where there is none, into a folder."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Literal, Protocol

import aiosmtplib

from kit.settings import Settings, revealed
from kit.storage.files import written_whole

Why = Literal["ADDRESS_REFUSED", "SERVER_REFUSED", "NOT_SECURE", "UNREACHABLE", "NO_SERVER"]
"""Reason why a mail was not taken. Never the server's own words: they quote addresses."""


_LEAVE = 2.0  # seconds


class NotTaken(Exception):
    """A mail was not accepted. `is_final` when trying again cannot help: the address is refused for good."""

    def __init__(self, why: Why, *, is_final: bool = False) -> None:
        super().__init__(why)
        self.why, self.is_final = why, is_final


@dataclass(frozen=True)
class Attachment:
    """A text that goes with a mail as a file of its own, so that no mail program lays hands on it."""

    name: str
    content: str


@dataclass(frozen=True)
class Mail:
    """A mail to one person, in plain text."""

    id: str
    """Left part of its Message-ID, by which a mail that was sent twice is recognised."""
    to: str
    subject: str
    body: str
    at: datetime
    attached: Attachment | None = None
    thread: str | None = None
    """Left part of an id that the mails of one conversation refer to: programs show them together."""

    def message(self, sender: str) -> EmailMessage:
        """Writes the mail as it travels (RFC 5322). Raises NotTaken for an address that cannot be one."""
        message = EmailMessage(policy=SMTP.clone(max_line_length=200))
        message["From"] = sender
        try:
            message["To"] = Address(addr_spec=self.to)
        except Exception:  # noqa: BLE001 - the parser raises all kinds: none of these is an address
            raise NotTaken("ADDRESS_REFUSED", is_final=True) from None
        message["Subject"] = self.subject
        message["Date"] = self.at
        message["Message-ID"] = f"<{self.id}@{_domain(sender)}>"
        if self.thread is not None:
            message["References"] = f"<{self.thread}@{_domain(sender)}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence message is sent back
        message.set_content(self.body, cte="quoted-printable")
        if self.attached is not None:
            # As bytes, and so in base 64: it arrives as it was, whatever is done to ends of lines on the way.
            message.add_attachment(
                self.attached.content.encode(),
                maintype="text",
                subtype="plain",
                params={"charset": "utf-8"},
                filename=self.attached.name,
            )
        return message


class Mailbox(Protocol):
    """A place where mails are handed in."""

    async def send(self, mail: Mail) -> None:
        """Returns once the mail is accepted by somebody who will see to it. Raises NotTaken."""


class SmtpMailbox:
    """A mail server (RFC 5321). Over a way that is less protected than was asked for, nothing is sent."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def send(self, mail: Mail) -> None:
        """Hands the mail over. Whoever does not hear the answer cannot know: it may then be sent a second time."""
        message, client = mail.message(self._settings.mail_from), self._client()
        try:
            async with asyncio.timeout(self._settings.mail_seconds):
                await client.connect()
                await client.send_message(message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail was not taken, or nobody knows
            client.close()
            raise _not_taken(error) from None
        # It is accepted: whatever goes wrong in taking leave is no reason to send it again.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LEAVE):
                await client.quit()
        client.close()

    def _client(self) -> aiosmtplib.SMTP:
        s = self._settings
        return aiosmtplib.SMTP(
            hostname=s.mail_host,
            port=s.mail_port,
            use_tls=s.mail_security == "tls",
            start_tls=s.mail_security == "starttls",
            cert_bundle=str(s.mail_ca) if s.mail_ca else None,
            username=s.mail_user or None,
            password=revealed(s.mail_password) if s.mail_user else None,
            local_hostname=_domain(s.mail_from),  # not the name of this machine
            timeout=s.mail_seconds,
        )


def _not_taken(error: Exception) -> NotTaken:
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[refused, *_]):
            return NotTaken("ADDRESS_REFUSED", is_final=_is_final(refused.code, refused.message))
        case aiosmtplib.SMTPAuthenticationError() | aiosmtplib.SMTPNotSupported() | ssl.SSLError():
            return NotTaken("NOT_SECURE")
        case aiosmtplib.SMTPConnectError() if isinstance(error.__cause__, ssl.SSLError):
            return NotTaken("NOT_SECURE")
        case aiosmtplib.SMTPResponseException():
            return NotTaken("SERVER_REFUSED")
        case OSError() | TimeoutError():  # the library's own errors of connection are among them
            return NotTaken("UNREACHABLE")
        case _:  # STARTTLS or a login are not offered
            return NotTaken("NOT_SECURE" if isinstance(error, aiosmtplib.SMTPException) else "SERVER_REFUSED")


def _is_final(code: int, message: str) -> bool:
    """True if an address is refused for good (5xx).

    A refusal of our right to send to it (5.7.x, RFC 3463) is none: whoever runs the servers can put that right.
    """
    return 500 <= code < 600 and not message.lstrip().startswith("5.7.")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("<> ")


class OutboxFolder:
    """A folder into which mails are written, for whoever has no mail server. Any mail program opens the files.

    The same mail written twice is one file.
    """

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender

    async def send(self, mail: Mail) -> None:
        """Writes the mail, wholly or not at all. A folder that cannot be written is a server that does not answer."""
        message = mail.message(self._sender)
        try:
            await asyncio.to_thread(self._write, f"{mail.id}.eml", message.as_bytes())
        except OSError:
            raise NotTaken("UNREACHABLE") from None

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with written_whole(self._folder / name) as file:
            file.write(content)


class Nowhere:
    """No mail server and no folder were set: mails wait, and are given up in time."""

    async def send(self, mail: Mail) -> None:  # noqa: ARG002
        """Never takes anything."""
        raise NotTaken("NO_SERVER")


def mailbox_of(settings: Settings) -> Mailbox:
    """The mailbox that the settings ask for."""
    if settings.mail_host:
        return SmtpMailbox(settings)
    if settings.mail_outbox is not None:
        return OutboxFolder(settings.mail_outbox, settings.mail_from)
    return Nowhere()
