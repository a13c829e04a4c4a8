"""The accounts of everybody in the tests: who acts has one."""

from collections.abc import Iterable

from domain.accounts.events import AccountChanged, AccountClosed, Standing
from domain.actors import OPERATOR, Actor
from domain.vocabulary import Role
from kit.storage.database import Database
from models import account_history
from models.accounts import add_account
from tests.people import OFFICE, OFFICE_AUDITOR, PEOPLE

EVERYBODY = (*PEOPLE, OFFICE, OFFICE_AUDITOR)


def open_accounts(database: Database, people: Iterable[Actor] = EVERYBODY) -> None:
    """Opens the accounts of these people, except those that are there."""
    with database.write() as tx:
        for actor in people:
            if actor.role is not Role.SYSTEM:
                add_account(tx, actor)


def close(database: Database, *people: Actor, to: Actor | None = None) -> None:
    """Closes the accounts of these people."""
    with database.write() as tx:
        account_history.hold(tx)
        for actor in people:
            closed = AccountClosed(why="Has left.", to=to.account if to else None)
            account_history.append(tx, actor.account, OPERATOR, closed)


def change(database: Database, actor: Actor) -> None:
    """Gives the account of that name this standing."""
    with database.write() as tx:
        account_history.hold(tx)
        changed = AccountChanged(standing=Standing.of(actor), why="Has changed.")
        account_history.append(tx, actor.account, OPERATOR, changed)
