"""A case as somebody sees it: as it stands or stood, what is due on it, and its history."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from desk.views.next_step import NextStepView
from desk.views.seen import as_seen, to_be_seen
from domain.audience import Summary
from domain.case import Case
from domain.changes import Change
from domain.events import EVENTS, Entry
from domain.law.limitation import LimitationClock, Nature
from domain.law.remaining import Chance, Remaining
from domain.next_steps import NextStep
from domain.parts.alert import Alert
from domain.parts.base import Event, Occurrence
from domain.time.deadline import Deadline
from domain.values import Value
from domain.vocabulary import Audience, ClosureReason, DeadlineKind, Door, Level, Outcome, PieceStatus, Role
from words import Words


class DeadlineView(Value):
    """One of our own deadlines, with how it was counted in the reader's language."""

    kind: DeadlineKind
    clock: str
    """The id of the clock that it ends."""
    level: Level
    due: datetime
    part: str | None
    """The id of the referral, piece or filing that it is about."""
    counted: str
    days: int | None
    """The number of working days counted, unless `counted` says otherwise."""
    times: int
    """1, or more for a repetition."""
    key: str
    """The key of the alert that it becomes."""

    @classmethod
    def of(cls, deadline: Deadline, words: Words) -> "DeadlineView":
        """The view of this deadline."""
        counted = words.say(deadline.counted, days="" if deadline.days is None else deadline.days)
        return cls(**dict(deadline) | {"counted": counted}, key=deadline.key)


class RunningLimitView(Value):
    """A time limit of the law that keeps running while a filing is under way."""

    code: str
    action: str
    """Its name in the reader's language: the act that it is for."""
    deadline_prudent: date | None
    deadline_legal: date | None
    texts: tuple[str, ...] = ()
    """Remarks on the texts that it rests on: not read here, or other by its last day."""

    @classmethod
    def of(cls, limit: LimitationClock, words: Words) -> "RunningLimitView":
        """The view of this time limit."""
        return cls(
            code=limit.code,
            action=words.limit(limit.code),
            deadline_prudent=limit.deadline_prudent,
            deadline_legal=limit.deadline_legal,
            texts=tuple(words.sentence(sentence) for sentence in limit.texts),
        )


class LimitView(Value):
    """A time limit of the law with its whole count, in the reader's language."""

    code: str
    action: str
    body: str
    nature: Nature
    start: date | None
    assumed: str | None
    """The reason for which another day stands for the starting point that the law names, when it does."""
    deadline_legal: date | None
    deadline_prudent: date | None
    worst_case: date | None
    counted: tuple[str, ...]
    basis: str
    to_be_verified: bool
    table_version: str
    presumed: bool
    """Not known to be closed: open until somebody says what is not known."""
    route: str
    """Source for which the route is open; empty where a jurist opened it."""
    route_read: bool
    """False if nobody here has read that source."""
    texts: tuple[str, ...]
    """Remarks on the texts that it rests on: not read here, or other by its last day."""

    @classmethod
    def of(cls, limit: LimitationClock, words: Words) -> "LimitView":
        """The view of this time limit."""
        worded = {
            "action": words.limit(limit.code),
            "body": words.limit_body(limit.code),
            "assumed": words.sentence(limit.assumed) if limit.assumed else None,
            "counted": tuple(words.sentence(sentence) for sentence in limit.counted),
            "texts": tuple(words.sentence(sentence) for sentence in limit.texts),
        }
        return cls(**dict(limit) | worded)

    @property
    def start_unknown(self) -> bool:
        """True if its starting point is not known: it may be over, and no date can be promised."""
        return self.nature is not Nature.UNDATED and self.start is None


class RemainingLimitView(Value):
    """A time limit that a case can still meet."""

    code: str
    action: str
    """Its name in the reader's language: the act that it is for."""
    body: str
    chance: Chance
    deadline_prudent: date | None
    deadline_legal: date | None

    @classmethod
    def of(cls, remaining: Remaining, words: Words) -> "RemainingLimitView":
        """The view of this time limit."""
        limit = remaining.limit
        return cls(
            code=limit.code,
            action=words.limit(limit.code),
            body=words.limit_body(limit.code),
            chance=remaining.chance,
            deadline_prudent=limit.deadline_prudent,
            deadline_legal=limit.deadline_legal,
        )


class UnsoughtView(Value):
    """Pieces that nobody asked for, with the reason that was given for them all."""

    status: PieceStatus
    """WANTED where nobody said why."""
    reason: str | None
    pieces: tuple[str, ...]
    """Their names in the reader's language."""

    @classmethod
    def every(cls, case: Case, words: Words) -> "tuple[UnsoughtView, ...]":
        """The pieces of a case that were never sought: first those that nobody explained."""
        alike: dict[tuple[PieceStatus, str | None], list[str]] = {}
        for piece in case.pieces:
            if piece.was_never_sought:
                alike.setdefault((piece.status, piece.said), []).append(words.piece(piece.id, piece.label))
        unexplained_first = sorted(alike.items(), key=lambda group: group[0][0] is not PieceStatus.WANTED)
        return tuple(cls(status=status, reason=why, pieces=tuple(names)) for (status, why), names in unexplained_first)


class ClosureReviewView(Value):
    """A closure that is proposed, with what its countersigner has to know before deciding."""

    reason: ClosureReason
    outcome: Outcome
    last_known_fact: str
    proposed_by: str | None
    proposed_at: datetime
    remaining: tuple[RemainingLimitView, ...]
    """The time limits that are not surely over on the day of the look, the sure ones first."""
    unsought: tuple[UnsoughtView, ...]
    """The pieces that were never asked for: not explained, or given up with a reason."""

    @classmethod
    def of(cls, case: Case, remaining: Iterable[Remaining], words: Words) -> "ClosureReviewView | None":
        """The view of the closure that is proposed for this case; None if none is."""
        if (proposed := case.proposed_closure) is None:
            return None
        return cls(
            reason=proposed.reason,
            outcome=proposed.outcome,
            last_known_fact=proposed.last_known_fact,
            proposed_by=proposed.proposed_by,
            proposed_at=proposed.at,
            remaining=tuple(RemainingLimitView.of(limit, words) for limit in remaining),
            unsought=UnsoughtView.every(case, words),
        )


if TYPE_CHECKING:
    SeenEvent = Event

    class SeenCase(Case):
        """A case as it is seen: wider than a case, as not everybody is shown when it was opened, and what moved it."""

        opened_at: datetime | None = None  # type: ignore[assignment]
        progress: Occurrence | None = None  # type: ignore[assignment]
        last_contact_at: datetime | None = None  # type: ignore[assignment]
else:
    SeenCase = as_seen(Case)
    SeenEvent = Annotated[reduce(or_, map(as_seen, EVENTS.values())), Field(discriminator="tag")]


class CaseView(SeenCase):
    """A case with what is derived from it: open pieces, deadlines, commands for this reader, running time limits.

    Outside the team, what its reader may not see is blank: empty, None, or a dash for a text. So it is in its parts:
    there `complaint.channel`, `complaint.criteria` and the `version` of an occurrence may be None, too.
    """

    audience: Audience
    summary: Summary | None
    """What is told outside the team instead of the whole; None for the team."""

    stalled: bool
    open: tuple[str, ...]
    """The pieces that keep it from being closed for lack of proof."""
    agenda: tuple[DeadlineView, ...]
    offered: tuple[str, ...]
    """The names of the commands that the reader can ask now."""
    time_limits: tuple[RunningLimitView, ...]
    """The time limits that a filing under way does not stop."""
    closure_review: ClosureReviewView | None
    """The closure that is proposed, for whoever countersigns it."""
    next_steps: tuple[NextStepView, ...]
    """The steps that come first for the reader, or the day before which none does."""

    @classmethod
    def of(
        cls,
        case: Case,
        agenda: Iterable[Deadline],
        offered: Iterable[str],
        limits: Iterable[LimitationClock],
        words: Words,
        *,
        audience: Audience = Audience.TEAM,
        summary: Summary | None = None,
        review: ClosureReviewView | None = None,
        next_steps: Iterable[NextStep] = (),
    ) -> "CaseView":
        """The view of this case, worded in the reader's language."""
        # Not validated again: an old case may hold codes that have left the reference data since.
        return cls.model_construct(
            **{name: to_be_seen(held) for name, held in case},
            audience=audience,
            summary=summary,
            stalled=case.is_stalled,
            open=tuple(piece.id for piece in case.pieces if piece.is_unexplained),
            agenda=tuple(DeadlineView.of(deadline, words) for deadline in agenda),
            offered=tuple(offered),
            next_steps=tuple(NextStepView.of(step, words) for step in next_steps),
            time_limits=tuple(RunningLimitView.of(limit, words) for limit in limits),
            closure_review=review,
        )


class AgendaView(Value):
    """Our own deadlines on a case, and every time limit of the law."""

    reference: str
    deadlines: tuple[DeadlineView, ...]
    time_limits: tuple[LimitView, ...]


class EntryView(Value):
    """A line of a history: an event, who did it, and when."""

    version: int
    tag: str
    actor: str
    role: Role
    organisation: str
    happened_at: datetime
    recorded_at: datetime
    command_id: str
    event: SeenEvent
    door: Door
    """The way by which the actor came."""

    @classmethod
    def of(cls, entry: Entry) -> "EntryView":
        """The view of this line."""
        return cls.model_construct(
            version=entry.version,
            tag=entry.what,
            actor=entry.who,
            role=entry.actor.role,
            organisation=entry.actor.organisation,
            happened_at=entry.happened_at,
            recorded_at=entry.recorded_at,
            command_id=entry.command_id,
            event=to_be_seen(entry.event),
            door=entry.door,
        )


class HistoryView(Value):
    """A history, from its first line on."""

    entries: tuple[EntryView, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "HistoryView":
        """The view of these lines."""
        return cls.model_construct(entries=tuple(map(EntryView.of, entries)))


class ChangeView(Value):
    """A value that differs between two moments. None stands for one that did not exist yet, or no longer does."""

    path: str
    before: Any
    after: Any
    names: tuple[Any, ...] = Field(default=(), exclude=True)
    """The path in a form for people: facts (`domain.telling.Fact`)."""
    told: tuple[Any, Any] = Field(default=(None, None), exclude=True)
    """Both values in that form."""

    @classmethod
    def of(cls, change: Change) -> "ChangeView":
        """The view of this change."""
        return cls.model_construct(
            path=".".join(change.path),
            before=change.before,
            after=change.after,
            names=change.names,
            told=change.told,
        )


class ReplayView(Value):
    """A case as it stood at a moment, with its lines until then, and its differences from another moment if named."""

    reference: str
    version: int
    moment: datetime
    policy_version: int
    case: CaseView
    alerts: tuple[Alert, ...]
    history: tuple[EntryView, ...]
    differences: tuple[ChangeView, ...] | None
    last_version: int = Field(default=0, exclude=True)
    """The version of the last line of the whole history."""
    compared: tuple[EntryView, EntryView] | None = Field(default=None, exclude=True)
    """The last line of the earlier moment and that of the later, where two are compared."""
