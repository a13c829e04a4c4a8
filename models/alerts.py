"""Alerts as lists show them: which stand, on whose cases, for whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from domain.actors import Actor
from domain.levels import HEARD_BY_BOTH, HEIGHT, LOWEST, OVERSEERS, hearing, overseen_by, role_of
from domain.messages.absence import readers
from domain.reference import territories
from domain.time.limits import OF_LIMITS, OF_THE_CLOSURE, was_over
from domain.values import NOBODY, day_of
from domain.vocabulary import DeadlineKind, Level, Role
from models.cases import cases_of_team, proposed_to_us
from models.tables import absences, accounts, alerts

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.alert import Alert

_OF_CASE = select(alerts).where(alerts.c.reference == bindparam("reference"))


def project_alerts(tx: Connection, reference: str, after: Case, before: Case | None) -> None:
    """Brings the rows of a case's alerts up to date: alerts are only ever added, or answered."""
    shown = before.alerts if before else ()
    new = [row_of(reference, alert) for alert in after.alerts[len(shown) :]]
    if new:
        tx.execute(insert(alerts), new)
    for was, now in zip(shown, after.alerts, strict=False):
        if was.answered_at != now.answered_at:
            row = row_of(reference, now)
            tx.execute(
                update(alerts)
                .where(alerts.c.reference == reference, alerts.c.key == now.key)
                .values(answered_at=row["answered_at"], answered_by=row["answered_by"], decision=row["decision"])
            )


def row_of(reference: str, alert: Alert) -> dict[str, Any]:
    """The row of an alert."""
    return {
        "reference": reference,
        "key": alert.key,
        "kind": alert.kind,
        "level": alert.level,
        "part": alert.part,
        "due": alert.due,
        "raised_at": alert.raised_at,
        "answered_at": alert.answered_at,
        "answered_by": alert.answered_by,
        "decision": alert.decision,
    }


def rows_of(tx: Connection, reference: str) -> list[dict[str, Any]]:
    """The rows of a case's alerts."""
    return [dict(row._mapping) for row in tx.execute(_OF_CASE, {"reference": reference})]


@dataclass(frozen=True)
class StandingAlert:
    """An alert that asks for a decision, with what lists show of its case."""

    reference: str
    key: str
    kind: str
    level: str
    part: str | None
    due: datetime
    raised_at: datetime
    step: str
    domain: str
    holder: str
    organisation: str
    metropolis: str | None
    opened_at: datetime


@dataclass(frozen=True)
class Which:
    """A choice among the standing alerts; by default all that an account may see."""

    mine_on: date | None = None
    """Only those addressed to the account on that day: reminders on cases it holds, and the time limits of the law
    there whatever their level, alerts of its own level and of those where nobody has the role, and those of whoever is
    absent and named it their delegate."""
    kind: DeadlineKind | None = None
    level: Level | None = None


_OF_ALERT = tuple(alerts.c[name] for name in ("reference", "key", "kind", "level", "part", "due", "raised_at"))
_HEIGHT = case({level.value: n for n, level in enumerate(reversed(Level))}, value=alerts.c.level, else_=9)
_HIGHEST_FIRST = (_HEIGHT, alerts.c.due, alerts.c.reference, alerts.c.key)


def standing_alerts(
    tx: Connection, actor: Actor, which: Which = Which(), *, limit: int | None = None
) -> list[StandingAlert]:
    """The alerts that ask for a decision on the cases this account sees whole, the highest and oldest first.

    Of a case that another metropolis proposes to its own, it sees those of the transfer. With a limit, that many.
    """
    query = _standing(tx, actor, which).order_by(*_HIGHEST_FIRST).limit(limit)
    return [StandingAlert(**row._mapping) for row in tx.execute(query)]


def count_standing(tx: Connection, actor: Actor, which: Which = Which()) -> int:
    """The number of such alerts."""
    return int(tx.execute(_standing(tx, actor, which).with_only_columns(func.count())).scalar_one())


@dataclass(frozen=True)
class Ripe:
    """The moments between which alerts are told in a digest."""

    day: date
    until: datetime
    """Those raised by then are ripe; a time limit of the law always is."""
    new_since: datetime | None
    """Those raised after are new; all of them without it."""


def to_digest(tx: Connection, actor: Actor, ripe: Ripe, limit: int) -> list[StandingAlert]:
    """The first alerts that a digest looks at: new ones before those it told already, the law's time limits first.

    What was over when the case was opened is not among them (`over_when_opened`).
    """
    old = case((_is_new(ripe), 0), else_=1)
    of_the_closure = case((alerts.c.kind.in_(OF_THE_CLOSURE), 1), else_=0)
    of_law = case((alerts.c.kind.in_(OF_LIMITS), 0), else_=1)
    query = _to_digest(tx, actor, ripe).order_by(old, of_the_closure, of_law, *_HIGHEST_FIRST).limit(limit)
    return [StandingAlert(**row._mapping) for row in tx.execute(query)]


def count_to_digest(tx: Connection, actor: Actor, ripe: Ripe) -> Counter[str]:
    """The number of all alerts that a digest could tell, by kind."""
    query = _to_digest(tx, actor, ripe).with_only_columns(alerts.c.kind, func.count()).group_by(alerts.c.kind)
    return Counter({row[0]: row[1] for row in tx.execute(query)})


def over_when_opened(tx: Connection, actor: Actor, ripe: Ripe) -> list[StandingAlert]:
    """The new alerts about what was over when its case was opened: a time limit, a proof, an active period."""
    kinds = (DeadlineKind.OVER, *OF_THE_CLOSURE)
    query = _standing(tx, actor, Which(mine_on=ripe.day)).where(
        alerts.c.kind.in_(kinds), _is_new(ripe), alerts.c.raised_at <= ripe.until
    )
    return [
        StandingAlert(**row._mapping)
        for row in tx.execute(query)
        if was_over(DeadlineKind[row.kind], row.key, day_of(row.opened_at))
    ]


def _to_digest(tx: Connection, actor: Actor, ripe: Ripe) -> Select[Any]:
    is_ripe = or_(alerts.c.raised_at <= ripe.until, alerts.c.kind.in_(OF_LIMITS))
    return _standing(tx, actor, Which(mine_on=ripe.day)).where(is_ripe, alerts.c.kind != DeadlineKind.OVER)


def _is_new(ripe: Ripe) -> ColumnElement[bool]:
    return true() if ripe.new_since is None else alerts.c.raised_at > ripe.new_since


def _standing(tx: Connection, actor: Actor, which: Which) -> Select[Any]:
    whole = cases_of_team(actor).add_columns(true().label("is_whole"))
    proposed, mine_on = proposed_to_us(actor).add_columns(false().label("is_whole")), which.mine_on
    seen = whole.union_all(proposed).subquery()
    query = (
        select(
            *_OF_ALERT,
            seen.c.step,
            seen.c.domain,
            seen.c.holder,
            seen.c.organisation,
            seen.c.metropolis,
            seen.c.opened_at,
        )
        .join(seen, seen.c.reference == alerts.c.reference)
        .where(alerts.c.answered_at.is_(None), or_(seen.c.is_whole, alerts.c.kind.in_(HEARD_BY_BOTH)))
    )
    if which.kind is not None:
        query = query.where(alerts.c.kind == which.kind)
    if which.level is not None:
        query = query.where(alerts.c.level == which.level)
    if mine_on is not None:
        away = delegating_to(tx, actor.account, mine_on)
        of_the_holder = or_(alerts.c.level == LOWEST, alerts.c.kind.in_(OF_LIMITS))
        asked = case((seen.c.is_whole, seen.c.metropolis), else_=seen.c.proposed_to)
        holds = seen.c.holder.in_({actor.account, *away})
        for_me = [and_(of_the_holder, holds)]
        overseen = overseen_by({actor.role, *away.values()})
        for metropolis, levels in peopled(tx).items():
            heard = {
                level: next(other for other in hearing(level) if other in levels)
                for level in HEIGHT
                if level is not LOWEST
            }
            here = asked.is_not_distinct_from(metropolis)
            for_me.append(and_(here, alerts.c.level.in_([level for level, by in heard.items() if by in overseen])))
            for_me.append(and_(here, holds, alerts.c.level.in_([level for level, by in heard.items() if by is LOWEST])))
        if overseen_by({actor.role}):  # of a case that is closed to some, those who are left hear all that climbs
            for_me.append(and_(seen.c.closed_to.is_not(None), alerts.c.level != LOWEST))
        if overseen:  # nobody else would be reminded
            for_me.append(and_(of_the_holder, seen.c.holder == NOBODY))
        query = query.where(or_(*for_me))
    return query


def peopled(tx: Connection) -> dict[str | None, frozenset[Level]]:
    """The levels at which somebody hears alerts, by metropolis; a case whose place is not known is everybody's.

    The lowest is always among them: whoever holds a case.
    """
    query = select(accounts.c.role, accounts.c.metropolis).where(accounts.c.active, accounts.c.role.in_(OVERSEERS))
    there = tx.execute(query.distinct()).all()
    return {
        place: frozenset(
            level
            for level in HEIGHT
            if level is LOWEST or any(row.role == role_of(level) and _covers(row.metropolis, place) for row in there)
        )
        for place in (None, *sorted({territory.metropolis for territory in territories().values()}))
    }


def _covers(territory: str | None, metropolis: str | None) -> bool:
    return territory is None or metropolis is None or territory == metropolis


def delegating_to(tx: Connection, account: str, day: date) -> dict[str, Role]:
    """The absent of that day for whom this account reads, each with their role."""
    away = away_on(tx, day)
    if account not in away.values():
        return {}
    names = {account, *away, *away.values()}
    query = select(accounts.c.id, accounts.c.role).where(accounts.c.active, accounts.c.id.in_(names))
    there = {row.id: Role[row.role] for row in tx.execute(query)}
    return {
        name: there[name]
        for name in away
        if name in there and name != account and account in readers(name, away, there)
    }


def away_on(tx: Connection, day: date) -> dict[str, str]:
    """The delegate of each account that is absent that day."""
    query = select(absences).where(absences.c.first_day <= day, absences.c.last_day >= day)
    return {row.account: row.delegate for row in tx.execute(query.order_by(absences.c.first_day))}


@dataclass(frozen=True)
class Absence:
    """The days on which an account is away, and who stands in."""

    account: str
    first_day: date
    last_day: date
    delegate: str


_ABSENCE = select(*(absences.c[name] for name in ("account", "first_day", "last_day", "delegate")))


def absences_since(tx: Connection, day: date) -> list[Absence]:
    """The absences that last at least until this day, by their first day."""
    query = _ABSENCE.where(absences.c.last_day >= day).order_by(absences.c.first_day, absences.c.account)
    return [Absence(*row) for row in tx.execute(query)]


def absence_from(tx: Connection, account: str, first_day: date) -> Absence | None:
    """The absence of an account that begins on this day."""
    row = tx.execute(_ABSENCE.where(absences.c.account == account, absences.c.first_day == first_day)).first()
    return Absence(*row) if row else None


def add_absence(tx: Connection, account: str, first_day: date, last_day: date, delegate: str) -> None:
    """Notes that somebody is away and who stands in; the same first day again replaces what was noted."""
    remove_absence(tx, account, first_day)
    row = {"account": account, "first_day": first_day, "last_day": last_day, "delegate": delegate}
    tx.execute(insert(absences), [row])


def remove_absence(tx: Connection, account: str, first_day: date) -> None:
    """Removes the absence that begins on this day. What was said of it stays in the history of the account."""
    tx.execute(delete(absences).where(absences.c.account == account, absences.c.first_day == first_day))
