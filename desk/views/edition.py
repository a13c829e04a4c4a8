"""The versions of the policy."""

from datetime import datetime
from typing import TYPE_CHECKING

from domain.time.policy import Policy
from domain.values import Value

if TYPE_CHECKING:
    from models.policies import Edition


class EditionView(Value):
    """A version of the policy: who made it, when and why. Version 0 is the one that an installation begins with."""

    version: int
    policy: Policy
    reason: str
    account: str
    made_at: datetime | None

    @classmethod
    def of(cls, edition: "Edition") -> "EditionView":
        """The view of this edition."""
        return cls.model_validate({name: getattr(edition, name) for name in cls.model_fields})


class EditionsView(Value):
    """Every version that was made, the last first."""

    editions: tuple[EditionView, ...]
