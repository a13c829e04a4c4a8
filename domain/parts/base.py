"""The types that the parts of a case are made of: Part, Command, Event, and the occurrence that starts a clock."""

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
    """The fact that starts a clock: its version in the history, when it happened, when it was recorded."""

    version: int
    happened_at: datetime
    recorded_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The occurrence that this line of the history records."""
        return cls(version=entry.version, happened_at=entry.happened_at, recorded_at=entry.recorded_at)


class Chapter(IntEnum):
    """The groups of a list of the parts of a case, in their order."""

    PEOPLE = auto()
    """Consents and referrals."""
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
    """A part of a case as a line of a list: its id, its kind, its subject, its state."""

    id: str
    noun: str
    about: Fact
    state: Fact = None
    urgent: bool = False


class Part(Value):
    """A part of a case. Each kind says once, in its class, what it is called and what lists show of it.

    A field says beside its type how a change of it is named (`domain.telling.Heading`), and by its type whether it is
    personal (`domain.values.Written`).
    """

    noun: ClassVar[str]
    """The name of this kind of part, as a message."""
    chapter: ClassVar[Chapter] = Chapter.COURSE

    def line(self) -> PartLine | None:
        """The part in a list; None for one that no list shows."""
        return None

    @classmethod
    def lines(cls, parts: Sequence[Self]) -> Iterator[PartLine]:
        """The lines of a list for all parts of this kind: one for each, unless the kind overrides this."""
        for part in parts:
            if (line := part.line()) is not None:
                yield line


class Named(Protocol):
    """A part that has an id of its own within its case."""

    @property
    def id(self) -> str: ...


P = TypeVar("P", bound=Named)


def find_part(parts: tuple[P, ...], id: str, field: str) -> P:
    """The part with this id. Raises Refused, naming `field`, when the case has none."""
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
"""Sets of steps at which a command may be asked, besides the usual OPEN_STEPS."""


class Command(Value):
    """A request to a case. `happened_at` is when it happened, if that was not just now; it is never in the future."""

    kind: str
    steps: ClassVar[frozenset[Step]] = OPEN_STEPS
    """The steps of a case at which it may be asked."""
    volatile_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields that differ each time the same command is sent. They are ignored when two sendings are compared."""
    irreversible: ClassVar[bool] = False
    """True if it cannot be undone as if it had never been: whoever asks it names the version on which they decided."""
    action: ClassVar[Action | None] = None
    """The action by which people ask for it, where they do not submit the command itself."""
    happened_at: Instant | None = None

    @classmethod
    def name(cls) -> str:
        """The command's name everywhere: in the engine, on the command line, in the book."""
        return str(cls.model_fields["kind"].default)

    @classmethod
    def explained(cls) -> str:
        """The line that explains it to people: the first of its docstring. Its first clause can stand alone."""
        return (cls.__doc__ or "").partition("\n")[0]


class Event(Value):
    """A fact of a case. Its fields say beside their types how they are told in its line (`domain.telling.Says`)."""

    tag: str
    progress: ClassVar[bool] = False
    """True if it advances the case, so that the clock of a case that does not move starts again."""
    in_clear: ClassVar[bool] = False
    """True if it holds nothing of a person, and must stay readable when the rest of the case no longer is."""
