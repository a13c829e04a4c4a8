"""An account as a list shows it."""

from domain.actors import Actor
from domain.values import Value
from domain.vocabulary import Role


class AccountView(Value):
    """Who may act, in which role, for which organisation, where."""

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
