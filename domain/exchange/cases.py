"""The messages between a caller, the workflow of a case and the book: a command, its receipt, what was committed."""

import hashlib
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from domain.actors import Actor
from domain.case import Case
from domain.commands import AnyCommand
from domain.complaint import Complaint
from domain.errors import Action, Refused
from domain.events import Entry
from domain.parts.intake import ComplaintOpened, Open
from domain.values import CommandId, Reference, Value, Version
from domain.vocabulary import Door, Step


class Ask(Value):
    """A command and the actor who asks it. The command id makes it unique: sent twice, it counts once."""

    command: AnyCommand
    command_id: CommandId
    actor: Actor
    expected_version: Version | None = None
    """The version that the actor was looking at: if the case has moved on since, the command is refused."""
    door: Annotated[Door, Field(exclude_if=lambda door: door is Door.LOCAL)] = Door.LOCAL
    """The way by which the actor came. No part of the digest: the same command sent again by another counts once."""
    # Left out where there is none, as in the histories of cases that began before it.
    reference: Annotated[Reference | None, Field(exclude_if=lambda reference: reference is None)] = None
    """The case that is asked. Whoever asks a case names it; only what was asked before that was the rule does not."""

    def require_of(self, reference: str) -> None:
        """Raises Refused when another case is asked than this one."""
        if self.reference is not None and self.reference != reference:
            raise other_case()

    def require_version(self) -> None:
        """Raises Refused for a decision that nothing puts right and that does not say upon which version it was taken.

        What names no case was asked before that was the rule, and is let through.
        """
        if self.command.irreversible and self.expected_version is None and self.reference is not None:
            raise version_needed(self.command.name(), self.reference)

    @property
    def digest(self) -> str:
        """16 letters that stand for the command and its actor: a command id that comes with another digest is taken.

        Fields that have their default value are left out, so that a field added in a later version changes nothing.
        """
        content = self.command.model_dump_json(exclude_defaults=True, exclude=set(self.command.volatile_fields))
        text = "\n".join((self.actor.account, self.command.kind, content))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def other_case() -> Refused:
    """The refusal of a command that was asked of another case, or of none."""
    return Refused(
        "other_case",
        "This command does not name the case that it was sent to.",
        "Send it to the case that it is about, with the version of this program that runs here.",
        field="reference",
    )


def version_needed(command: str, reference: str) -> Refused:
    """The refusal of a decision that cannot be undone, from whoever does not say what they were looking at."""
    return Refused(
        "version_needed",
        "What {command} does cannot be undone: the decision names the version of the case on which it was taken.",
        "Look at the case, then ask again with the version that was shown.",
        field="expected_version",
        action=Action.NAME_VERSION,
        command=command,
        reference=reference,
    )


def already_imported(reference: str) -> Refused:
    """The refusal of a complaint whose row in a register is that of a case which they may see."""
    return Refused(
        "already_imported",
        "This complaint was opened already, as {reference}.",
        "Nothing to do.",
        field="source",
        reference=reference,
    )


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
        """The opening of a case, from the first line of its history. ValueError if that line is no opening."""
        if not isinstance(first.event, ComplaintOpened):
            raise ValueError(f"a history starts with complaint_opened, not {first.event.tag}")
        command = Open(complaint=first.event.complaint)
        return cls(command=command, command_id=first.command_id, actor=first.actor, door=first.door)


NOWHERE = "-"


class Shown(Value):
    """The search attributes of a case in the engine's own pages: codes and a flag, in clear, nothing of a person."""

    step: str
    domain: str
    territory: str
    stalled: bool

    @classmethod
    def at_opening(cls, complaint: Complaint) -> Self:
        """The attributes of a case that starts."""
        place = complaint.facts.place
        territory = place.commune or place.neighbourhood or NOWHERE
        return cls(step=Step.INTAKE, domain=complaint.domain, territory=territory, stalled=False)

    @classmethod
    def of(cls, case: Case) -> Self:
        """The attributes of a case as it stands."""
        return cls.at_opening(case.complaint).model_copy(update={"step": case.step.value, "stalled": case.is_stalled})


class Receipt(Value):
    """The answer to a command: what it became. The events are in the book by then."""

    reference: str
    version: int
    step: Step
    events: tuple[str, ...]
    """The tags of the events that the command became."""
    # Left out while it says nothing, as in the histories of cases that began before it.
    asked: Annotated[str, Field(exclude_if=lambda digest: not digest)] = ""
    """The digest of the command. A caller who asked something else under the same id gets this receipt, and sees it."""


class CommitRequest(Value):
    """The request of a workflow to the book: decide this command and write the events that it becomes."""

    reference: str
    known_version: int
    """The last version that the workflow knows: it is told everything after."""
    ask: Ask
    at: datetime
    """The workflow's time. It is the time of record: timers, book and replays agree."""


class Committed(Value):
    """The answer of the book."""

    receipt: Receipt
    entries: tuple[Entry, ...]
    """Every line that the workflow does not know yet."""
    next_due: datetime | None
    """The soonest deadline of the case under today's policy."""
    shown: Shown
    """Decided by the book and not by the workflow, so that a change of what "stalled" means cannot break a replay."""
    mails: tuple[str, ...] = ()
    """The mails about the case that its workflow is to send."""
    more: Annotated[bool, Field(exclude_if=lambda more: not more)] = False
    """True if one answer could not carry all lines: ask again, with the last of these as known_version."""

    def and_then(self, rest: Self) -> Self:
        """Joins this answer with the one that goes on where it ends."""
        mails = tuple(dict.fromkeys(self.mails + rest.mails))
        return rest.model_copy(update={"entries": self.entries + rest.entries, "mails": mails})


class Trace(Value):
    """The little that is remembered of a recent line: enough to recognise a command and to say what changed."""

    version: int
    command_id: str
    what: str
    who: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Makes the trace of a line."""
        return cls(version=entry.version, command_id=entry.command_id, what=entry.what, who=entry.who)


class CaseState(Value):
    """The state that a workflow run hands to the next one, or to another engine."""

    case: Case
    recent: tuple[Trace, ...]
    next_due: datetime | None
    shown: Shown
    opened: Receipt
    mails: tuple[str, ...] = ()
    """The mails that were being sent when the run ended."""


class CaseStart(Value):
    """The argument of a case's workflow: a complaint, or the state of the run before."""

    reference: Reference
    opening: Opening
    state: CaseState | None = None
