"""The teams of a territory, as whoever watches over it sees them."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.exchange.sweep import Finding
from domain.values import Value
from domain.vocabulary import Situation

if TYPE_CHECKING:
    from models.loads import Load


class SituationView(Value):
    """The number of open cases in a situation: as many as the list of that situation has."""

    situation: Situation
    count: int


class LoadView(Value):
    """The open cases that somebody holds. Never a measure of a person: cases differ."""

    organisation: str
    holder: str
    """Empty for cases that nobody holds."""
    cases: int
    stalled: int
    overdue: int
    """Cases on which something was due before now."""
    away_until: date | None
    """The last day of the absence that goes on today."""
    has_left: bool

    @classmethod
    def of(cls, load: "Load", away_until: date | None, *, has_left: bool) -> "LoadView":
        """The view of this load."""
        return cls(**vars(load), away_until=away_until, has_left=has_left)


class SweptView(Value):
    """The last sweep: its counts are those of the installation, its findings those of cases that the reader sees."""

    started_at: datetime
    finished_at: datetime | None
    cases: int
    findings: tuple[Finding, ...]


class TeamView(Value):
    """What needs whoever watches over a territory."""

    situations: tuple[SituationView, ...]
    loads: tuple[LoadView, ...]
    """By organisation, then by name."""
    sweep: SweptView | None
    """None before the first sweep."""
