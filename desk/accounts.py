"""Accounts: the list of those that may act, and adding one."""

from desk.office import Office
from desk.views.account import AccountsView, AccountView
from domain.actors import Actor
from domain.errors import Invalid, Refused
from domain.permissions import require_operator
from domain.reference import METROPOLISES
from domain.vocabulary import Role
from models import accounts

ACCOUNT_ROLES = tuple(role for role in Role if role not in (Role.SYSTEM, Role.COMPLAINANT))
"""The roles that an account may have: the system's own actors are in the code, and complainants have no account."""


def active_accounts(office: Office, actor: Actor) -> AccountsView:
    """Every active account, by name. Open to every account: each may have to name another."""
    with office.reading() as tx:
        return AccountsView(accounts=tuple(AccountView.of(account) for account in accounts.all_accounts(tx)))


def add_account(office: Office, actor: Actor, account: Actor) -> AccountView:
    """Adds an account.

    Raises Refused for anybody but the operator, and when the name is taken; Invalid for a role that no account may
    have, and for a metropolis that the reference data do not have.
    """
    require_operator(actor)
    _require_known_codes(account)
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


def _require_known_codes(account: Actor) -> None:
    for field, code, allowed in (
        ("role", account.role, ACCOUNT_ROLES),
        ("metropolis", account.metropolis, (None, *METROPOLISES)),
    ):
        if code not in allowed:
            raise Invalid(
                "unknown_code",
                "{field} is not one of the known codes.",
                "It is one of: {expected}.",
                field=field,
                expected=", ".join(filter(None, allowed)),
            )
