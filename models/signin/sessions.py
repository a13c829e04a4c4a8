"""Sessions: made, resolved with their account in one query, ended. An ended one leaves no row."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import Row

from domain.actors import Actor
from domain.signin.kept import Session
from domain.signin.lifetime import NOTED_EVERY, Life, Limits, begun, is_alive
from domain.signin.tokens import Kind, digest_of, new_token
from domain.vocabulary import Means
from models.signin.tables import sessions
from models.tables import accounts

_WITH_ACCOUNT = select(sessions, accounts.c.role, accounts.c.organisation, accounts.c.metropolis).join(
    accounts, accounts.c.id == sessions.c.account
)


def make(
    tx: Connection, account: str, means: Means, device: str, at: datetime, limits: Limits, *, enrols: bool = False
) -> tuple[str, str]:
    """Makes a session; gives its token, which nobody can be told again, and its id. Those that ran out are deleted."""
    prune(tx, at, limits)
    token, id, life = new_token(Kind.SESSION), secrets.token_hex(8), begun(at, limits)
    row = {
        "token": digest_of(token),
        "id": id,
        "account": account,
        "means": means,
        "device": device[:40],
        "enrols": enrols,
        "made_at": life.made_at,
        "used_at": life.used_at,
        "asked_at": life.asked_at,
        "ends_at": life.ends_at,
    }
    tx.execute(insert(sessions), [row])
    return token, id


def of_token(tx: Connection, token: str, at: datetime, limits: Limits) -> Session | None:
    """The session of a token; None unless it is alive and its account is open at this moment, in this transaction."""
    return _alive(tx.execute(_WITH_ACCOUNT.where(sessions.c.token == digest_of(token), accounts.c.active)), at, limits)


def of_id(tx: Connection, id: str, account: str, at: datetime, limits: Limits) -> Session | None:
    """The session of an account by its id; None unless it is alive, of this account, and the account is open."""
    own = (sessions.c.id == id, sessions.c.account == account, accounts.c.active)
    return _alive(tx.execute(_WITH_ACCOUNT.where(*own)), at, limits)


def _alive(rows: Any, at: datetime, limits: Limits) -> Session | None:
    row = rows.first()
    session = _session(row) if row is not None else None
    return session if session is not None and is_alive(session.life, at, limits) else None


def note_use(tx: Connection, id: str, at: datetime) -> None:
    """Notes that a session was used, unless it was noted within the minute by somebody else."""
    stale = (sessions.c.id == id, sessions.c.used_at <= at - NOTED_EVERY)
    tx.execute(update(sessions).where(*stale).values(used_at=at))


def note_asked(tx: Connection, id: str, at: datetime) -> None:
    """Notes that the person of a session was asked again, and showed that it was them."""
    tx.execute(update(sessions).where(sessions.c.id == id).values(asked_at=at))


def of_account(tx: Connection, account: str, at: datetime, limits: Limits) -> list[Session]:
    """The sessions of an open account that are alive, the latest first."""
    return _listed(tx, at, limits, sessions.c.account == account)


def everybodys(tx: Connection, at: datetime, limits: Limits) -> list[Session]:
    """All sessions that are alive, the latest first."""
    return _listed(tx, at, limits)


def _listed(tx: Connection, at: datetime, limits: Limits, *which: Any) -> list[Session]:
    query = _WITH_ACCOUNT.where(accounts.c.active, *which).order_by(sessions.c.made_at.desc(), sessions.c.id)
    return [session for row in tx.execute(query) if is_alive((session := _session(row)).life, at, limits)]


def end(tx: Connection, id: str, account: str) -> bool:
    """Ends a session of an account; False if there is none of that id."""
    return tx.execute(delete(sessions).where(sessions.c.id == id, sessions.c.account == account)).rowcount == 1


def end_all_of(tx: Connection, account: str, *, but: str | None = None) -> int:
    """Ends every session of an account, but one if it is named; gives how many. Closing an account calls it."""
    which = [sessions.c.account == account] + ([sessions.c.id != but] if but else [])
    return tx.execute(delete(sessions).where(*which)).rowcount


def end_all(tx: Connection) -> int:
    """Ends every session of everybody; gives how many."""
    return tx.execute(delete(sessions)).rowcount


def prune(tx: Connection, at: datetime, limits: Limits) -> None:
    """Deletes the sessions that ran out."""
    tx.execute(delete(sessions).where((sessions.c.ends_at <= at) | (sessions.c.used_at <= at - limits.idle)))


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        actor=Actor.model_validate(
            {
                "account": row.account,
                "role": row.role,
                "organisation": row.organisation,
                "metropolis": row.metropolis,
            }
        ),
        means=Means[row.means],
        device=row.device,
        enrols=row.enrols,
        life=Life(row.made_at, row.used_at, row.asked_at, row.ends_at),
    )
