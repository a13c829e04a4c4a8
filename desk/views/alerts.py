"""The alerts that ask for a decision."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from domain.values import Value
from domain.vocabulary import DeadlineKind, Domain, Level, Step

if TYPE_CHECKING:
    from domain.time.lines import Told
    from models.alerts import StandingAlert
    from models.denials import Denied


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
    below: tuple[Level, ...]
    """The lower levels at which the same was told, and still asks for a decision: highest first."""
    to_nobody: bool
    """True if nobody has the role of this level there: the next level is told instead."""

    @classmethod
    def of(cls, told: "Told[StandingAlert]", *, to_nobody: bool) -> "AlertView":
        """The view of this alert, which speaks for the lower levels too."""
        shown = {name: value for name, value in asdict(told.alert).items() if name in cls.model_fields}
        return cls.model_validate(shown | {"below": told.below, "to_nobody": to_nobody})


class DeniedView(Value):
    """An hour in which one account was refused often what it has no right to."""

    account: str
    organisation: str
    began: datetime
    count: int

    @classmethod
    def of(cls, hour: "Denied") -> "DeniedView":
        """The view of this hour."""
        return cls.model_validate({name: getattr(hour, name) for name in cls.model_fields})


class AlertsView(Value):
    """The standing alerts, the highest and oldest first: one for each thing that is awaited, at the highest level."""

    total: int
    alerts: tuple[AlertView, ...]
    undelivered: int
    """Number of mails that did not arrive, for those who oversee others' cases; 0 for everybody else."""
    denied: tuple[DeniedView, ...] = ()
    """Accounts that were refused often in an hour of the last week, for auditors and overseers."""
