"""What passes between whoever asks, the workflow and the book: a question, its answer, what was committed."""

import hashlib
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from domain.actors import Actor
from domain.case import Case
from domain.commands import AnyCommand
from domain.complaint import Complaint
from domain.errors import Refused
from domain.events import Entry
from domain.parts.intake import ComplaintOpened, Open
from domain.values import CommandId, Reference, Value, Version
from domain.vocabulary import Step


class Ask(Value):
    """A command with who asks it. The command id makes it unique: sent twice, it counts once."""

    command: AnyCommand
    command_id: CommandId
    actor: Actor
    expected_version: Version | None = None
    """The version that whoever asks was looking at: if the case has moved on since, the command is refused."""

    @property
    def digest(self) -> str:
        """What is asked and by whom, in 16 letters: the same id with another digest is another thing.

        What is as it would be anyway is left out: a field that a later version of the code adds changes nothing.
        """
        content = self.command.model_dump_json(exclude_defaults=True, exclude=set(self.command.made_anew))
        said = "\n".join((self.actor.account, self.command.kind, content))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def id_taken() -> Refused:
    """The refusal of a command whose id stands for something else."""
    return Refused(
        "command_id_taken",
        "This command id was used for something else already.",
        "Give each command an id of its own (a UUID).",
        field="id",
    )


class Opening(Ask):
    """The first thing that is asked of a case."""

    command: Open

    @classmethod
    def recorded(cls, first: Entry) -> Self:
        """What was asked when the first line of a history was written. ValueError if it is not one."""
        if not isinstance(first.event, ComplaintOpened):
            raise ValueError(f"a history starts with complaint_opened, not {first.event.tag}")
        return cls(command=Open(complaint=first.event.complaint), command_id=first.command_id, actor=first.actor)


NOWHERE = "-"


class Shown(Value):
    """What the engine's own pages show of a case: codes and a flag, in clear, nothing of a person."""

    step: str
    domain: str
    territory: str
    stalled: bool

    @classmethod
    def at_opening(cls, complaint: Complaint) -> Self:
        """What is shown when the case starts."""
        place = complaint.facts.place
        territory = place.commune or place.neighbourhood or NOWHERE
        return cls(step=Step.INTAKE, domain=complaint.domain, territory=territory, stalled=False)

    @classmethod
    def of(cls, case: Case) -> Self:
        """What is shown of a case as it stands."""
        return cls.at_opening(case.complaint).model_copy(update={"step": case.step.value, "stalled": case.is_stalled})


class Receipt(Value):
    """The answer to a command: what it became. The events are in the book by then."""

    reference: str
    version: int
    step: Step
    events: tuple[str, ...]
    """The tags of the events that the command became."""
    # Left out while it says nothing, as in the histories of cases that began before it.
    asked: Annotated[str, Field(exclude_if=lambda said: not said)] = ""
    """The digest of what was asked. Whoever asks something else under the same id is given this answer, and sees it."""


class CommitRequest(Value):
    """What the workflow asks of the book: decide this command and write down what it becomes."""

    reference: str
    known_version: int
    """Up to where the workflow knows the history: it is told everything after."""
    ask: Ask
    at: datetime
    """The workflow's time. It is the time of record: timers, book and replays agree."""


class Committed(Value):
    """What the book answers."""

    receipt: Receipt
    entries: tuple[Entry, ...]
    """Every line that the workflow does not know yet."""
    next_due: datetime | None
    """The soonest deadline of the case under today's policy."""
    shown: Shown
    """Decided here and not in the workflow, so that another definition of "stalled" cannot break its replay."""
    mails: tuple[str, ...] = ()
    """Mails about the case that its workflow is to have sent."""
    more: Annotated[bool, Field(exclude_if=lambda more: not more)] = False
    """Whether lines are left that one answer could not carry: to be asked for again, knowing these."""

    def and_then(self, rest: Self) -> Self:
        """This answer and the one that goes on where it ends, as one."""
        mails = tuple(dict.fromkeys(self.mails + rest.mails))
        return rest.model_copy(update={"entries": self.entries + rest.entries, "mails": mails})


class Trace(Value):
    """The least that is remembered of a recent line: enough to know a command again and to say what changed."""

    version: int
    command_id: str
    what: str
    who: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """What is remembered of this line."""
        return cls(version=entry.version, command_id=entry.command_id, what=entry.what, who=entry.who)


class CaseState(Value):
    """What a workflow run hands to the next one, or to another engine."""

    case: Case
    recent: tuple[Trace, ...]
    next_due: datetime | None
    shown: Shown
    opened: Receipt
    mails: tuple[str, ...] = ()
    """The mails that were being sent when the run ended."""


class CaseStart(Value):
    """How a case's workflow starts: from a complaint, or from the state of the run before it."""

    reference: Reference
    opening: Opening
    state: CaseState | None = None
