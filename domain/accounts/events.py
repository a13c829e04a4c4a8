"""The history of the accounts: what can happen to one, and the chain that its lines form.

One chain for all accounts of an installation. A released tag never changes: when an event must say more, add `name.2`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from domain.actors import Actor
from domain.log.chain import canonical
from domain.values import AccountId, OrganisationId, Text, Value
from domain.vocabulary import Role

SCHEME = "aboutir.account.1"


class Standing(Value):
    """The standing of an account: its role, its organisation, and its metropolis unless it works for all."""

    role: Role
    organisation: OrganisationId
    metropolis: str | None = None

    @classmethod
    def of(cls, actor: Actor) -> Standing:
        """The standing with which an account acts."""
        return cls(role=actor.role, organisation=actor.organisation, metropolis=actor.metropolis)

    def actor(self, account: str) -> Actor:
        """The account of that name, acting with this standing."""
        return Actor(account=account, role=self.role, organisation=self.organisation, metropolis=self.metropolis)


class _Given(Value):
    standing: Standing
    why: Text
    alone: bool = False
    """True if a second person would have had to confirm it, and nobody else was there."""


class AccountOpened(_Given):
    """An account was opened: by somebody or, for one that was there before this history, taken over."""

    tag: Literal["account_opened.1"] = "account_opened.1"


class AccountChanged(_Given):
    """An open account was given another standing."""

    tag: Literal["account_changed.1"] = "account_changed.1"


class AccountReopened(_Given):
    """A closed account was opened again."""

    tag: Literal["account_reopened.1"] = "account_reopened.1"


class AccountClosed(Value):
    """An account was closed: it does nothing from then on, and its open cases are handed over."""

    tag: Literal["account_closed.1"] = "account_closed.1"
    why: Text
    to: AccountId | None = None
    """Who takes its open cases over; None for nobody yet."""


class ChangeProposed(Value):
    """A standing was proposed, which somebody else has to confirm. It replaces what was proposed before."""

    tag: Literal["account_proposed.1"] = "account_proposed.1"
    standing: Standing
    why: Text


class ProposalConfirmed(Value):
    """A second person has confirmed what was proposed: it takes effect."""

    tag: Literal["account_confirmed.1"] = "account_confirmed.1"
    proposal: int
    """The number of the line in which it was proposed."""


class ProposalRejected(Value):
    """What was proposed was rejected: nothing changes."""

    tag: Literal["account_rejected.1"] = "account_rejected.1"
    proposal: int
    why: Text


class Delegated(Value):
    """The account said when it is away and who stands in for it; the same first day again replaces what was said."""

    tag: Literal["account_delegated.1"] = "account_delegated.1"
    first_day: date
    last_day: date
    delegate: AccountId


class DelegationCancelled(Value):
    """The account is not away after all."""

    tag: Literal["account_delegation_cancelled.1"] = "account_delegation_cancelled.1"
    first_day: date


AccountEvent = (
    AccountOpened
    | AccountChanged
    | AccountReopened
    | AccountClosed
    | ChangeProposed
    | ProposalConfirmed
    | ProposalRejected
    | Delegated
    | DelegationCancelled
)
EVENT: TypeAdapter[AccountEvent] = TypeAdapter(Annotated[AccountEvent, Field(discriminator="tag")])


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line of the history of the accounts: everything that its hash covers."""

    number: int
    """Counts all lines from 1, without gaps."""
    account: str
    by: str
    by_role: str
    by_organisation: str
    at: datetime
    after: int
    """The number of the last line of the book at that moment: clocks may differ, this order does not."""
    event: bytes
    """The event as JSON: exactly the bytes that are hashed."""

    def hash(self, previous: bytes) -> bytes:
        """SHA-256 over a canonical JSON array: the hash of the line before, then the fields of this one."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        event = hashlib.sha256(self.event).hexdigest()
        fields = (self.number, self.account, self.by, self.by_role, self.by_organisation, at, self.after, event)
        return hashlib.sha256(canonical(SCHEME, previous.hex(), *fields)).digest()

    @property
    def what(self) -> AccountEvent:
        """The event. Raises ValueError for one that this version does not know."""
        return EVENT.validate_json(self.event)
