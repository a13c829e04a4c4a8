"""Accounts as they stand: who may act, in which role, for which organisation. Derived from their history."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import Row

from domain.accounts import giving
from domain.accounts.events import AccountClosed, AccountOpened, Standing
from domain.accounts.giving import AccountIsClosed
from domain.actors import CODE_ACTORS, OPERATOR, Actor
from domain.errors import NotFound, Refused
from domain.permissions import require_holder, sees_account
from domain.vocabulary import Role
from models import account_history
from models.tables import accounts

if TYPE_CHECKING:
    from domain.case import Case

_NAMED = select(accounts).where(accounts.c.id == bindparam("account"))
_NAMED_AND_HELD = _NAMED.with_for_update(read=True)


def _actor(row: Row[Any]) -> Actor:
    return Actor.model_validate(
        {"account": row.id, "role": row.role, "organisation": row.organisation, "metropolis": row.metropolis}
    )


def resolved(tx: Connection, actor: Actor, *, held: bool = False) -> Actor:
    """The actor as its account stands now, whatever it was when it was looked up. Whoever acts or reads passes here.

    With `held` the account cannot be closed or changed until the end of the transaction. The actors of the code itself
    are what they are. Raises NotFound for an account that is not there, Refused for a closed one.
    """
    if actor.role is Role.SYSTEM:
        if CODE_ACTORS.get(actor.account) != actor:
            raise no_such_account(actor.account, "as")
        return actor
    current = actor_named(tx, actor.account, held=held)
    return actor if current == actor else current


def actor_named(tx: Connection, account: str, field: str = "as", *, held: bool = False) -> Actor:
    """The actor behind an active account. Raises NotFound or, for a closed one, Refused, blaming `field` for it."""
    query = _NAMED_AND_HELD if held and tx.dialect.name != "sqlite" else _NAMED
    row = tx.execute(query, {"account": account}).first()
    if row is None:
        raise no_such_account(account, field)
    if not row.active:
        raise giving.closed(account, field)
    return _actor(row)


def successor_of(tx: Connection, account: str, case: Case) -> str | None:
    """Who was to take over the cases of a closed account, if they can follow this one up; None for nobody.

    Raises Refused for an account that is open: what it holds, it keeps.
    """
    with contextlib.suppress(NotFound, AccountIsClosed):
        actor_named(tx, account, "holder", held=True)
        raise Refused("holder_is_there", "{account} has not left.", "Nothing to do.", field="holder", account=account)
    closings = (line.what for line in reversed(account_history.of_account(tx, account)))
    closing = next((event for event in closings if isinstance(event, AccountClosed)), None)
    if closing is None or closing.to is None:
        return None
    try:
        require_holder(actor_named(tx, closing.to, held=True), case.organisation, case.metropolis)
    except Refused:
        return None
    return closing.to


def all_accounts(tx: Connection) -> list[Actor]:
    """Every active account, by name."""
    return [_actor(row) for row in tx.execute(select(accounts).where(accounts.c.active).order_by(accounts.c.id))]


def closed_names(tx: Connection) -> frozenset[str]:
    """The names of the accounts that have left: what they hold is still there."""
    return frozenset(tx.execute(select(accounts.c.id).where(~accounts.c.active)).scalars())


def administrators(tx: Connection) -> list[Actor]:
    """Every active administrator."""
    return [actor for actor in all_accounts(tx) if actor.role is Role.ADMINISTRATOR]


def names_shown_to(tx: Connection, actor: Actor) -> frozenset[str]:
    """The names of the accounts that a list shows this actor, those that have left included: they may hold cases."""
    rows = tx.execute(select(accounts.c.id, accounts.c.organisation, accounts.c.metropolis))
    return frozenset(row.id for row in rows if sees_account(actor, row.organisation, row.metropolis))


def no_such_account(account: str, field: str, close: Sequence[str] = ()) -> NotFound:
    """The error for an account that does not exist. `field` named it; `close` are names that may have been meant."""
    return giving.unknown(account, field, close)


def add_account(tx: Connection, actor: Actor, why: str = "Made with the installation.") -> bool:
    """Opens an account in the name of the operator, without asking the rules; False when the name is taken."""
    account_history.hold(tx)
    if account_history.state(tx, actor.account).is_known:
        return False
    account_history.append(tx, actor.account, OPERATOR, AccountOpened(standing=Standing.of(actor), why=why))
    return True
