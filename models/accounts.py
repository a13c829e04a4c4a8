"""Accounts: who may act, in which role, for which organisation."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import Row

from domain.actors import Actor
from domain.errors import Action, NotFound
from models.tables import AccountRow, accounts


def _actor(row: Row[Any]) -> Actor:
    return Actor.model_validate(
        {"account": row.id, "role": row.role, "organisation": row.organisation, "metropolis": row.metropolis}
    )


def actor_named(tx: Connection, account: str, field: str = "as") -> Actor:
    """The actor behind an active account. Raises NotFound when there is none of that name, blaming `field` for it."""
    row = tx.execute(select(accounts).where(accounts.c.id == account, accounts.c.active)).first()
    if row is None:
        raise no_such_account(account, field)
    return _actor(row)


def all_accounts(tx: Connection) -> list[Actor]:
    """Every active account, by name."""
    return [_actor(row) for row in tx.execute(select(accounts).where(accounts.c.active).order_by(accounts.c.id))]


def every_name(tx: Connection) -> frozenset[str]:
    """The name of every account, those that have left included: what they did and hold is still there."""
    return frozenset(tx.execute(select(accounts.c.id)).scalars())


def no_such_account(account: str, field: str, close: Sequence[str] = ()) -> NotFound:
    """The error for an account that does not exist. `field` named it; `close` are names that may have been meant."""
    return NotFound(
        "no_such_account",
        "There is no account named {account}.",
        "Did you mean {close}?" if close else "Look for it in the list of accounts.",
        field=field,
        action=None if close else Action.LIST_ACCOUNTS,
        account=account[:40],
        close=", ".join(close),
    )


def add_account(tx: Connection, actor: Actor) -> bool:
    """Adds an account; False when the name is taken."""
    if tx.execute(select(accounts.c.id).where(accounts.c.id == actor.account)).first():
        return False
    row = AccountRow(id=actor.account, role=actor.role, organisation=actor.organisation, metropolis=actor.metropolis)
    tx.execute(insert(accounts), [row.model_dump()])
    return True
