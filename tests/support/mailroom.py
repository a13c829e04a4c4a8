"""Cases told straight to the book, and the hands that write about them, at whatever time it is there."""

import asyncio
import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row
from temporalio.testing import ActivityEnvironment

from activities.calendar import french_calendar
from activities.post import Post, PostOptions
from domain.actors import Actor
from domain.exchange.digest import Digest
from domain.parts.piece import AddPiece
from domain.values import PARIS, day_of
from domain.vocabulary import Party
from kit.mail.mailbox import Mailbox, SmtpMailbox
from kit.storage.database import Database
from models.tables import mails
from tests.people import LILLE, SUPERVISOR_2, WORKER, address_of
from tests.support.accounts import close
from tests.support.lives import MONDAY, Lives
from tests.support.servers import KEYS
from tests.support.sink import Server, Sink, serving


class Mailroom:
    """Lives of cases, a mail server, and what a worker does between the two."""

    def __init__(self, database: Database, server: Server, threads: ThreadPoolExecutor) -> None:
        self.database, self.server, self.sink = database, server, server.sink
        self.lives = Lives(database)
        close(database, SUPERVISOR_2)  # who would be told of everything that SUPERVISOR is told
        self.lives.chance.choice = lambda _: LILLE  # type: ignore[method-assign, assignment] # everything happens there
        self._threads = threads
        self.post = self.with_mailbox(SmtpMailbox(server.settings()))

    def with_mailbox(self, mailbox: Mailbox, **options: Any) -> Post:
        return Post(self.database, KEYS, mailbox, french_calendar(), PostOptions(**options), self._threads)

    # --- Cases ---

    def perishing(self, days: int = 20, pieces: int = 1, at: datetime = MONDAY) -> str:
        """A case with pieces that perish in so many days, of which the first notice has just been given."""
        reference = self.lives.open(at, by=WORKER)
        self.add_pieces(reference, days, pieces)
        self.pass_time(reference, timedelta(hours=2))
        return reference

    def add_pieces(self, reference: str, days: int, pieces: int = 1) -> None:
        on = day_of(self.lives.times[reference]) + timedelta(days=days)
        for number in range(pieces):
            piece = AddPiece(label=f"The video {number}", held_by=Party.RESPONDENT, perishes_on=on)
            assert self.lives.ask(reference, piece, WORKER)

    def stalled(self, days: int = 60, at: datetime = MONDAY) -> str:
        """A case that nobody has touched for so many days."""
        reference = self.lives.open(at, by=WORKER)
        self.pass_time(reference, timedelta(days=days))
        return reference

    def pass_time(self, reference: str, time: timedelta) -> None:
        self.lives.times[reference] += time
        self.lives.ring(reference)

    def time_of(self, reference: str) -> datetime:
        return self.lives.times[reference]

    # --- Mails ---

    def rows(self, **wanted: Any) -> list[Row[Any]]:
        query = select(mails).order_by(mails.c.not_before, mails.c.account, mails.c.id)
        for name, value in wanted.items():
            query = query.where(mails.c[name] == value)
        with self.database.read() as tx:
            return list(tx.execute(query))

    def accounts(self, **wanted: Any) -> list[str]:
        return sorted(row.account for row in self.rows(**wanted))

    async def deliver(self, id: str, at: datetime, post: Post | None = None) -> str:
        """One attempt, at that time of the engine's."""
        env = ActivityEnvironment()
        env.info = dataclasses.replace(env.info, current_attempt_scheduled_time=at)
        return str(await env.run((post or self.post).deliver_notice, id))

    async def deliver_all(self, at: datetime) -> list[str]:
        """One attempt for each notice, in order; what became of each."""
        return [await self.deliver(row.id, at) for row in self.rows(kind="NOTICE")]

    async def round(self, at: datetime, post: Post | None = None) -> dict[str, str]:
        """One round of digests; what became of each that was due ("later" for what is to be tried again)."""
        post = post or self.post
        due = await ActivityEnvironment().run(post.digests_due, at)
        digests = [Digest(account=account, day=due.day, at=at) for account in due.accounts]
        ended = await asyncio.gather(
            *(ActivityEnvironment().run(post.deliver_digest, digest) for digest in digests), return_exceptions=True
        )
        return {
            digest.account: "later" if isinstance(what, BaseException) else what
            for digest, what in zip(digests, ended, strict=True)
        }


def paris(text: str) -> datetime:
    """A moment as people in Paris say it."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def at_eight(moment: datetime, days: int = 1) -> datetime:
    """Eight o'clock in Paris, so many days after."""
    return (moment.astimezone(PARIS) + timedelta(days=days)).replace(hour=8, minute=0)


def told_of(sink: Sink, actor: Actor) -> str:
    """Everything that was written to somebody."""
    return "\n".join(sink.bodies(address_of(actor)))


@contextmanager
def mailroom(database: Database) -> Iterator[Mailroom]:
    with serving(Sink()) as server, ThreadPoolExecutor(max_workers=1 if database.is_sqlite else 4) as threads:
        yield Mailroom(database, server, threads)
