"""The alerts that ask for a decision."""

from datetime import datetime
from typing import TYPE_CHECKING

from domain.values import Value
from domain.vocabulary import DeadlineKind, Domain, Level, Step

if TYPE_CHECKING:
    from models.alerts import StandingAlert


class AlertView(Value):
    """A standing alert, with what lists show of its case."""

    reference: str
    key: str
    """The key by which it is answered."""
    kind: DeadlineKind
    level: Level
    part: str | None
    due: datetime
    raised_at: datetime
    step: Step
    domain: Domain
    holder: str
    organisation: str

    @classmethod
    def of(cls, alert: "StandingAlert") -> "AlertView":
        """The view of this alert."""
        return cls.model_validate({name: getattr(alert, name) for name in cls.model_fields})


class DeniedView(Value):
    """An hour in which one account was refused often what it has no right to."""

    account: str
    organisation: str
    began: datetime
    count: int


class AlertsView(Value):
    """The standing alerts, the highest and oldest first."""

    total: int
    alerts: tuple[AlertView, ...]
    undelivered: int
    """Number of mails that did not arrive, for those who oversee others' cases; 0 for everybody else."""
    denied: tuple[DeniedView, ...] = ()
    """Accounts that were refused often in an hour of the last week, for auditors and overseers."""
