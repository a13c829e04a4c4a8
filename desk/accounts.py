"""Accounts: who may act."""

from desk.office import Office
from desk.views.account import AccountsView, AccountView
from domain.actors import Actor
from domain.errors import Refused
from domain.permissions import require_operator
from models import accounts


def active_accounts(office: Office, actor: Actor) -> AccountsView:
    """Every active account, by name. Open to every account: each may have to name another."""
    with office.reading() as tx:
        return AccountsView(accounts=tuple(AccountView.of(account) for account in accounts.all_accounts(tx)))


def add_account(office: Office, actor: Actor, account: Actor) -> AccountView:
    """Adds an account. Raises Refused for whoever is not the operator, and when the name is taken."""
    require_operator(actor)
    with office.writing() as tx:
        added = accounts.add_account(tx, account)
    if not added:
        raise Refused(
            "account_taken",
            "There is an account named {account} already.",
            "Choose another name.",
            field="account",
            account=account.account,
        )
    return AccountView.of(account)
