"""Clients of the API: programs of organisations. Of the secret of each its digest is kept."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row

from domain.signin.kept import Client
from domain.signin.tokens import Kind, digest_of, new_token
from models.signin.tables import clients


def issue(
    tx: Connection,
    name: str,
    organisation: str,
    metropolis: str | None,
    scopes: Iterable[str],
    made_by: str,
    at: datetime,
    expires_at: datetime,
) -> tuple[str, Client]:
    """Makes a client; gives its token, which nobody can be told again, and what is kept of it."""
    token, id = new_token(Kind.CLIENT), secrets.token_hex(8)
    row = {
        "id": id,
        "secret": digest_of(token),
        "name": name,
        "organisation": organisation,
        "metropolis": metropolis,
        "scopes": " ".join(sorted(scopes)),
        "made_by": made_by,
        "made_at": at,
        "expires_at": expires_at,
        "revoked_at": None,
    }
    tx.execute(insert(clients), [row])
    return token, _client(tx.execute(select(clients).where(clients.c.id == id)).one())


def of_token(tx: Connection, token: str, at: datetime) -> Client | None:
    """The client of a token; None unless it is good."""
    good = (clients.c.secret == digest_of(token), clients.c.expires_at > at, clients.c.revoked_at.is_(None))
    row = tx.execute(select(clients).where(*good)).first()
    return _client(row) if row is not None else None


def by_id(tx: Connection, id: str) -> Client | None:
    """A client, revoked or not; None if there is none of that id."""
    row = tx.execute(select(clients).where(clients.c.id == id)).first()
    return _client(row) if row is not None else None


def every(tx: Connection) -> list[Client]:
    """All clients, the latest first."""
    return [_client(row) for row in tx.execute(select(clients).order_by(clients.c.made_at.desc(), clients.c.id))]


def revoke(tx: Connection, id: str, at: datetime) -> bool:
    """Revokes a client for good; False if it was revoked before."""
    living = (clients.c.id == id, clients.c.revoked_at.is_(None))
    return tx.execute(update(clients).where(*living).values(revoked_at=at)).rowcount == 1


def _client(row: Row[Any]) -> Client:
    return Client(
        id=row.id,
        name=row.name,
        organisation=row.organisation,
        metropolis=row.metropolis,
        scopes=frozenset(row.scopes.split()),
        made_by=row.made_by,
        made_at=row.made_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
