"""The alerts that ask for a decision."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from domain.errors import Problem
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


class CauseView(Value):
    """The standing alerts of one kind and level."""

    kind: DeadlineKind
    level: Level
    count: int


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
    """A page of the standing alerts, highest and oldest first: one for each thing awaited, at the highest level."""

    total: int
    """Number of alerts on all pages."""
    causes: tuple[CauseView, ...]
    """The same number by cause: the highest level first, then the most frequent."""
    alerts: tuple[AlertView, ...]
    next: int | None
    """The offset of the next page; None on the last one."""
    undelivered: int
    """Number of mails that did not arrive, for those who oversee others' cases; 0 for everybody else."""
    denied: tuple[DeniedView, ...] = ()
    """Accounts that were refused often in an hour of the last week, for auditors and overseers."""


@dataclass(frozen=True)
class RefusedAnswer:
    """An answer that was refused: its alert stands."""

    reference: str
    key: str
    problem: Problem


@dataclass(frozen=True)
class AnsweredMany:
    """The result of one decision on many alerts."""

    answered: int
    refusals: tuple[RefusedAnswer, ...]
    left: int
    """Alerts of the same cause beyond the limit, which nobody looked at."""
