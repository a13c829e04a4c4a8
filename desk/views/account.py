"""An account as a list shows it."""

from domain.actors import Actor
from domain.values import Value
from domain.vocabulary import Role


class AccountView(Value):
    """An account that may act: its role, its organisation, and its metropolis unless it works for all."""

    account: str
    role: Role
    organisation: str
    metropolis: str | None

    @classmethod
    def of(cls, actor: Actor) -> "AccountView":
        """The view of this account."""
        return cls(**actor.model_dump())


class AccountsView(Value):
    """Accounts, by name."""

    accounts: tuple[AccountView, ...]
