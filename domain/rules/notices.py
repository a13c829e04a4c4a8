"""Notices that could not be delivered: a fact of the case, so that nobody takes silence for knowledge."""

from datetime import datetime
from typing import Any

from domain.case import Case
from domain.commands import RecordUndelivered
from domain.events import Actor, Entry, Event, NoticeUndelivered
from domain.rules.registry import applies, decides
from domain.undelivered import Undelivered


@decides(RecordUndelivered)
def record_undelivered(case: Case, command: RecordUndelivered, actor: Actor, at: datetime) -> list[Event]:
    known = {notice.mail for notice in case.undelivered}
    new = {notice.mail: notice for notice in command.notices if notice.mail not in known}
    return [NoticeUndelivered(mail=n.mail, account=n.account, alerts=n.alerts, reason=n.reason) for n in new.values()]


@applies(NoticeUndelivered)
def notice_undelivered(case: Case, event: NoticeUndelivered, entry: Entry) -> dict[str, Any]:
    notice = Undelivered(mail=event.mail, account=event.account, alerts=event.alerts, reason=event.reason)
    return {"undelivered": (*case.undelivered, notice)}
