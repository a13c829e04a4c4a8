"""Handing a mail over, to a real mail server and into a folder: what is taken, what is not, and why."""

import asyncio
import subprocess
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from kit.mail.mailbox import Mail, NotTaken, Nowhere, OutboxFolder, SmtpMailbox, mailbox_of
from kit.settings import Settings
from tests.support.sink import Server, Sink, only, serving, tls_of

SECRET = "open sesame"  # noqa: S105 - of nobody
TO = "camille@aboutir.test"
MAIL = Mail(
    id="a1b2", to=TO, subject="Réf. é ≠ ü", body="À l’aide…\n" + "x" * 400 + "\n", at=datetime(2026, 3, 2, tzinfo=UTC)
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


async def refused(server: Server, **settings: Any) -> tuple[str, bool]:
    with pytest.raises(NotTaken) as caught:
        await SmtpMailbox(server.settings(**settings)).send(MAIL)
    assert TO not in repr(caught.value)
    return caught.value.why, caught.value.is_final


# --- Taken -----------------------------------------------------------------------------------------------


async def test_a_mail_arrives_as_it_was_written(server: Server, sink: Sink) -> None:
    await SmtpMailbox(server.settings()).send(MAIL)
    ((to, found),) = sink.arrived
    assert to == TO
    assert found["Subject"] == MAIL.subject
    assert found.get_content().replace("\r\n", "\n") == MAIL.body
    assert found["Message-ID"] == "<a1b2@aboutir.test>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert set(found.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip


async def test_a_mail_sent_again_has_the_same_name(server: Server, sink: Sink) -> None:
    sink.cut_after_data = 1
    assert await refused(server) == ("UNREACHABLE", False)
    await SmtpMailbox(server.settings()).send(MAIL)
    assert dict(sink.by_id) == {"<a1b2@aboutir.test>": 2}


async def test_a_login_is_used_over_tls(sink: Sink, certificate: tuple[Path, Path]) -> None:
    options = {"tls_context": tls_of(*certificate), "authenticator": only("us", SECRET), "auth_required": True}
    with serving(sink, **options) as server:
        settings = {"mail_security": "starttls", "mail_ca": certificate[0], "mail_user": "us"}
        await SmtpMailbox(server.settings(**settings, mail_password=SECRET)).send(MAIL)
        assert len(sink.arrived) == 1
        assert await refused(server, **settings, mail_password=SECRET + "!") == ("NOT_SECURE", False)
    assert len(sink.arrived) == 1


async def test_tls_from_the_first_byte(sink: Sink, certificate: tuple[Path, Path]) -> None:
    with serving(sink, ssl_context=tls_of(*certificate)) as server:
        await SmtpMailbox(server.settings(mail_security="tls", mail_ca=certificate[0])).send(MAIL)
        assert await refused(server, mail_security="tls") == ("NOT_SECURE", False)
    assert len(sink.arrived) == 1


# --- Not taken -------------------------------------------------------------------------------------------


async def test_nothing_is_sent_over_a_way_that_is_not_protected(server: Server, sink: Sink) -> None:
    assert await refused(server, mail_security="starttls") == ("NOT_SECURE", False)
    assert (sink.asked, sink.arrived) == ([], [])


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(sink: Sink, certificate: tuple[Path, Path]) -> None:
    with serving(sink, tls_context=tls_of(*certificate)) as server:
        assert await refused(server, mail_security="starttls") == ("NOT_SECURE", False)
    assert (sink.asked, sink.arrived) == ([], [])


@pytest.mark.parametrize(
    ("answer", "why", "is_final"),
    [
        ("450 4.2.0 Greylisted", "ADDRESS_REFUSED", False),
        ("452 4.2.2 Mailbox full", "ADDRESS_REFUSED", False),
        ("550 5.1.1 No such user here", "ADDRESS_REFUSED", True),
        ("553 Not a mailbox", "ADDRESS_REFUSED", True),
        ("554 5.7.1 Relay access denied", "ADDRESS_REFUSED", False),
    ],
)
async def test_an_address_may_be_refused_for_good_or_for_now(
    server: Server, sink: Sink, answer: str, why: str, is_final: bool
) -> None:
    sink.to_recipient = lambda _: answer
    assert await refused(server) == (why, is_final)


@pytest.mark.parametrize("answer", ["451 4.3.0 Try later", "554 5.6.0 We do not like this"])
async def test_a_server_that_takes_nothing_is_tried_again(server: Server, sink: Sink, answer: str) -> None:
    sink.to_data = lambda: answer
    assert await refused(server) == ("SERVER_REFUSED", False)


async def test_a_server_that_is_not_there_or_too_slow_is_tried_again(server: Server, sink: Sink) -> None:
    sink.waits = 1
    assert await refused(server, mail_seconds=0.3) == ("UNREACHABLE", False)
    server.stop()
    assert await refused(server) == ("UNREACHABLE", False)


@pytest.mark.parametrize("address", ["nobody", "a@b@c.test", "two lines\n@x.test", "@x.test", ""])
async def test_what_is_no_address_is_never_sent(server: Server, sink: Sink, address: str) -> None:
    with pytest.raises(NotTaken) as caught:
        await SmtpMailbox(server.settings()).send(Mail("x", address, "-", "-", MAIL.at))
    assert (caught.value.why, caught.value.is_final) == ("ADDRESS_REFUSED", True)
    assert sink.asked == []


# --- Without a server ------------------------------------------------------------------------------------


async def test_a_folder_holds_each_mail_once_and_tells_nothing_by_its_names(tmp_path: Path) -> None:
    outbox = OutboxFolder(tmp_path / "outbox", "aboutir@aboutir.test")
    await asyncio.gather(*(outbox.send(MAIL) for _ in range(5)))
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == "a1b2.eml"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    found = message_from_bytes(file.read_bytes(), policy=default)
    assert (found["To"], found["Subject"]) == (TO, MAIL.subject)


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(NotTaken, match="UNREACHABLE"):
        await OutboxFolder(tmp_path / "outbox", "aboutir@aboutir.test").send(MAIL)


def test_the_settings_say_where_mails_go(tmp_path: Path) -> None:
    assert isinstance(mailbox_of(Settings()), Nowhere)
    assert isinstance(mailbox_of(Settings(mail_outbox=tmp_path)), OutboxFolder)
    assert isinstance(mailbox_of(Settings(mail_outbox=tmp_path, mail_host="localhost")), SmtpMailbox)
    assert SECRET not in repr(Settings(mail_password=SECRET))
