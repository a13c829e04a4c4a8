"""The rules of the accounts: who may open, change and close which, and what a second person has to confirm."""

from __future__ import annotations

from collections.abc import Iterable

from domain.accounts.events import (
    AccountChanged,
    AccountClosed,
    AccountEvent,
    AccountOpened,
    AccountReopened,
    ChangeProposed,
    ProposalConfirmed,
    ProposalRejected,
    Standing,
)
from domain.accounts.state import Account, Proposal
from domain.actors import CODE_ACTORS, Actor, is_reserved
from domain.errors import Action, Invalid, NotFound, Refused
from domain.permissions import HOLDERS, in_territory
from domain.reference import METROPOLISES
from domain.vocabulary import Role

ACCOUNT_ROLES = tuple(role for role in Role if role not in (Role.SYSTEM, Role.COMPLAINANT))
"""The roles that an account may have: the system's own actors are in the code, and complainants have no account."""

GUARDED = frozenset({Role.SUPERVISOR, Role.PLAN_LEAD, Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles that are given by two people wherever there are two."""


def open_account(by: Actor, account: Account, standing: Standing, why: str, others: Iterable[Actor]) -> AccountEvent:
    """Opens an account, or proposes it. `others` are the active administrators. Raises Refused or Invalid."""
    if account.is_known or account.account in CODE_ACTORS or is_reserved(account.account):
        raise Refused(
            "account_taken",
            "There is an account named {account} already.",
            "Choose another name.",
            field="account",
            account=account.account,
        )
    _require_known_codes(standing)
    require_administers(by, standing.metropolis)
    return _given(AccountOpened, by, account, standing, why, others)


def change(by: Actor, account: Account, standing: Standing, why: str, others: Iterable[Actor]) -> AccountEvent:
    """Gives an open account another standing, or proposes it. Raises Refused or Invalid."""
    before = _touched(by, account)
    _require_open(account)
    if standing == before:
        raise Refused("account_unchanged", "{account} is so already.", "Nothing to do.", account=account.account)
    _require_known_codes(standing)
    require_administers(by, standing.metropolis)
    return _given(AccountChanged, by, account, standing, why, others)


def reopen(by: Actor, account: Account, why: str, others: Iterable[Actor]) -> AccountEvent:
    """Opens a closed account again as it was, or proposes it. Raises Refused."""
    standing = _touched(by, account)
    if account.active:
        raise Refused("account_open", "{account} is open.", "Nothing to do.", field="account", account=account.account)
    return _given(AccountReopened, by, account, standing, why, others)


def close(by: Actor, account: Account, why: str, to: Account | None) -> AccountClosed:
    """Closes an account. It takes no second person: somebody who has to be locked out is locked out at once.

    Raises Refused, also when `to` could not take its cases over.
    """
    standing = require_administered(by, account)
    _require_open(account)
    if to is not None:
        _require_can_take_over(account, standing, to)
    return AccountClosed(why=why, to=to.account if to else None)


def confirm(by: Actor, account: Account) -> ProposalConfirmed:
    """Confirms what somebody else has proposed for an account. Raises Refused."""
    proposal = _pending(account)
    _require_may_decide(by, account, proposal)
    if by.account in (proposal.by, account.account) or by.role is not Role.ADMINISTRATOR:
        raise Refused(
            "second_person",
            "This takes a second person: neither {by} nor {account} can confirm it.",
            "Ask another administrator of the same metropolis.",
            field="as",
            by=proposal.by,
            account=account.account,
        )
    return ProposalConfirmed(proposal=proposal.number)


def reject(by: Actor, account: Account, why: str) -> ProposalRejected:
    """Rejects what was proposed for an account; whoever proposed it takes it back so. Raises Refused."""
    proposal = _pending(account)
    _require_may_decide(by, account, proposal)
    return ProposalRejected(proposal=proposal.number, why=why)


def is_handed_over_by_two(by: Actor, account: Account, others: Iterable[Actor]) -> bool:
    """True if the way into an account is handed over in two halves: whoever had it whole could go in themselves.

    Like the role itself, it is given by one where there is no second, and by whoever runs the service.
    """
    standing = account.standing
    if standing is None or standing.role not in GUARDED or by.role is Role.SYSTEM:
        return False
    return any(_could_confirm(other, by, account, standing) for other in others)


def takes_two(before: Standing | None, after: Standing) -> bool:
    """True if a second person has to confirm that somebody goes from one standing to another."""
    return after.role in GUARDED and after != before


def administers(actor: Actor, metropolis: str | None) -> bool:
    """True if this actor looks after the accounts of a metropolis; None stands for those that work for all."""
    if actor.role is Role.SYSTEM:
        return True
    return actor.role is Role.ADMINISTRATOR and (actor.metropolis is None or actor.metropolis == metropolis)


def looks_into(actor: Actor, account: str, standing: Standing) -> bool:
    """True if this actor may read the history of an account: its own, or one that it administers or audits."""
    audits = actor.role is Role.AUDITOR and in_territory(actor, standing.metropolis)
    return actor.account == account or audits or administers(actor, standing.metropolis)


def require_keeps_cases(before: Account, after: Standing, held: int) -> None:
    """Refuses a standing with which an account could not follow up the open cases that it holds."""
    standing = before.standing
    if not held or standing is None:
        return
    if standing.organisation == after.organisation and (after.role == standing.role or after.role in HOLDERS):
        return
    raise Refused(
        "account_holds_cases",
        "{account} holds open cases ({count}), which it could not follow up any more.",
        "Give them to somebody else first, or close the account, which hands them over.",
        field="account",
        account=before.account,
        count=held,
    )


def _given(
    kind: type[AccountOpened] | type[AccountChanged] | type[AccountReopened],
    by: Actor,
    account: Account,
    standing: Standing,
    why: str,
    others: Iterable[Actor],
) -> AccountEvent:
    if not takes_two(account.standing if account.active else None, standing):
        return kind(standing=standing, why=why)
    if any(_could_confirm(other, by, account, standing) for other in others):
        return ChangeProposed(standing=standing, why=why)
    return kind(standing=standing, why=why, alone=True)


def _could_confirm(other: Actor, by: Actor, account: Account, standing: Standing) -> bool:
    metropolises = {standing.metropolis} | ({account.standing.metropolis} if account.standing else set())
    is_another = other.account not in (by.account, account.account)
    return is_another and all(administers(other, metropolis) for metropolis in metropolises)


def _touched(by: Actor, account: Account) -> Standing:
    """The standing of an account that this actor may change: never their own."""
    standing = require_administered(by, account)
    if by.account == account.account:
        raise Refused(
            "own_account",
            "Nobody changes their own account.",
            "Ask another administrator.",
            field="account",
        )
    return standing


def require_administered(by: Actor, account: Account) -> Standing:
    """The standing of an account that this actor looks after. Raises Refused, or NotFound when there is none.

    Whoever looks after no accounts is told the same of every name.
    """
    if account.standing is None and by.role in (Role.ADMINISTRATOR, Role.SYSTEM):
        raise unknown(account.account)
    if account.standing is None:
        raise _not_administrator(by)
    require_administers(by, account.standing.metropolis)
    return account.standing


def _require_may_decide(by: Actor, account: Account, proposal: Proposal) -> None:
    require_administers(by, proposal.standing.metropolis)
    if account.standing is not None:
        require_administers(by, account.standing.metropolis)


def require_administers(by: Actor, metropolis: str | None) -> None:
    """Refuses whoever does not look after the accounts of a metropolis; None stands for those that work for all."""
    if not administers(by, metropolis):
        raise _not_administrator(by)


def _not_administrator(by: Actor) -> Refused:
    return Refused(
        "not_administrator",
        "The account {account} does not look after the accounts of this metropolis.",
        "Ask one of its administrators; for an account that works for all, one who works for all.",
        field="as",
        account=by.account,
    )


def _require_open(account: Account) -> None:
    if not account.active:
        raise closed(account.account, "account")


def _pending(account: Account) -> Proposal:
    if account.proposal is None:
        raise Refused(
            "nothing_proposed",
            "Nothing is proposed for {account}.",
            "Look at its history.",
            field="account",
            account=account.account,
        )
    return account.proposal


def _require_can_take_over(leaving: Account, standing: Standing, to: Account) -> None:
    is_fit = (
        to.active
        and to.account != leaving.account
        and to.standing is not None
        and to.standing.organisation == standing.organisation
        and to.standing.role in HOLDERS
    )
    if not is_fit:
        raise Refused(
            "cannot_take_over",
            "{to} cannot take over the cases of {account}.",
            "Name a case worker or supervisor of the same organisation whose account is open, or nobody.",
            field="to",
            to=to.account,
            account=leaving.account,
        )


def _require_known_codes(standing: Standing) -> None:
    for field, code, allowed in (
        ("role", standing.role, ACCOUNT_ROLES),
        ("metropolis", standing.metropolis, (None, *METROPOLISES)),
    ):
        if code not in allowed:
            raise Invalid(
                "unknown_code",
                "{field} is not one of the known codes.",
                "It is one of: {expected}.",
                field=field,
                expected=", ".join(filter(None, allowed)),
            )


class AccountIsClosed(Refused):
    """The refusal of whatever is asked in the name of a closed account, or of it."""


def closed(account: str, field: str = "as") -> AccountIsClosed:
    """The refusal for this account. `field` named it."""
    return AccountIsClosed(
        "account_closed",
        "The account {account} is closed.",
        "Ask an administrator; they can open it again.",
        field=field,
        account=account,
    )


def unknown(account: str, field: str = "account", close: Iterable[str] = ()) -> NotFound:
    """The error for an account that does not exist. `field` named it; `close` are names that may have been meant."""
    names = ", ".join(close)
    return NotFound(
        "no_such_account",
        "There is no account named {account}.",
        "Did you mean {close}?" if names else "Look for it in the list of accounts.",
        field=field,
        action=None if names else Action.LIST_ACCOUNTS,
        account=account[:40],
        close=names,
    )
