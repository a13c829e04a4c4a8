"""Tokens with which an auditor may have the engine's own pages show a case. Only their digests are kept."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from domain.actors import Actor
from domain.vocabulary import Role
from models.accounts import actor_named
from models.tables import decoders


def make_token(tx: Connection, actor: Actor, lasts: timedelta) -> str:
    """Makes a token for an account, and deletes those that have run out. Nobody can be told it again."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    tx.execute(delete(decoders).where(decoders.c.expires_at < now))
    row = {"token": digest_of(token), "account": actor.account, "made_at": now, "expires_at": now + lasts}
    tx.execute(insert(decoders), [row])
    return token


def bearer(tx: Connection, token: str) -> Actor | None:
    """The bearer of a token; None unless it is still good and belongs to somebody who is still an auditor."""
    row = tx.execute(select(decoders).where(decoders.c.token == digest_of(token))).first()
    if row is None or row.expires_at < datetime.now(UTC):
        return None
    actor = actor_named(tx, row.account)
    return actor if actor.role is Role.AUDITOR else None


def revoke(tx: Connection, token: str) -> None:
    """Takes a token back."""
    tx.execute(delete(decoders).where(decoders.c.token == digest_of(token)))


def digest_of(token: str) -> str:
    """The digest under which a token is kept. A token is long and random: a plain digest cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()
