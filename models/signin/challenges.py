"""Challenges: sent once, good for some minutes, for one purpose and one session, and used once."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from kit.crypto.vault import DataKey
from models.signin.tables import challenges

LASTS = timedelta(minutes=5)
"""Time for which a challenge can be answered: somebody looks for their key meanwhile."""
_SIZE = 32


class Purpose(StrEnum):
    """A thing that a challenge is for."""

    REGISTER = "REGISTER"
    SIGN_IN = "SIGN_IN"
    ASK_AGAIN = "ASK_AGAIN"
    SECOND_FACTOR = "SECOND_FACTOR"


def make(tx: Connection, key: DataKey, purpose: Purpose, session: str, at: datetime) -> bytes:
    """Makes a challenge for a session, or for nobody yet if that is empty. Those that ran out are deleted."""
    challenge = secrets.token_bytes(_SIZE)
    _insert(tx, key, challenge, purpose, session, at, None)
    return challenge


def use(tx: Connection, key: DataKey, challenge: bytes, purpose: Purpose, session: str, at: datetime) -> bool:
    """Uses a challenge up; False unless it was made for this purpose and session, is fresh, and was not used before."""
    which = (
        challenges.c.digest == _digest(key, challenge),
        challenges.c.purpose == purpose,
        challenges.c.session == session,
        challenges.c.expires_at > at,
    )
    return tx.execute(delete(challenges).where(*which)).rowcount == 1


def keep_secret(tx: Connection, key: DataKey, secret: str, session: str, at: datetime) -> None:
    """Keeps the secret of a second factor that a session is setting up, in place of one before."""
    tx.execute(delete(challenges).where(*_setting_up(session)))
    sealed = key.seal(secret.encode(), _place(session))
    _insert(tx, key, secrets.token_bytes(_SIZE), Purpose.SECOND_FACTOR, session, at, sealed)


def secret_of(tx: Connection, key: DataKey, session: str, at: datetime) -> str | None:
    """The secret that a session is setting up; None if there is none, or it has waited too long."""
    query = select(challenges.c.secret).where(*_setting_up(session), challenges.c.expires_at > at)
    sealed = tx.execute(query).scalar()
    return key.open(bytes(sealed), _place(session)).decode() if sealed is not None else None


def forget_secret(tx: Connection, session: str) -> bool:
    """Takes the secret away as it is put in force; False if somebody else did it first."""
    return tx.execute(delete(challenges).where(*_setting_up(session))).rowcount == 1


def _setting_up(session: str) -> tuple[ColumnElement[bool], ...]:
    return challenges.c.session == session, challenges.c.purpose == Purpose.SECOND_FACTOR


def _insert(
    tx: Connection, key: DataKey, challenge: bytes, purpose: Purpose, session: str, at: datetime, secret: bytes | None
) -> None:
    tx.execute(delete(challenges).where(challenges.c.expires_at <= at))
    row = {
        "digest": _digest(key, challenge),
        "purpose": purpose,
        "session": session,
        "secret": secret,
        "expires_at": at + (LASTS if secret is None else 3 * LASTS),
    }
    tx.execute(insert(challenges), [row])


def _digest(key: DataKey, challenge: bytes) -> str:
    return key.commitment(b"challenge|" + challenge).hex()


def _place(session: str) -> str:
    return f"second factor|{session}"
