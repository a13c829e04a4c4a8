"""The checklist of a case: each leg of the proof, what each kind of court asks for, and every piece."""

from datetime import date

from domain.values import Value
from domain.vocabulary import Leg, Party, PieceStatus, Standard, Standing, Weight


class LeverView(Value):
    """A way of obtaining a piece."""

    code: str
    label: str
    """Its name, in the reader's language."""
    basis: str
    """The text of law that it rests on."""
    letter: bool
    """True if a letter is signed for it."""


class PieceView(Value):
    """A piece of the proof, with its state, its use and the ways of obtaining it."""

    id: str
    label: str
    """Its name, in the reader's language."""
    status: PieceStatus
    open: bool
    """True while it is neither received, nor refused, nor explained."""
    legs: tuple[Leg, ...]
    strength: int
    """1 context, 2 indication, 3 strong indication."""
    usual: bool
    """True if it usually helps with these grounds and acts; if not, it is likely to be waived."""
    perishable: bool
    perishes_on: date | None
    """The last day on which it can safely be asked for, when a day is known."""
    why: str | None
    held_by: str | None
    delay: str | None
    caution: str | None
    levers: tuple[LeverView, ...]
    from_whom: Party | None
    lever: str | None
    letter: str | None
    due: date | None
    silent_since: date | None
    """The last day for an answer, if it has passed without one."""
    refused: bool
    silent: bool
    said: str | None


class LegView(Value):
    """A leg of the proof, and the ids of its pieces."""

    leg: Leg
    pieces: tuple[str, ...]
    weight: Weight
    """The strongest piece at hand."""
    indications: tuple[str, ...]
    """The pieces that were refused or met with silence."""
    assessed: Standing | None
    """The last assessment of a jurist."""


class StandardView(Value):
    """A kind of court, and the legs of the proof that are not yet as strong as it asks."""

    standard: Standard
    open: bool
    """True if this case can come before such a court at all."""
    unmet: tuple[Leg, ...]
    basis: str
    """The text of law that it rests on."""


class ChecklistView(Value):
    """The state of the proof of a case on one day."""

    reference: str
    version: int
    day: date
    open: tuple[str, ...]
    """The pieces that keep the case from closing for lack of proof."""
    legs: tuple[LegView, ...]
    standards: tuple[StandardView, ...]
    pieces: tuple[PieceView, ...]
    texts: tuple[str, ...] = ()
    """Remarks on the texts of levers and standards: not read here, or not in force."""
