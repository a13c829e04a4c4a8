"""The mails: written in the transaction of what calls for them, held by whoever sends them, settled once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, insert, not_, or_, select, true, update
from sqlalchemy.engine import Row

from domain.actors import Actor
from domain.messages.notices import Notice, name_of
from domain.parts.notice import Undelivered
from domain.permissions import READS_TERRITORY
from domain.vocabulary import MailKind, MailReason, MailState, Step
from models.cases import cases_of_team, closed_to
from models.tables import accounts, alerts, cases, mails


@dataclass(frozen=True)
class MailRecord:
    """A mail as it stands: to whom, about which alerts, and what became of it."""

    id: str
    kind: MailKind
    account: str
    instead_of: str | None
    reference: str | None
    """The case of a notice."""
    day: date | None
    """The day of a digest."""
    alerts: tuple[str, ...]
    """The keys of the alerts it was made for."""
    state: MailState
    reason: MailReason | None
    tries: int
    not_before: datetime
    trying_since: datetime | None
    """Since when it has been tried without a break."""
    tried_at: datetime | None
    settled_at: datetime | None


def _record(row: Row[Any]) -> MailRecord:
    return MailRecord(
        id=row.id,
        kind=MailKind[row.kind],
        account=row.account,
        instead_of=row.instead_of,
        reference=row.reference,
        day=row.day,
        alerts=tuple(row.alerts.splitlines()),
        state=MailState[row.state],
        reason=None if row.reason is None else MailReason[row.reason],
        tries=row.tries,
        not_before=row.not_before,
        trying_since=row.trying_since,
        tried_at=row.tried_at,
        settled_at=row.settled_at,
    )


_IS_WAITING = mails.c.state == MailState.WAITING
_IS_UNTOLD = and_(mails.c.state == MailState.UNDELIVERED, mails.c.kind == MailKind.NOTICE, mails.c.on_case.is_(false()))
_UNSETTLED = (
    select(mails.c.id)
    .where(mails.c.reference == bindparam("reference"), or_(_IS_WAITING, _IS_UNTOLD))
    .order_by(mails.c.id)
)


# --- Notices ---------------------------------------------------------------------------------------------


def post(tx: Connection, reference: str, notices: Sequence[Notice]) -> tuple[str, ...]:
    """Writes notices down, to be sent; gives their names."""
    rows = [
        _new(n.id, MailKind.NOTICE, n.account, n.not_before)
        | {"reference": reference, "instead_of": n.instead_of, "alerts": "\n".join(n.alerts)}
        for n in notices
    ]
    if rows:
        tx.execute(insert(mails), rows)
    return tuple(row["id"] for row in rows)


def _new(id: str, kind: MailKind, account: str, not_before: datetime) -> dict[str, Any]:
    return {
        "id": id,
        "kind": kind,
        "account": account,
        "instead_of": None,
        "reference": None,
        "day": None,
        "alerts": "",
        "state": MailState.WAITING,
        "tries": 0,
        "not_before": not_before,
        "on_case": False,
    }


def unsettled(tx: Connection, reference: str) -> tuple[str, ...]:
    """The notices of a case that are still to be sent, or were given up without the case telling of it."""
    return tuple(tx.execute(_UNSETTLED, {"reference": reference}).scalars())


def given_up(tx: Connection, reference: str) -> tuple[Undelivered, ...]:
    """The notices of a case that were given up and of which it does not tell yet."""
    rows = tx.execute(select(mails).where(mails.c.reference == reference, _IS_UNTOLD).order_by(mails.c.id))
    return tuple(
        Undelivered(
            mail=row.id, account=row.account, alerts=tuple(row.alerts.splitlines()), reason=MailReason[row.reason]
        )
        for row in rows
    )


def told_on_case(tx: Connection, ids: Sequence[str]) -> None:
    """Notes that the case tells of these now."""
    tx.execute(update(mails).where(mails.c.id.in_(ids)).values(on_case=True))


def drop_notices(tx: Connection, reference: str, at: datetime) -> None:
    """Settles the notices of a case that still wait: it was erased, and nothing of it is awaited any more."""
    tx.execute(
        update(mails)
        .where(mails.c.reference == reference, _IS_WAITING)
        .values(state=MailState.DROPPED, reason=MailReason.NOT_AWAITED, settled_at=at, held_until=None)
    )


def forgotten(tx: Connection, before: datetime, limit: int, after: str = "") -> list[str]:
    """The next cases, in order, with a notice that should have been tried since `before` and was not: nobody is at it.

    A case that was erased looks at nothing any more.
    """
    overdue = or_(
        and_(_IS_WAITING, mails.c.not_before < before, or_(mails.c.tried_at.is_(None), mails.c.tried_at < before)),
        and_(_IS_UNTOLD, mails.c.settled_at < before),
    )
    erased = select(cases.c.reference).where(cases.c.step == Step.ERASED)
    query = (
        select(mails.c.reference)
        .where(mails.c.kind == MailKind.NOTICE, overdue, mails.c.reference.not_in(erased), mails.c.reference > after)
        .distinct()
        .order_by(mails.c.reference)
        .limit(limit)
    )
    return [str(reference) for reference in tx.execute(query).scalars()]


# --- Digests ---------------------------------------------------------------------------------------------


def digest_of(tx: Connection, account: str, day: date, at: datetime) -> MailRecord:
    """The digest of an account for a day, made now if it was not there yet.

    Raises IntegrityError when somebody else makes it at this very moment.
    """
    id = name_of("digest", account, day)
    digest = find(tx, id)
    if digest is None:
        tx.execute(insert(mails), [_new(id, MailKind.DIGEST, account, at) | {"day": day}])
        digest = find(tx, id)
    assert digest is not None  # noqa: S101 - it was just written
    return digest


def settled_digests(tx: Connection, day: date) -> set[str]:
    """The accounts whose digest of that day was sent, or needs not be any more."""
    query = select(mails.c.account).where(mails.c.day == day, mails.c.state != MailState.WAITING)
    return set(tx.execute(query).scalars())


def last_digest(tx: Connection, account: str) -> datetime | None:
    """The moment at which an account was last sent a digest."""
    query = (
        select(mails.c.settled_at)
        .where(mails.c.account == account, mails.c.kind == MailKind.DIGEST, mails.c.state == MailState.SENT)
        .order_by(mails.c.settled_at.desc())
        .limit(1)
    )
    return tx.execute(query).scalar()


def close_past_digests(tx: Connection, today: date, at: datetime) -> None:
    """Gives up the digests of past days: today's holds everything that was in them."""
    over = and_(mails.c.kind == MailKind.DIGEST, mails.c.day < today, _IS_WAITING)
    tx.execute(
        update(mails)
        .where(over)
        .values(state=MailState.UNDELIVERED, reason=MailReason.DAY_OVER, settled_at=at, held_until=None)
    )


# --- Sending ---------------------------------------------------------------------------------------------


def find(tx: Connection, id: str) -> MailRecord | None:
    """A mail by its name."""
    row = tx.execute(select(mails).where(mails.c.id == id)).first()
    return _record(row) if row else None


def hold(tx: Connection, id: str, at: datetime, since: datetime, now: datetime, until: datetime) -> bool:
    """Takes a waiting mail in hand for a while; False when somebody else has it.

    `at` and `since` (when the tries began) are the engine's time, which the row keeps; `now` and `until` are those of
    the clock on the wall.
    """
    free = or_(mails.c.held_until.is_(None), mails.c.held_until <= now)
    done = tx.execute(
        update(mails)
        .where(mails.c.id == id, _IS_WAITING, free)
        .values(held_until=until, trying_since=since, tried_at=at, tries=mails.c.tries + 1)
    )
    return done.rowcount == 1


def release(tx: Connection, id: str, held: datetime | None, reason: MailReason) -> None:
    """Lets go of a mail that was not taken, to be tried again; not of one that somebody else holds by now."""
    still_held = mails.c.held_until.is_not_distinct_from(held)
    tx.execute(update(mails).where(mails.c.id == id, _IS_WAITING, still_held).values(held_until=None, reason=reason))


def settle(tx: Connection, id: str, state: MailState, reason: MailReason | None, at: datetime) -> None:
    """Notes what became of a mail, for good."""
    tx.execute(
        update(mails)
        .where(mails.c.id == id, _IS_WAITING)
        .values(state=state, reason=reason, settled_at=at, held_until=None)
    )


# --- Looking ---------------------------------------------------------------------------------------------


FAILING = 500
"""Mails that did not arrive which are told at once. There are more when an address or a server has failed for days."""


def failing(tx: Connection, actor: Actor, since: date, limit: int = FAILING) -> list[MailRecord]:
    """The first mails that a supervisor should know have not arrived, and no more of them than a limit.

    Digests given up since a day and, on the cases they see whole, notices that were not delivered, or not yet, while an
    alert that they tell of stands.
    """
    seen = cases_of_team(actor).subquery()
    standing = select(alerts.c.reference, alerts.c.key).where(alerts.c.answered_at.is_(None))
    of_case = mails.c.reference.in_(select(seen.c.reference))
    not_there = or_(
        mails.c.state == MailState.UNDELIVERED, and_(_IS_WAITING, mails.c.tries > 0, mails.c.reason.is_not(None))
    )
    query = select(mails).where(not_there, or_(of_case, and_(mails.c.day >= since, _in_sight(actor))))
    query = query.order_by(mails.c.not_before, mails.c.id).limit(limit)
    told: list[MailRecord] = []
    read = 0
    while len(told) < limit and (rows := tx.execute(query.offset(read)).all()):
        read += len(rows)
        records = [_record(row) for row in rows]
        theirs = standing.where(alerts.c.reference.in_({mail.reference for mail in records if mail.reference}))
        stand = {(row.reference, row.key) for row in tx.execute(theirs)}
        told += [mail for mail in records if mail.day or any((mail.reference, key) in stand for key in mail.alerts)]
    return told[:limit]


def list_mails(
    tx: Connection, actor: Actor, *, state: MailState | None = None, reference: str | None = None, limit: int = 100
) -> list[MailRecord]:
    """Mails, the latest first: one's own and, for whoever watches over a territory, those of its cases and people.

    Digests that had nothing to say are left out.
    """
    seen = cases_of_team(actor).subquery()
    watched = or_(mails.c.reference.in_(select(seen.c.reference)), _in_sight(actor))
    closed = mails.c.reference.in_(closed_to(tx, actor))
    mine = and_(mails.c.account == actor.account, or_(mails.c.reference.is_(None), not_(closed)))
    query = select(mails).where(
        or_(mine, watched) if actor.role in READS_TERRITORY else mine,
        mails.c.reason.is_distinct_from(MailReason.NOTHING_TO_SAY),
    )
    if state is not None:
        query = query.where(mails.c.state == state)
    if reference is not None:
        query = query.where(mails.c.reference == reference)
    return [_record(row) for row in tx.execute(query.order_by(mails.c.not_before.desc(), mails.c.id).limit(limit))]


def _in_sight(actor: Actor) -> ColumnElement[bool]:
    """The digests of the accounts of an actor's metropolis."""
    here = or_(accounts.c.metropolis.is_(None), accounts.c.metropolis == actor.metropolis)
    within = true() if actor.metropolis is None else here
    return and_(mails.c.kind == MailKind.DIGEST, mails.c.account.in_(select(accounts.c.id).where(within)))


A_WEEK = timedelta(days=7)
"""For how long a digest that was given up is told of."""
