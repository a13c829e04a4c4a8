"""A choice among cases: by where they stand, by who holds them, and by what they are about."""

from dataclasses import dataclass

from domain.reference import METROPOLISES
from domain.vocabulary import Situation


@dataclass(frozen=True)
class Filter:
    """A choice of cases. A field that is None leaves none out."""

    step: str | None = None
    holder: str | None = None
    domain: str | None = None
    territory: str | None = None
    """MEL, AMP, or the code of a commune or a priority neighbourhood: with all that lies in it."""
    stalled: bool = False
    organisation: str | None = None
    """The organisation that holds it."""
    situation: Situation | None = None
    """Only open cases in this situation."""
    is_open: bool = False

    @property
    def tells_more(self) -> bool:
        """True if a case is listed by something that a summary of it leaves out."""
        return (
            self.stalled
            or self.situation is not None
            or (self.territory is not None and self.territory not in METROPOLISES)
        )
