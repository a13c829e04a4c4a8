"""The situations in which a case needs whoever watches over others' cases, said in SQL: for lists and their counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select

from domain.events import EVENTS
from domain.values import NOBODY, day_of
from domain.vocabulary import Situation, Step
from models.tables import absences, accounts, book, cases

IS_OPEN = cases.c.step.not_in([Step.CLOSED, Step.ERASED])


def in_situation(situation: Situation, now: datetime) -> ColumnElement[bool]:
    """True of a row of `cases` that is in this situation, if it is open."""
    return _SITUATIONS[situation](now)


def _unheld(now: datetime) -> ColumnElement[bool]:  # noqa: ARG001 - asked in one way
    return cases.c.holder == NOBODY


def _away(now: datetime) -> ColumnElement[bool]:
    today = day_of(now)
    away = select(absences.c.account).where(absences.c.first_day <= today, absences.c.last_day >= today)
    return cases.c.holder.in_(away)


def _left(now: datetime) -> ColumnElement[bool]:  # noqa: ARG001
    return cases.c.holder.in_(select(accounts.c.id).where(~accounts.c.active))


def _overdue(now: datetime) -> ColumnElement[bool]:
    return cases.c.next_due < now


def _closure(now: datetime) -> ColumnElement[bool]:  # noqa: ARG001
    later = book.alias()
    settled = exists().where(
        later.c.reference == book.c.reference,
        later.c.version > book.c.version,
        later.c.tag.in_(_tags("closure_rejected", "case_closed")),
    )
    proposed = select(book.c.reference).where(book.c.tag.in_(_tags("closure_proposed")), ~settled)
    return cases.c.reference.in_(proposed)


def _refused(now: datetime) -> ColumnElement[bool]:  # noqa: ARG001
    """Back at intake, and as many referrals came back as were sent: none is open, none came to anything."""
    unwilling = _tags("referral_refused", "referral_expired")
    asked = select(book.c.reference).where(book.c.tag.in_(unwilling))
    return and_(
        cases.c.step == Step.INTAKE,
        cases.c.reference.in_(asked),
        _count("referral_sent") == _count("referral_refused", "referral_expired", "referral_withdrawn"),
    )


def _count(*events: str) -> ColumnElement[int]:
    return (
        select(func.count())
        .where(book.c.reference == cases.c.reference, book.c.tag.in_(_tags(*events)))
        .correlate(cases)
        .scalar_subquery()
    )


def _tags(*events: str) -> list[str]:
    """Every version of the tags of these events."""
    return [tag for tag in EVENTS if tag.partition(".")[0] in events]


_SITUATIONS: Mapping[Situation, Callable[[datetime], ColumnElement[bool]]] = {
    Situation.UNHELD: _unheld,
    Situation.AWAY: _away,
    Situation.LEFT: _left,
    Situation.REFUSED: _refused,
    Situation.CLOSURE: _closure,
    Situation.OVERDUE: _overdue,
}
