"""An account as its history tells it: the fold of its lines."""

from __future__ import annotations

from collections.abc import Iterable

from domain.accounts.events import (
    AccountChanged,
    AccountClosed,
    AccountLine,
    AccountOpened,
    AccountReopened,
    ChangeProposed,
    ProposalConfirmed,
    ProposalRejected,
    Standing,
)
from domain.values import Value


class Proposal(Value):
    """A standing that waits for a second person."""

    number: int
    """The number of its line in the history."""
    standing: Standing
    by: str
    why: str


class Account(Value):
    """Everything that is known of an account."""

    account: str
    standing: Standing | None = None
    """None for an account that was proposed and never opened."""
    active: bool = False
    proposal: Proposal | None = None

    @property
    def is_known(self) -> bool:
        """True if it was ever opened."""
        return self.standing is not None

    @property
    def standing_or_proposed(self) -> Standing | None:
        """The standing or, of an account that was never opened, the one that is proposed for it."""
        if self.standing is None and self.proposal is not None:
            return self.proposal.standing
        return self.standing


def evolve(account: Account, line: AccountLine) -> Account:
    """The account after one more line of its history."""
    match line.what:
        case AccountOpened(standing=standing) | AccountChanged(standing=standing) | AccountReopened(standing=standing):
            given = {"standing": standing, "active": True, "proposal": None}
            return account.model_copy(update=given)
        case AccountClosed():
            return account.model_copy(update={"active": False, "proposal": None})
        case ChangeProposed(standing=standing, why=why):
            proposal = Proposal(number=line.number, standing=standing, by=line.by, why=why)
            return account.model_copy(update={"proposal": proposal})
        case ProposalConfirmed(proposal=number) if account.proposal and account.proposal.number == number:
            confirmed = {"standing": account.proposal.standing, "active": True, "proposal": None}
            return account.model_copy(update=confirmed)
        case ProposalRejected(proposal=number) if account.proposal and account.proposal.number == number:
            return account.model_copy(update={"proposal": None})
    return account


def fold(lines: Iterable[AccountLine]) -> dict[str, Account]:
    """Every account that a history tells of, by name."""
    accounts: dict[str, Account] = {}
    for line in lines:
        accounts[line.account] = evolve(accounts.get(line.account) or Account(account=line.account), line)
    return accounts
