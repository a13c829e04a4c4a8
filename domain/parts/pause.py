"""Pauses: the stall clocks stand still, the law's never do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from domain.actors import Actor
from domain.errors import Refused
from domain.parts.base import Command, Event, Occurrence, Part, PartLine
from domain.parts.registry import applies, decides, where
from domain.telling import Heading, Says, phrase
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

    def line(self) -> PartLine | None:
        if self.ended_on is not None:
            return None
        return PartLine("", self.noun, self.reason, phrase("until {value}", value=self.until))


class Pause(Command):
    """Stop the stall clocks until a date, for a reason. Legal time limits go on running."""

    kind: Literal["pause"] = "pause"
    reason: PauseReason
    until: Day
    comment: Text


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
    return [CasePaused(reason=command.reason, until=command.until, comment=command.comment)]


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
