"""The file for the Defender of Rights, as a reader is shown it: what is missing, its pieces, what keeps running."""

from datetime import date
from typing import Self

from pydantic import Field

from desk.views.case import RunningLimitView
from domain.dossier import Dossier, Exhibit, Gap
from domain.errors import Action
from domain.values import Value
from words import Words


class GapView(Value):
    """Something that is missing, with its remedy, in the reader's language."""

    code: str
    blocks: bool
    """True if the file cannot be filed like this; otherwise it is only weaker."""
    message: str
    remedy: str
    action: Action | None = Field(default=None, exclude=True)
    """The action that is the remedy, or a part of it: each door says in its own way how it is done."""

    @classmethod
    def of(cls, gap: Gap, words: Words) -> Self:
        """The view of this gap."""
        message, remedy = words.sentence(gap.what), words.sentence(gap.remedy)
        return cls(code=gap.code, blocks=gap.blocks, message=message, remedy=remedy, action=gap.action)


class ExhibitView(Value):
    """A numbered piece."""

    number: int
    piece: str
    copies: tuple[str, ...]
    """The names of its copies in the ZIP."""

    @classmethod
    def of(cls, exhibit: Exhibit) -> Self:
        """The view of this exhibit."""
        names = tuple(copy.name for copy in exhibit.copies)
        return cls(number=exhibit.number, piece=exhibit.piece.id, copies=names)


class DossierView(Value):
    """The file as of a version of the case."""

    reference: str
    version: int
    day: date
    """The day on which this version was recorded."""
    blocked: bool
    gaps: tuple[GapView, ...]
    exhibits: tuple[ExhibitView, ...]
    time_limits: tuple[RunningLimitView, ...]

    @classmethod
    def of(cls, dossier: Dossier, words: Words) -> Self:
        """The view of this file."""
        return cls(
            reference=dossier.case.reference,
            version=dossier.case.version,
            day=dossier.day,
            blocked=bool(dossier.blocked),
            gaps=tuple(GapView.of(gap, words) for gap in dossier.gaps),
            exhibits=tuple(map(ExhibitView.of, dossier.exhibits)),
            time_limits=tuple(RunningLimitView.of(limit, words) for limit in dossier.limits),
        )
