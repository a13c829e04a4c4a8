"""Mails the latest checkpoint to those who keep them: out of reach of whoever runs the database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.messages.notices import name_of
from kit.crypto.witness import file_name
from kit.mail.mailbox import Attachment, Mail, Mailbox, NotTaken
from kit.process.logs import get_logger
from models import seals, witness_mails
from words import FRENCH, Words

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.keys import CaseKeys

log = get_logger("activities.witness_mail")

SLACK = timedelta(minutes=30)
"""Time by which the seal of the next day may come early, and is mailed all the same."""


class WitnessMail:
    """Writes to each address by itself: one that is refused, or a server that is away, holds up no other witness.

    A mail is noted once it was accepted. What newer checkpoints say, they say of all that went before: only the latest
    is mailed, so that an outage of days ends with one mail.
    """

    def __init__(
        self,
        database: Database,
        keys: CaseKeys,
        mailbox: Mailbox,
        origin: str,
        addresses: Sequence[str] = (),
        every: timedelta = timedelta(days=1),
        words: Words = FRENCH,
    ) -> None:
        self._database, self._keys, self._mailbox = database, keys, mailbox
        self._origin, self._addresses, self._every, self._words = origin, addresses, every, words

    @activity.defn(name="mail_checkpoint")
    async def mail_checkpoint(self, size: int) -> int:
        """Mails the checkpoint of that size to whom it is time to write to; gives how many mails were accepted.

        Raises ApplicationError "NotTaken", to be tried again, when one was not. An address that is refused for good is
        told of in the log, and tried again at the next seal only.
        """
        outcomes = await asyncio.gather(*(self._mailed(size, address) for address in self._addresses))
        if any(isinstance(outcome, NotTaken) and not outcome.is_final for outcome in outcomes):
            raise ApplicationError("not taken", type="NotTaken", category=ApplicationErrorCategory.BENIGN)
        return sum(outcome is True for outcome in outcomes)

    async def _mailed(self, size: int, address: str) -> bool | NotTaken:
        reader, row = await asyncio.to_thread(self._due, size, address)
        if row is None:
            return False
        try:
            await self._mailbox.send(self._written(row, address, reader))
        except NotTaken as error:
            log.warning("checkpoint_not_mailed", size=size, why=error.why)
            return error
        await asyncio.to_thread(self._note, reader, size)
        return True

    def _due(self, size: int, address: str) -> tuple[str, seals.StoredCheckpoint | None]:
        """Gives the digest that the reader is known by, and the checkpoint if it is to be mailed now."""
        reader = self._keys.digest(f"witness\n{address}")
        with self._database.read() as tx:
            last, row = witness_mails.last_to(tx, reader), seals.checkpoint_at(tx, size)
        if last is not None and (last.size >= size or datetime.now(UTC) < last.sent_at + self._every - SLACK):
            return reader, None
        return reader, row

    def _note(self, reader: str, size: int) -> None:
        # Another seal may have won the race: its row is the same.
        with suppress(IntegrityError), self._database.write() as tx:
            witness_mails.add(tx, reader, size, datetime.now(UTC))

    def _written(self, row: seals.StoredCheckpoint, address: str, reader: str) -> Mail:
        """The note and, under a line that mail programs know as the end of a message, what to do with it."""
        subject = self._words.plural(
            "Sealed log of {origin}: checkpoint at one leaf",
            "Sealed log of {origin}: checkpoint at {count} leaves",
            row.size,
            origin=self._origin,
        )
        explained = self._words.say(
            "Keep this mail: it attests to what {origin} had on record when it was sent. Nobody is named in it.\n"
            "Whether all of that still stands is told there by\n"
            "    starter.py checkpoint --check FILE\n"
            "where FILE is the attachment, or this mail as it was saved.",
            origin=self._origin,
        )
        return Mail(
            # With the root: after a restore, another log of the same size is not to be taken for the same mail.
            id=f"checkpoint-{row.size}-{name_of(self._origin, row.size, row.root.hex(), reader)[:20]}",
            to=address,
            subject=subject,
            body=f"{row.note}\n-- \n{explained}\n",
            at=row.made_at,
            attached=Attachment(file_name(row.size), row.note),
        )
