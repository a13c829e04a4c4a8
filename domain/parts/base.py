"""What the parts of a case are made of: commands, events, and the occurrence that starts a clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, auto
from typing import TYPE_CHECKING, ClassVar, Protocol, Self, TypeVar

from domain.errors import Action, Refused
from domain.telling import Fact
from domain.values import Instant, Value
from domain.vocabulary import OPEN_STEPS, Step

if TYPE_CHECKING:
    from domain.events import Entry


class Occurrence(Value):
    """The fact that starts a clock: which it is, when it happened, when it was recorded."""

    version: int
    happened_at: datetime
    recorded_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The occurrence that this line of the history records."""
        return cls(version=entry.version, happened_at=entry.happened_at, recorded_at=entry.recorded_at)


class Chapter(IntEnum):
    """Where a list of the parts of a case has them."""

    PEOPLE = auto()
    """Who has agreed to it, and whom it was passed to."""
    LAW = auto()
    """Time limits of the law."""
    LETTERS = auto()
    """Letters and filings that were sent, and their answers."""
    PROOF = auto()
    WARNINGS = auto()
    COURSE = auto()
    """Pauses and closures."""


@dataclass(frozen=True)
class PartLine:
    """A part of a case in a list: its id, what it is, what it is about, where it stands."""

    id: str
    noun: str
    about: Fact
    state: Fact = None
    urgent: bool = False


class Part(Value):
    """A part of a case. It says here, once, what it is called and what lists show of it.

    A field says beside its type how a change of it is named (`domain.telling.Heading`), and by its type whether it is
    personal (`domain.values.Written`).
    """

    noun: ClassVar[str]
    """What one is called, as a message."""
    chapter: ClassVar[Chapter] = Chapter.COURSE

    def line(self) -> PartLine | None:
        """The part in a list; None for one that no list shows."""
        return None

    @classmethod
    def lines(cls, parts: Sequence[Self]) -> Iterator[PartLine]:
        """All parts of this kind in a list: a line for each, if nothing else is said."""
        for part in parts:
            if (line := part.line()) is not None:
                yield line


class Named(Protocol):
    """A part that has a name of its own within its case."""

    @property
    def id(self) -> str: ...


P = TypeVar("P", bound=Named)


def find_part(parts: tuple[P, ...], id: str, field: str) -> P:
    """The part of that name. Raises Refused, naming `field`, when the case has none."""
    for part in parts:
        if part.id == id:
            return part
    raise Refused(
        "unknown_part",
        "This case has no {id}.",
        "Look at the case: its parts are listed with their names.",
        field=field,
        action=Action.SHOW_CASE,
        id=id,
    )


CLOSED = frozenset({Step.CLOSED})


NOT_ERASED = OPEN_STEPS | CLOSED


class Command(Value):
    """Something asked. `happened_at` is when it happened, if that was not just now; it is never in the future."""

    kind: str
    steps: ClassVar[frozenset[Step]] = OPEN_STEPS
    made_anew: ClassVar[frozenset[str]] = frozenset()
    """Fields that are others each time the same thing is asked."""
    action: ClassVar[Action | None] = None
    """The action that prepares it or asks it in its stead."""
    happened_at: Instant | None = None

    @classmethod
    def name(cls) -> str:
        """The command's name everywhere: in the engine, on the command line, in the book."""
        return str(cls.model_fields["kind"].default)

    @classmethod
    def explained(cls) -> str:
        """What it does, to whom, on what terms: a line whose first clause can stand alone."""
        return (cls.__doc__ or "").partition("\n")[0]


class Event(Value):
    """A fact of a case. Its fields say beside their types how they are told in its line (`domain.telling.Says`)."""

    tag: str
    progress: ClassVar[bool] = False
    in_clear: ClassVar[bool] = False
    """Holds nothing of a person, and must be readable when all else of the case is not."""
