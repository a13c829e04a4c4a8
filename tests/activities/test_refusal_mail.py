"""An account that is refused often is told of at once, by mail: once to each who is to know, whoever else is away."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from activities.post import PostOptions
from activities.refusal_mail import RefusalMail
from domain.actors import Actor
from domain.messages.people import Preferences
from domain.values import new_reference
from kit.mail.mailbox import Mailbox, Nowhere, SmtpMailbox
from kit.storage.database import Database
from models import denials
from models.keys import JOURNAL
from models.preferences import set_preferences
from models.tables import denial_mails
from models.tables import denials as hours
from tests.people import AUDITOR, LEAD, STRANGER, SUPERVISOR, SUPERVISOR_AMP, WORKER, address_of
from tests.support.accounts import open_accounts
from tests.support.servers import KEYS
from tests.support.sink import Server, Sink

MANY = 10
TOLD = [address_of(AUDITOR), address_of(SUPERVISOR)]


@pytest.fixture
def book(database: Database) -> Database:
    """A book with people who have addresses."""
    people = (AUDITOR, SUPERVISOR, SUPERVISOR_AMP, LEAD, WORKER, STRANGER)
    open_accounts(database, people)
    with database.write() as tx:
        for person in people:
            set_preferences(tx, person.account, Preferences(address=address_of(person)))
    return database


def refused(book: Database, times: int = MANY, actor: Actor = STRANGER) -> None:
    for _ in range(times):
        with book.write() as tx:
            denials.note(tx, KEYS.of(JOURNAL), actor, "no_such_case", new_reference(), MANY)


def mails(book: Database, mailbox: Mailbox, **options: timedelta) -> RefusalMail:
    return RefusalMail(book, mailbox, PostOptions(public_url="https://aboutir.exemple.fr", **options))


def arrived(sink: Sink) -> list[str]:
    return sorted(to for to, _ in sink.arrived)


async def test_auditors_and_supervisors_of_its_metropolis_are_mailed_once(
    book: Database, server: Server, sink: Sink
) -> None:
    post = mails(book, SmtpMailbox(server.settings()))
    refused(book, MANY - 1)
    assert await post.mail() == 0
    refused(book, 1)
    assert await post.mail() == 2
    refused(book, 5)
    assert [await post.mail() for _ in range(2)] == [0, 0]
    assert arrived(sink) == TOLD
    for _, mail in sink.arrived:
        text = mail.get_content()
        assert STRANGER.account in text and str(MANY) in text and "/alertes" in text
        assert STRANGER.account not in mail["Subject"]
    with book.read() as tx:
        assert "@" not in repr(tx.execute(denial_mails.select()).all()), "an address lies in a table"


async def test_whoever_is_told_of_is_not_told(book: Database, server: Server, sink: Sink) -> None:
    refused(book, actor=SUPERVISOR)
    assert await mails(book, SmtpMailbox(server.settings())).mail() == 1
    assert arrived(sink) == [address_of(AUDITOR)]


async def test_an_outage_delays_and_loses_nothing_and_two_workers_double_nothing(
    book: Database, server: Server, sink: Sink
) -> None:
    refused(book)
    post = mails(book, SmtpMailbox(server.settings()))
    server.stop()
    assert await post.mail() == 0
    server.start()
    assert await post.mail() == 0, "it is tried again in a minute"
    _pass_time(book)
    others = [mails(book, SmtpMailbox(server.settings())) for _ in range(4)]
    assert sum(await asyncio.gather(*(other.mail() for other in others))) == 2
    assert arrived(sink) == TOLD


async def test_an_address_refused_for_good_holds_up_nobody_and_no_server_is_given_up_in_the_end(
    book: Database, server: Server, sink: Sink
) -> None:
    refused(book)
    sink.to_recipient = lambda address: "550 5.1.1 No such user here" if address == TOLD[0] else None
    assert await mails(book, SmtpMailbox(server.settings())).mail() == 1
    assert arrived(sink) == TOLD[1:]
    with book.read() as tx:
        assert tx.execute(hours.select()).one().told is True
    refused(book, actor=WORKER)
    assert await mails(book, Nowhere()).mail() == 0
    _pass_time(book)
    assert await mails(book, Nowhere(), give_up=timedelta(0)).mail() == 0
    with book.read() as tx:
        assert all(hour.told for hour in tx.execute(hours.select()))


def _pass_time(book: Database) -> None:
    with book.write() as tx:
        tx.execute(update(denial_mails).values(held_until=datetime.now(UTC) - timedelta(seconds=1)))
