"""Accounts as a list shows them, and their history."""

from datetime import datetime
from typing import Any

from domain.accounts.events import AccountLine, Standing
from domain.accounts.state import Account, Proposal
from domain.values import Value
from domain.vocabulary import Role


class ProposedView(Value):
    """A standing that waits for a second person to confirm it."""

    role: Role
    organisation: str
    metropolis: str | None
    by: str
    why: str

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposedView":
        """The view of this proposal."""
        return cls(by=proposal.by, why=proposal.why, **proposal.standing.model_dump())


class AccountView(Value):
    """An account: its role, its organisation, its metropolis unless it works for all, and whether it may act."""

    account: str
    role: Role | None
    """None for an account that is only proposed."""
    organisation: str | None
    metropolis: str | None
    active: bool
    proposed: ProposedView | None = None

    @classmethod
    def of(cls, account: Account) -> "AccountView":
        """The view of this account."""
        standing = account.standing
        return cls(
            account=account.account,
            role=standing and standing.role,
            organisation=standing and standing.organisation,
            metropolis=standing and standing.metropolis,
            active=account.active,
            proposed=ProposedView.of(account.proposal) if account.proposal else None,
        )


class AccountsView(Value):
    """Accounts, by name."""

    accounts: tuple[AccountView, ...]


class ClosedView(Value):
    """A closed account, and the number of open cases that it held."""

    account: AccountView
    to: str | None
    """Who takes them over; None for nobody yet."""
    cases: int
    started: bool
    """True if the hand-over has begun; otherwise the next round begins it, within the hour."""
    programs: tuple[str, ...] = ()
    """The programs that it had given access to, and that have none any more."""


class AccountLineView(Value):
    """A line of the history of an account."""

    number: int
    at: datetime
    account: str
    what: str
    by: str
    why: str | None = None
    standing: Standing | None = None
    alone: bool = False
    """True if a second person was called for, and nobody else was there."""
    others: dict[str, str]
    """What else the line says, by name."""

    @classmethod
    def of(cls, line: AccountLine) -> "AccountLineView":
        """The view of this line."""
        said: dict[str, Any] = line.what.model_dump(mode="json")
        known = {name: said.pop(name) for name in ("why", "standing", "alone") if said.get(name) is not None}
        tag = str(said.pop("tag"))
        others = {name: str(value) for name, value in said.items() if value is not None and name not in known}
        return cls(number=line.number, at=line.at, account=line.account, what=tag, by=line.by, others=others, **known)


class AccountHistoryView(Value):
    """The history of one account or of all, oldest first."""

    lines: tuple[AccountLineView, ...]
