"""Notices that reached nobody."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from domain.actors import Actor
from domain.parts.base import NOT_ERASED, Chapter, Command, Event, Part, PartLine
from domain.parts.registry import applies, decides
from domain.telling import UNSAID
from domain.values import AccountId
from domain.vocabulary import MailReason

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Undelivered(Part):
    """A notice that was given up: what it was about, for whom, and why it did not arrive."""

    noun = "Not delivered"
    chapter = Chapter.WARNINGS

    mail: str
    """The name of the mail: the left part of its Message-ID."""
    account: AccountId
    alerts: tuple[str, ...]
    """The keys of the alerts it told of."""
    reason: MailReason

    def line(self) -> PartLine:
        return PartLine("!", self.noun, self.account, self.reason, urgent=True)


class RecordUndelivered(Command):
    """Record that notices about this case could not be delivered. Only the case itself asks this, after the last try.

    It is sent empty: the book fills in what was given up and is not on the case yet.
    """

    steps = NOT_ERASED
    volatile_fields = frozenset({"notices"})
    kind: Literal["record_undelivered"] = "record_undelivered"
    notices: tuple[Undelivered, ...] = ()


class NoticeUndelivered(Event):
    tag: Literal["notice_undelivered.1"] = "notice_undelivered.1"
    mail: Annotated[str, UNSAID]
    account: AccountId
    alerts: tuple[str, ...]
    reason: MailReason


@decides(RecordUndelivered)
def record_undelivered(case: Case, command: RecordUndelivered, actor: Actor, at: datetime) -> list[Event]:
    known = {notice.mail for notice in case.undelivered}
    new = {notice.mail: notice for notice in command.notices if notice.mail not in known}
    return [NoticeUndelivered(mail=n.mail, account=n.account, alerts=n.alerts, reason=n.reason) for n in new.values()]


@applies(NoticeUndelivered)
def notice_undelivered(case: Case, event: NoticeUndelivered, entry: Entry) -> dict[str, Any]:
    notice = Undelivered(mail=event.mail, account=event.account, alerts=event.alerts, reason=event.reason)
    return {"undelivered": (*case.undelivered, notice)}
