"""Sends mails: each once as far as can be known, and only while what it says is still so.

A mail is a row of the table `mails`, written with what calls for it. Whoever sends it holds it for a while, so that
nobody else does, checks again that its reader is still to be told, hands it over, and marks it as sent only then. A
process that dies between the last two steps leaves a mail that will be sent twice, under the same Message-ID.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Container, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.beat import beating
from activities.digesting import ripe_for, what_to_tell
from domain.addresses import deliverable
from domain.case import Case
from domain.dates import WorkingCalendar
from domain.exchange.digest import Digest, DigestsDue
from domain.exchange.rollout import BATCH
from domain.levels import OVERSEERS
from domain.lifecycle import fold
from domain.messages.notices import (
    Failed,
    Letter,
    Refusals,
    Rest,
    answers_for,
    digest_letter,
    line_of,
    notice_letter,
)
from domain.messages.people import People, Person
from domain.parts.alert import Alert
from domain.permissions import is_closed_to
from domain.time.clocks import still_awaited
from domain.time.lines import one_line_each
from domain.values import PARIS, day_of
from domain.vocabulary import MailKind, MailReason, MailState
from kit.mail.mailbox import Mail, Mailbox, NotTaken
from kit.process.logs import get_logger
from kit.storage.database import Database, is_away, is_conflict
from models import book, denials, mails
from models.alerts import over_when_opened
from models.keys import CaseErased, CaseKeys
from models.preferences import people_on
from words import Words

log = get_logger("activities.post")

T = TypeVar("T")

_EXPECTED = ApplicationErrorCategory.BENIGN
"""Category of errors that the SDK does not log: our own log has them in one line, and no worker has failed."""

FORGOTTEN = timedelta(hours=1)
"""Time without a try after which the workflow of its case cannot know of a notice."""


@dataclass(frozen=True)
class PostOptions:
    """Settings of an installation."""

    public_url: str = ""
    give_up: timedelta = timedelta(days=3)
    """Time for which a notice is tried before it is given up."""
    lease: timedelta = timedelta(seconds=75)
    """Time for which whoever sends a mail holds it: longer than a mail server may take."""

    def link(self, reference: str | None) -> str:
        """The place to look at a case or, without a reference, at what asks for attention."""
        if self.public_url:
            return f"{self.public_url.rstrip('/')}/{f'dossiers/{reference}' if reference else 'alertes'}"
        return f"starter.py show {reference}" if reference else "starter.py alerts --mine"


@dataclass(frozen=True)
class _Verdict:
    """A mail that is not to be sent, and why."""

    state: MailState
    reason: MailReason


_Written = Mail | _Verdict


class Post:
    """Sends notices and digests. One instance in each worker; several workers may share a database."""

    def __init__(
        self,
        database: Database,
        keys: CaseKeys,
        mailbox: Mailbox,
        calendar: WorkingCalendar,
        options: PostOptions,
        threads: Executor,
    ) -> None:
        self._database, self._keys, self._mailbox, self._calendar = database, keys, mailbox, calendar
        self._options, self._threads = options, threads
        # Digests read many cases: on a thread of their own, so that no command waits for them.
        self._composing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest")

    # --- Notices ---

    @activity.defn(name="deliver_notice")
    async def deliver_notice(self, id: str) -> str:
        """Sends one notice; gives what became of it: SENT, DROPPED or UNDELIVERED.

        Raises ApplicationError, to be tried again, while it is neither.
        """
        at = activity.info().current_attempt_scheduled_time  # the engine's time, as everywhere in a case
        async with _guarded(), beating():
            row = await self._reading(partial(mails.find, id=id))
            if row is None:  # a book restored from before it was written: what called for it will write it again
                return MailState.DROPPED.value
            return await self._deliver(row, at, self._written_notice, self._options.give_up)

    def _written_notice(self, tx: Connection, row: mails.MailRecord, at: datetime) -> _Written:
        today = day_of(at)
        people = people_on(tx, today)
        reader = people.named(row.account)
        assert row.reference is not None  # noqa: S101 - the table sees to it: a notice is of a case
        try:
            case = fold(row.reference, book.history(tx, self._keys, row.reference))
        except CaseErased:
            return _Verdict(MailState.DROPPED, MailReason.NOT_AWAITED)
        awaited = still_awaited(case)
        standing = _standing(row, case, awaited)
        if not standing:
            return _Verdict(MailState.DROPPED, MailReason.NOT_AWAITED)
        theirs = [alert for alert in standing if _is_for(row, alert, case, people)]
        if reader is None or is_closed_to(reader.actor, case) or not theirs:
            return _Verdict(MailState.DROPPED, MailReason.REASSIGNED)
        told = [each.alert for each in one_line_each(theirs)]
        lines = [line_of(case, alert, awaited[alert.key], today, self._calendar) for alert in told]
        say = Words(reader.preferences.language).say
        letter = notice_letter(lines, self._options.link, say, standing_in=row.instead_of is not None)
        # Keyed, and another for each reader: mail programs put together what is about one case, and learn of none.
        thread = self._keys.digest(f"thread\n{row.account}\n{row.reference}")[:32]
        return _addressed(row.id, reader, letter, at, thread)

    @activity.defn(name="forgotten_notices")
    async def forgotten_notices(self, at: datetime, after: str) -> list[str]:
        """The next cases, after a reference, with a notice that nobody is sending.

        An engine that was restored from yesterday does not know of today's.
        """
        async with _guarded():
            return await self._reading(partial(mails.forgotten, before=at - FORGOTTEN, limit=BATCH, after=after))

    # --- Digests ---

    @activity.defn(name="digests_due")
    async def digests_due(self, at: datetime) -> DigestsDue:
        """Accounts whose hour has come on a working day and who had no digest that day, after an outage too."""
        today = day_of(at)
        if not self._calendar.is_working(today):
            return DigestsDue(day=today)
        async with _guarded():
            await self._writing(partial(mails.close_past_digests, today=today, at=at))
            accounts = await self._reading(partial(_due, at=at), self._composing)
            return DigestsDue(day=today, accounts=tuple(accounts))

    @activity.defn(name="deliver_digest")
    async def deliver_digest(self, digest: Digest) -> str:
        """Sends somebody the digest of a day, if it was not sent and has something to say; gives what became of it."""
        async with _guarded(), beating():
            row = await self._writing(partial(mails.digest_of, account=digest.account, day=digest.day, at=digest.at))
            return await self._deliver(row, digest.at, self._written_digest, give_up=None)

    def _written_digest(self, tx: Connection, row: mails.MailRecord, at: datetime) -> _Written:
        today = day_of(at)
        reader = people_on(tx, today).named(row.account)
        if reader is None:
            return _Verdict(MailState.DROPPED, MailReason.REASSIGNED)
        lines, unreadable, rest = what_to_tell(tx, self._keys, self._calendar, reader, at)
        failed: list[Failed] = []
        if reader.actor.role in OVERSEERS:
            rows = mails.failing(tx, reader.actor, today - mails.A_WEEK)
            failed = [Failed(mail.reference, mail.reason) for mail in rows]
        refusals = _refusals(tx, reader, at)
        if not reader.preferences.wants_digest:  # they hear in a digest only of what gets no mail of its own
            lines, unreadable, failed, refusals, rest = [], [], [], [], Rest(over=rest.over)
        if not any((lines, unreadable, failed, refusals, rest)):
            return _Verdict(MailState.DROPPED, MailReason.NOTHING_TO_SAY)
        say = Words(reader.preferences.language).say
        letter = digest_letter(lines, unreadable, failed, self._options.link, say, refusals, rest)
        return _addressed(row.id, reader, letter, at)

    # --- What they have in common ---

    async def _deliver(
        self,
        row: mails.MailRecord,
        at: datetime,
        write: Callable[..., _Written],
        give_up: timedelta | None,
    ) -> str:
        if row.state != MailState.WAITING:
            return str(row.state)
        if row.not_before > at:
            raise _later(row.not_before - at)
        try:
            threads = self._threads if row.kind is MailKind.NOTICE else self._composing
            written = await self._reading(partial(write, row=row, at=at), threads)
        except Exception as error:
            if is_away(error):
                raise
            log.error("mail_not_written", reference=row.reference, mail=row.id, exc_info=True)
            held = await self._held(row, at, timedelta(0))
            return await self._failed(row, at, MailReason.OUR_FAULT, give_up, held)
        if isinstance(written, _Verdict):
            return await self._settled(row, written.state, written.reason, at)

        held = await self._held(row, at, self._options.lease)
        try:
            await self._mailbox.send(written)
        except NotTaken as refusal:
            reason = MailReason[refusal.why]
            if refusal.is_final:
                return await self._settled(row, MailState.UNDELIVERED, reason, at)
            return await self._failed(row, at, reason, give_up, held)
        except Exception:
            log.exception("mail_not_sent", reference=row.reference, mail=row.id)
            return await self._failed(row, at, MailReason.OUR_FAULT, give_up, held)
        # It is accepted, and is marked as sent even if this attempt is cancelled now.
        return await asyncio.shield(self._settled(row, MailState.SENT, None, at))

    async def _held(self, row: mails.MailRecord, at: datetime, lease: timedelta) -> datetime:
        """Takes hold of a mail; gives until when, by the clock on the wall.

        Raises ApplicationError while another worker holds it.
        """
        now = datetime.now(UTC)
        hold = partial(mails.hold, id=row.id, at=at, since=_trying_since(row, at), now=now, until=now + lease)
        if not await self._writing(hold):
            raise _later(self._options.lease)
        return now + lease

    async def _failed(
        self, row: mails.MailRecord, at: datetime, reason: MailReason, give_up: timedelta | None, held: datetime
    ) -> str:
        if give_up is not None and at - _trying_since(row, at) >= give_up:
            return await self._settled(row, MailState.UNDELIVERED, reason, at)
        await self._writing(partial(mails.release, id=row.id, held=held, reason=reason))
        log.warning("mail_not_taken", reference=row.reference, mail=row.id, why=reason)
        raise ApplicationError("the mail was not taken", type="NotTaken", category=_EXPECTED)

    async def _settled(self, row: mails.MailRecord, state: MailState, reason: MailReason | None, at: datetime) -> str:
        mark = partial(mails.settle, id=row.id, state=state, reason=reason, at=at)
        for _ in range(_TRIES_TO_MARK):
            with contextlib.suppress(_Away):
                await self._marking(mark)
                break
            await asyncio.sleep(1)
        else:
            await self._writing(mark)
        log.info("mail_settled", reference=row.reference, mail=row.id, state=state, why=reason)
        return state.value

    async def _marking(self, mark: Callable[[Connection], None]) -> None:
        try:
            await self._writing(mark)
        except Exception as error:
            if is_away(error):
                raise _Away from None
            raise

    # --- The database, from the event loop ---

    async def _reading(self, work: Callable[[Connection], T], threads: Executor | None = None) -> T:
        def read() -> T:
            with self._database.read() as tx:
                return work(tx)

        return await asyncio.get_running_loop().run_in_executor(threads or self._threads, read)

    async def _writing(self, work: Callable[[Connection], T]) -> T:
        def write() -> T:
            with self._database.write() as tx:
                return work(tx)

        return await asyncio.get_running_loop().run_in_executor(self._threads, write)


def _trying_since(row: mails.MailRecord, at: datetime) -> datetime:
    """The instant since when a mail has been tried without a break; now, if nobody has tried it for long."""
    is_anew = row.tried_at is None or at - row.tried_at > FORGOTTEN
    return at if is_anew or row.trying_since is None else row.trying_since


_TRIES_TO_MARK = 60
"""Tries, one a second: a mail that was accepted and could not be marked would be sent again."""


class _Away(Exception):
    """The database does not answer."""


def _due(tx: Connection, at: datetime) -> Sequence[str]:
    local = at.astimezone(PARIS)
    people, settled = people_on(tx, local.date()), mails.settled_digests(tx, local.date())
    return [
        person.account
        for person in people
        if person.preferences.address is not None
        and person.preferences.hour <= local.hour
        and person.account not in settled
        and person in people.readers(person)  # what is for somebody who is away is in their delegate's
        and (person.preferences.wants_digest or over_when_opened(tx, person.actor, ripe_for(tx, person, at)))
    ]


def _refusals(tx: Connection, reader: Person, at: datetime) -> list[Refusals]:
    """The hours of many refusals since the reader's last digest, or of the last week: each is told once."""
    week = at - mails.A_WEEK
    since = max(mails.last_digest(tx, reader.account) or week, week)
    return [Refusals(hour.account, hour.count) for hour in denials.many(tx, reader.actor, since)]


def _standing(row: mails.MailRecord, case: Case, awaited: Container[str]) -> list[Alert]:
    """The alerts that a notice was written for, as far as they stand and their deadlines are still awaited."""
    keys = set(row.alerts)
    return [alert for alert in case.standing_alerts if alert.key in keys and alert.key in awaited]


def _is_for(row: mails.MailRecord, alert: Alert, case: Case, people: People) -> bool:
    """True if the addressee of a notice still answers for this alert: the case may have changed hands."""
    addressee = row.instead_of or row.account
    return any(person.account == addressee for person in answers_for(people, alert, case))


def _addressed(id: str, reader: Person, letter: Letter, at: datetime, thread: str | None = None) -> _Written:
    address = reader.preferences.address
    if address is None:
        return _Verdict(MailState.UNDELIVERED, MailReason.NO_ADDRESS)
    to = deliverable(address) or address
    return Mail(id=id, to=to, subject=letter.subject, body=letter.body, at=at, thread=thread)


def _later(delay: timedelta) -> ApplicationError:
    return ApplicationError("not yet", type="NotYet", next_retry_delay=delay, category=_EXPECTED)


@asynccontextmanager
async def _guarded() -> AsyncIterator[None]:
    """Turns failures of the database into errors that are retried, without the words of the driver."""
    try:
        yield
    except ApplicationError:
        raise
    except Exception as error:
        if is_away(error) or is_conflict(error):
            log.warning("book_away", exc_info=True)
            raise ApplicationError("the book is away", type="Away") from None
        log.error("post_failed", exc_info=True)
        raise ApplicationError("a bug in the post", type="Bug") from None
