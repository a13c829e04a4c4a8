"""Accounts: who may act, in which role, for which organisation."""

from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import Row

from domain.errors import NotFound
from domain.events import Actor
from models.tables import AccountRow, accounts


def _actor(row: Row[Any]) -> Actor:
    said = {"account": row.id, "role": row.role, "organisation": row.organisation, "metropolis": row.metropolis}
    return Actor.model_validate(said)


def actor_named(tx: Connection, account: str) -> Actor:
    """The actor that an active account is; NotFound when there is none of that name."""
    row = tx.execute(select(accounts).where(accounts.c.id == account, accounts.c.active)).first()
    if row is None:
        raise NotFound(
            "no_such_account",
            "There is no account named {account}.",
            "List them with: starter.py accounts.",
            field="as",
            account=account[:40],
        )
    return _actor(row)


def all_accounts(tx: Connection) -> list[Actor]:
    """Every active account, by name."""
    return [_actor(row) for row in tx.execute(select(accounts).where(accounts.c.active).order_by(accounts.c.id))]


def add_account(tx: Connection, actor: Actor) -> bool:
    """Adds an account; False when the name is taken."""
    if tx.execute(select(accounts.c.id).where(accounts.c.id == actor.account)).first():
        return False
    row = AccountRow(id=actor.account, role=actor.role, organisation=actor.organisation, metropolis=actor.metropolis)
    tx.execute(insert(accounts), [row.model_dump()])
    return True
