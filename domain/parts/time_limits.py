"""Time limits of the law: what a jurist enters about them, corrects and takes back. Nothing else moves them.

What is entered is looked at here and not where it is read: a table that changes must leave every old entry readable.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from domain.actors import Actor
from domain.counting import Mode
from domain.errors import Refused
from domain.law.entered import KnownStart, Toll
from domain.law.grounds import GROUNDS
from domain.parts.base import Chapter, Command, Event, Part, PartLine
from domain.parts.registry import applies, decides, next_id, not_after, replace, where_some
from domain.reference import limitation_periods
from domain.telling import Coded, Phrase, Table, pattern, phrase
from domain.values import PartId, Text, Written

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class EnteredToll(Part):
    """A suspension or an interruption that a jurist entered. Retracted, it stays here and counts for nothing."""

    noun = "Suspension or interruption"
    chapter = Chapter.LAW

    id: str
    toll: Toll
    retracted: bool = False

    def line(self) -> PartLine:
        first, last = self.toll.from_day, self.toll.until
        state = pattern("{first} - {last} ({state})", first=first, last=last, state=_state(self))
        clocks = tuple(Coded(Table.LIMITS, code) for code in self.toll.clocks)
        return PartLine(self.id, self.noun, (self.toll.ground, clocks), state)


class EnteredStart(Part):
    """The starting point of a time limit that a jurist entered. Retracted, it stays here and counts for nothing."""

    noun = "Starting point"
    chapter = Chapter.LAW

    id: str
    start: KnownStart
    retracted: bool = False

    def line(self) -> PartLine:
        state = pattern("{day} ({state})", day=self.start.on, state=_state(self))
        return PartLine(self.id, self.noun, Coded(Table.LIMITS, self.start.clock), state)


def _state(entered: EnteredToll | EnteredStart) -> Phrase:
    return phrase("taken back" if entered.retracted else "standing")


class RecordStart(Command):
    """Enter the day from which a time limit of the law runs: a notification, a judgment, the revelation."""

    kind: Literal["record_start"] = "record_start"
    start: KnownStart


class CorrectStart(Command):
    """Correct a starting point that was entered: the whole entry as it should read, and why."""

    kind: Literal["correct_start"] = "correct_start"
    entry: PartId
    start: KnownStart
    reason: Text


class RetractStart(Command):
    """Take back a starting point that was entered by mistake: what the complaint tells stands again."""

    kind: Literal["retract_start"] = "retract_start"
    entry: PartId
    reason: Text


class RecordToll(Command):
    """Enter what stops time limits of the law or starts them again: the ground, the rows, from when to when."""

    kind: Literal["record_toll"] = "record_toll"
    toll: Toll


class CorrectToll(Command):
    """Correct a suspension or an interruption that was entered: the whole entry as it should read, and why."""

    kind: Literal["correct_toll"] = "correct_toll"
    entry: PartId
    toll: Toll
    reason: Text


class RetractToll(Command):
    """Take back a suspension or an interruption that was entered by mistake."""

    kind: Literal["retract_toll"] = "retract_toll"
    entry: PartId
    reason: Text


class TollRecorded(Event):
    tag: Literal["toll_recorded.1"] = "toll_recorded.1"
    id: PartId
    toll: Toll


class TollCorrected(Event):
    tag: Literal["toll_corrected.1"] = "toll_corrected.1"
    id: PartId
    toll: Toll
    reason: Written


class TollRetracted(Event):
    tag: Literal["toll_retracted.1"] = "toll_retracted.1"
    id: PartId
    reason: Written


class StartRecorded(Event):
    tag: Literal["start_recorded.1"] = "start_recorded.1"
    id: PartId
    start: KnownStart


class StartCorrected(Event):
    tag: Literal["start_corrected.1"] = "start_corrected.1"
    id: PartId
    start: KnownStart
    reason: Written


class StartRetracted(Event):
    tag: Literal["start_retracted.1"] = "start_retracted.1"
    id: PartId
    reason: Written


def _standing(case: Case, entered: EnteredToll | EnteredStart, actor: Actor, at: datetime) -> None:
    """Refuses to change what was taken back."""
    if entered.retracted:
        raise Refused(
            "entry_retracted",
            "{id} was taken back.",
            "Enter it anew.",
            field="entry",
            id=entered.id,
        )


def _tolls(case: Case) -> tuple[EnteredToll, ...]:
    return case.tolls


@decides(RecordToll)
def record_toll(case: Case, command: RecordToll, actor: Actor, at: datetime) -> list[Event]:
    _can_be(command.toll, case, at)
    return [TollRecorded(id=next_id("T", case.tolls), toll=command.toll)]


@applies(TollRecorded)
def toll_recorded(case: Case, event: TollRecorded, entry: Entry) -> dict[str, Any]:
    return {"tolls": (*case.tolls, EnteredToll(id=event.id, toll=event.toll))}


@decides(CorrectToll, where_some(_tolls, _standing))
def correct_toll(case: Case, command: CorrectToll, actor: Actor, at: datetime) -> list[Event]:
    _standing(case, case.toll(command.entry), actor, at)
    _can_be(command.toll, case, at)
    return [TollCorrected(id=command.entry, toll=command.toll, reason=command.reason)]


@applies(TollCorrected)
def toll_corrected(case: Case, event: TollCorrected, entry: Entry) -> dict[str, Any]:
    return {"tolls": replace(case.tolls, event.id, toll=event.toll)}


@decides(RetractToll, where_some(_tolls, _standing))
def retract_toll(case: Case, command: RetractToll, actor: Actor, at: datetime) -> list[Event]:
    _standing(case, case.toll(command.entry), actor, at)
    return [TollRetracted(id=command.entry, reason=command.reason)]


@applies(TollRetracted)
def toll_retracted(case: Case, event: TollRetracted, entry: Entry) -> dict[str, Any]:
    return {"tolls": replace(case.tolls, event.id, retracted=True)}


def _can_be(toll: Toll, case: Case, at: datetime) -> None:
    """Refuses what the law does not know, and what is entered already: a period that seems stopped is not looked at."""
    ground, rows = GROUNDS[toll.ground], limitation_periods()
    not_after(toll.from_day, at, "toll.from_day")
    if toll.until is not None:
        not_after(toll.until, at, "toll.until")
    if ground.at_once and toll.until not in (None, toll.from_day):
        raise Refused(
            "toll_at_once",
            "{ground} is an act of one day.",
            "Leave until out.",
            field="toll.until",
            ground=toll.ground,
        )
    if toll.undone and not ground.can_be_undone:
        raise Refused(
            "toll_not_undone",
            "{ground} cannot be withdrawn, lapse or be rejected in a way that undoes it (C. civ. 2243).",
            "Leave undone out; retract_toll takes back what was entered by mistake.",
            field="toll.undone",
            ground=toll.ground,
        )
    if without := [code for code in toll.clocks if ground.effect_on(code, rows[code].mode) is None]:
        raise Refused(
            "toll_no_effect",
            "{ground} does nothing to {rows} ({basis}).",
            "It acts on: {others}.",
            field="toll.clocks",
            ground=toll.ground,
            rows=", ".join(without),
            basis=ground.basis,
            others=", ".join(code for code, row in rows.items() if ground.effect_on(code, row.mode)),
        )
    if toll in case.standing_tolls:
        raise _entered_already(next(t.id for t in case.tolls if t.toll == toll and not t.retracted))


def _starts(case: Case) -> tuple[EnteredStart, ...]:
    return case.starts


@decides(RecordStart)
def record_start(case: Case, command: RecordStart, actor: Actor, at: datetime) -> list[Event]:
    _can_start(command.start, case, at)
    return [StartRecorded(id=next_id("S", case.starts), start=command.start)]


@applies(StartRecorded)
def start_recorded(case: Case, event: StartRecorded, entry: Entry) -> dict[str, Any]:
    return {"starts": (*case.starts, EnteredStart(id=event.id, start=event.start))}


@decides(CorrectStart, where_some(_starts, _standing))
def correct_start(case: Case, command: CorrectStart, actor: Actor, at: datetime) -> list[Event]:
    _standing(case, case.start(command.entry), actor, at)
    _can_start(command.start, case, at)
    return [StartCorrected(id=command.entry, start=command.start, reason=command.reason)]


@applies(StartCorrected)
def start_corrected(case: Case, event: StartCorrected, entry: Entry) -> dict[str, Any]:
    return {"starts": replace(case.starts, event.id, start=event.start)}


@decides(RetractStart, where_some(_starts, _standing))
def retract_start(case: Case, command: RetractStart, actor: Actor, at: datetime) -> list[Event]:
    _standing(case, case.start(command.entry), actor, at)
    return [StartRetracted(id=command.entry, reason=command.reason)]


@applies(StartRetracted)
def start_retracted(case: Case, event: StartRetracted, entry: Entry) -> dict[str, Any]:
    return {"starts": replace(case.starts, event.id, retracted=True)}


def _can_start(start: KnownStart, case: Case, at: datetime) -> None:
    not_after(start.on, at, "start.on")
    if limitation_periods()[start.clock].mode in (Mode.NONE, Mode.SUSP):
        raise Refused(
            "start_undated",
            "{row} has no date by nature: no day starts it.",
            "Name a row that is counted from a day.",
            field="start.clock",
            row=start.clock,
        )
    if start in case.standing_starts:
        raise _entered_already(next(s.id for s in case.starts if s.start == start and not s.retracted))


def _entered_already(id: str) -> Refused:
    return Refused(
        "entered_already",
        "This is entered already, as {id}.",
        "Nothing to do; to change it, correct {id}.",
        id=id,
    )
