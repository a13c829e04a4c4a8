"""The content of a digest: lines on the first alerts, and the numbers of the others. It costs what it prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from domain.case import Case
from domain.dates import WorkingCalendar
from domain.lifecycle import fold
from domain.messages.notices import LONGEST_DIGEST, Line, Rest, is_ripe, line_of
from domain.messages.people import Person
from domain.time.clock_id import clock_of
from domain.time.clocks import still_awaited
from domain.time.lines import one_line_each
from domain.values import day_of
from domain.vocabulary import DeadlineKind
from kit.process.logs import get_logger
from models import book, mails
from models.alerts import Ripe, count_to_digest, over_when_opened, to_digest
from models.keys import CaseErased, CaseKeys

log = get_logger("activities.post")

LOOKED_AT = 300
"""Alerts that one digest looks at, at most: it ends, however many stand. The rest is counted."""


def what_to_tell(
    tx: Connection, keys: CaseKeys, calendar: WorkingCalendar, reader: Person, at: datetime
) -> tuple[list[Line], list[str], Rest]:
    """Lines on what is addressed to a reader, or to whom they stand in for, and is still awaited; and the rest.

    It costs what is printed: no more cases are read than there are lines, but for those of which nothing is awaited
    any more, and never more than `LOOKED_AT` alerts. Cases that cannot be read are given by their references.
    """
    ripe = ripe_for(tx, reader, at)
    over = over_when_opened(tx, reader.actor, ripe)
    told_as_over = {(alert.reference, alert.key) for alert in over}
    others = count_to_digest(tx, reader.actor, ripe)
    others.subtract(alert.kind for alert in over if alert.kind != DeadlineKind.OVER)
    cases = _Cases(tx, keys)
    lines: list[Line] = []
    first = [a for a in to_digest(tx, reader.actor, ripe, LOOKED_AT) if (a.reference, a.key) not in told_as_over]
    climbed = Counter((alert.reference, clock_of(alert.key)) for alert in first)
    for alert in (told.alert for told in one_line_each(first, of=lambda alert: alert.reference)):
        if len(lines) == LONGEST_DIGEST:
            break
        others[alert.kind] -= climbed[alert.reference, clock_of(alert.key)]
        if (case := cases.read(alert.reference)) is not None:
            lines += _line_on(case, alert.key, reader, ripe, at, calendar)
    rest = Rest(over=_by_kind(alert.kind for alert in over), others=_positive(others))
    return lines, cases.unreadable, rest


def _line_on(
    case: _Case, key: str, reader: Person, ripe: Ripe, at: datetime, calendar: WorkingCalendar
) -> Iterator[Line]:
    """The line on an alert, if it is still awaited and ripe for the reader."""
    alert, awaited = case.standing.get(key), case.awaited.get(key)
    if alert is None or awaited is None or not is_ripe(alert, reader, at, case.case.progress.recorded_at):
        return
    line = line_of(case.case, alert, awaited, day_of(at), calendar)
    is_new = ripe.new_since is None or alert.raised_at > ripe.new_since
    yield line if is_new else replace(line, is_new=False)


class _Case:
    """A case, and what digests ask of it, each looked for once."""

    def __init__(self, case: Case) -> None:
        self.case, self.awaited = case, still_awaited(case)
        self.standing = {alert.key: alert for alert in case.standing_alerts}


class _Cases:
    """The cases that a digest reads, each once."""

    def __init__(self, tx: Connection, keys: CaseKeys) -> None:
        self._tx, self._keys = tx, keys
        self._cases: dict[str, _Case | None] = {}
        self.unreadable: list[str] = []

    def read(self, reference: str) -> _Case | None:
        """The case; none if it was erased, or cannot be read."""
        if reference not in self._cases:
            self._cases[reference] = self._folded(reference)
        return self._cases[reference]

    def _folded(self, reference: str) -> _Case | None:
        try:
            return _Case(fold(reference, book.history(self._tx, self._keys, reference)))
        except CaseErased:
            return None
        except book.UNREADABLE:
            log.error("case_not_read", reference=reference, exc_info=True)
            self.unreadable.append(reference)
            return None


def ripe_for(tx: Connection, reader: Person, at: datetime) -> Ripe:
    """The moments between which a digest tells alerts to a reader: after their grace, new since the last one."""
    since, patience = mails.last_digest(tx, reader.account), reader.preferences.patience
    return Ripe(day=day_of(at), until=at - patience, new_since=None if since is None else since - patience)


def _by_kind(kinds: Iterable[str]) -> dict[DeadlineKind, int]:
    return {DeadlineKind[kind]: count for kind, count in Counter(kinds).items()}


def _positive(counts: Counter[str]) -> dict[DeadlineKind, int]:
    return {DeadlineKind[kind]: count for kind, count in counts.items() if count > 0}
