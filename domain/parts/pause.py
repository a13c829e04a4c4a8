"""Pauses: the stall clocks stand still, the law's never do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Refused
from domain.levels import OVERSEERS
from domain.parts.base import Command, Event, Occurrence, Part, PartLine
from domain.parts.registry import applies, decides, where
from domain.telling import Heading, Says, phrase
from domain.time.policy import ALONE
from domain.values import Day, Text, Written, day_of
from domain.vocabulary import PauseReason

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class PausePeriod(Part):
    """A stretch of time in which the stall clocks stand still."""

    noun = "Pause"

    reason: PauseReason
    from_day: date
    until: Annotated[date, Heading("until")]
    """Its last day, as planned."""
    started: Occurrence
    ended_on: Annotated[date | None, Heading("ended")] = None

    @property
    def last_day(self) -> date | None:
        """The last day on which the clocks stood still; None while they do. Work goes on on the day of a resumption."""
        if self.ended_on is None or self.ended_on >= self.until:
            return self.ended_on
        return self.ended_on - timedelta(days=1)

    def line(self) -> PartLine:
        if self.last_day is None:
            return PartLine("", self.noun, self.reason, phrase("until {value}", value=self.until))
        days = max(0, (self.last_day - self.from_day).days + 1)
        return PartLine(
            "", self.noun, self.reason, phrase("ended: {days} days from {first}", days=days, first=self.from_day)
        )


class Pause(Command):
    """Stop the stall clocks until a date, for a reason. Legal time limits go on running."""

    volatile_fields = frozenset({"alone"})
    kind: Literal["pause"] = "pause"
    reason: PauseReason
    until: Day
    comment: Text
    alone: Annotated[int | None, Field(exclude_if=lambda days: days is None)] = None
    """Calendar days for which one person may pause a case. The book fills in what the policy says."""


class Resume(Command):
    """End a pause before its date."""

    kind: Literal["resume"] = "resume"
    comment: Text


class CasePaused(Event):
    tag: Literal["case_paused.1"] = "case_paused.1"
    reason: PauseReason
    until: Annotated[date, Says("until {value}")]
    comment: Written


class CaseResumed(Event):
    tag: Literal["case_resumed.1"] = "case_resumed.1"
    comment: Written | None = None
    """None when the pause ended by its date."""


LONGEST_PAUSE = timedelta(days=183)
"""A pause, or an extension, has a maximum of about six months: what sleeps longer is closed, or decided upon again."""


def _not_paused(case: Case, actor: Actor, at: datetime) -> None:
    if case.pause is not None:
        raise Refused(
            "already_paused",
            "The case is already paused until {until}.",
            "Resume it first.",
            until=case.pause.until.isoformat(),
        )


@decides(Pause, where(_not_paused))
def pause(case: Case, command: Pause, actor: Actor, at: datetime) -> list[Event]:
    _not_paused(case, actor, at)
    from_day = day_of(at)
    if not from_day < command.until <= from_day + LONGEST_PAUSE:
        raise Refused(
            "pause_length",
            "A pause lasts from one day to {days} days.",
            "Give an end date between {first} and {last}.",
            field="until",
            days=LONGEST_PAUSE.days,
            first=(from_day + timedelta(days=1)).isoformat(),
            last=(from_day + LONGEST_PAUSE).isoformat(),
        )
    _looked_at_by_another(case, command, actor, (command.until - from_day).days)
    return [CasePaused(reason=command.reason, until=command.until, comment=command.comment)]


def _looked_at_by_another(case: Case, command: Pause, actor: Actor, days: int) -> None:
    """Refuses a long pause to whoever holds the case, and to whoever oversees none: another decides on it."""
    alone = ALONE if command.alone is None else command.alone
    if days > alone and (actor.role not in OVERSEERS or actor.account == case.holder):
        raise Refused(
            "pause_alone",
            "A pause of more than {days} days is decided on by a supervisor who does not hold the case.",
            "Give an earlier end date, or ask a supervisor.",
            field="until",
            days=alone,
        )


@applies(CasePaused)
def case_paused(case: Case, event: CasePaused, entry: Entry) -> dict[str, Any]:
    period = PausePeriod(
        reason=event.reason, from_day=day_of(entry.happened_at), until=event.until, started=Occurrence.of(entry)
    )
    return {"pauses": (*case.pauses, period)}


def _paused(case: Case, actor: Actor, at: datetime) -> None:
    if case.pause is None:
        raise Refused("not_paused", "The case is not paused.", "Nothing to do.")


@decides(Resume, where(_paused))
def resume(case: Case, command: Resume, actor: Actor, at: datetime) -> list[Event]:
    _paused(case, actor, at)
    return [CaseResumed(comment=command.comment)]


@applies(CaseResumed)
def case_resumed(case: Case, event: CaseResumed, entry: Entry) -> dict[str, Any]:
    running = case.pauses[-1]
    ended = max(running.from_day, min(day_of(entry.happened_at), running.until))
    return {"pauses": (*case.pauses[:-1], running.model_copy(update={"ended_on": ended}))}
