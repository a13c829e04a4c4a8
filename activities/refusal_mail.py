"""Mails at once, to those who are to know, that an account was refused often within an hour.

No workflow does it: whoever has the engine's port could hold that up, and may be the one of whom it tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from domain.addresses import deliverable
from domain.messages.notices import Refusals, name_of, refusals_letter
from domain.messages.people import People, Person
from domain.values import day_of
from domain.vocabulary import Role
from kit.mail.mailbox import Mail, Mailbox, NotTaken
from kit.process.logs import get_logger
from models import denial_mails
from models.preferences import people_on
from words import Words

if TYPE_CHECKING:
    from activities.post import PostOptions
    from kit.storage.database import Database
    from models.denials import Denied

log = get_logger("activities.refusal_mail")

AGAIN = timedelta(minutes=1)
"""Time after which a mail that was not taken is tried again."""
TOLD = frozenset({Role.AUDITOR, Role.SUPERVISOR})
"""The roles that are mailed. Plan leads read of it in their digests."""


class RefusalMail:
    """Writes to each reader by themselves: an address that is refused holds up nobody else.

    Several workers may share a database: a mail is held by the one that sends it, and noted once it was accepted.
    """

    def __init__(self, database: Database, mailbox: Mailbox, options: PostOptions) -> None:
        self._database, self._mailbox, self._options = database, mailbox, options

    async def mail(self) -> int:
        """Mails what waits and can be sent now; gives how many mails were accepted."""
        now = datetime.now(UTC)
        sent = 0
        for hour, readers in await asyncio.to_thread(self._waiting, now):
            outcomes = [await self._mailed(hour, reader) for reader in readers]
            sent += outcomes.count(True)
            if None not in outcomes:
                await asyncio.to_thread(self._close, hour)
        return sent

    def _waiting(self, now: datetime) -> list[tuple[Denied, list[Person]]]:
        """The hours that somebody is still to be mailed of, each with whom."""
        with self._database.read() as tx:
            hours = denial_mails.untold(tx)
            if not hours:
                return []
            people = people_on(tx, day_of(now))
            return [
                (hour, [each for each in _readers(people, hour) if each.account not in denial_mails.settled(tx, hour)])
                for hour in hours
            ]

    async def _mailed(self, hour: Denied, reader: Person) -> bool | None:
        """True once a mail was accepted, False if it never will be, None while it waits or another sends it."""
        now = datetime.now(UTC)
        if reader.preferences.address is None:
            return False
        if not await asyncio.to_thread(self._held, hour, reader.account, now):
            return None
        try:
            await self._mailbox.send(self._written(hour, reader, reader.preferences.address))
        except NotTaken as error:
            log.warning("refusals_not_mailed", account=reader.account, why=error.why)
            if error.is_final or now - hour.many_at > self._options.give_up:
                await asyncio.to_thread(self._settle, hour, reader.account)
                return False
            await asyncio.to_thread(self._release, hour, reader.account)
            return None
        # It is accepted, and is noted as sent even if this is cancelled now.
        await asyncio.shield(asyncio.to_thread(self._settle, hour, reader.account))
        return True

    def _written(self, hour: Denied, reader: Person, address: str) -> Mail:
        say = Words(reader.preferences.language).say
        letter = refusals_letter(Refusals(hour.account, hour.count), self._options.link, say)
        return Mail(
            id=f"refusals-{name_of(hour.account, hour.began.isoformat(), reader.account)[:20]}",
            to=deliverable(address) or address,
            subject=letter.subject,
            body=letter.body,
            at=hour.many_at,
        )

    # --- The database, from a thread ---

    def _held(self, hour: Denied, reader: str, now: datetime) -> bool:
        try:
            with self._database.write() as tx:
                return denial_mails.hold(tx, hour, reader, now, datetime.now(UTC) + self._options.lease)
        except IntegrityError:  # another took hold of it at the same moment
            return False

    def _release(self, hour: Denied, reader: str) -> None:
        with self._database.write() as tx:
            denial_mails.release(tx, hour, reader, datetime.now(UTC) + AGAIN)

    def _settle(self, hour: Denied, reader: str) -> None:
        with self._database.write() as tx:
            denial_mails.settle(tx, hour, reader, datetime.now(UTC))

    def _close(self, hour: Denied) -> None:
        with self._database.write() as tx:
            denial_mails.close(tx, hour, datetime.now(UTC))


def _readers(people: People, hour: Denied) -> Iterator[Person]:
    """Those who are mailed of an hour: auditors and supervisors of the account's metropolis, or who stands in for them.

    Never the account that it is about, whoever they stand in for.
    """
    known: set[str] = set()
    for person in people:
        if person.actor.role not in TOLD or not _oversees(person, hour):
            continue
        theirs = [each for each in people.readers(person) if each.account != hour.account]
        for reader in theirs or [person]:
            if reader.account not in known | {hour.account}:
                known.add(reader.account)
                yield reader


def _oversees(person: Person, hour: Denied) -> bool:
    return None in (person.actor.metropolis, hour.metropolis) or person.actor.metropolis == hour.metropolis
