"""The checklist of a case: which pieces help, on which leg, who holds them, how they are obtained, what perishes.

Pure. Three legs carry a discrimination (unfavourable treatment, ground, link between them), and two standards say how
much each must carry: before a civil or administrative court, facts from which it can be presumed, after which the
respondent has to justify himself; before a criminal court, full proof. What is told of each leg is the strongest piece
at hand: neither a score nor a chance of success.

In every list what perishes comes first, by the day on which it goes; then the strongest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from domain.complaint import Complaint
from domain.counting import Counted, Mode, Period, count
from domain.dates import WorkingCalendar
from domain.law.limitation import limitation_clocks
from domain.law.situation import sides
from domain.reference import EvidenceItem, Lever, checklist_for, evidence, levers, limitation_periods
from domain.vocabulary import Act, Leg, Party, PieceStatus, RespondentKind, Standard, Standing, Weight

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.piece import Piece


PUBLIC_LAW = "PUBLIC_LAW"
_UNDETERMINED = frozenset({"AUTRE_INDETERMINE"})
_WEIGHTS = (Weight.NOTHING, Weight.CONTEXT, Weight.INDICATION, Weight.STRONG)
_OWN_STRENGTH = 2
"""A piece that nobody foresaw counts as an indication."""
_OF_HOLDER: dict[Party | None, tuple[str, ...]] = {
    Party.COMPLAINANT: ("OWN_PAPERS",),
    Party.WITNESS: ("ATTESTATION",),
    Party.RESPONDENT: ("COMMUNICATION", "ADMINISTRATIVE_DOCUMENT", "PERSONAL_DATA"),
    Party.ADMINISTRATION: ("ADMINISTRATIVE_DOCUMENT",),
}
_NO_HOLIDAYS = WorkingCalendar(())
"""Answers are awaited from date to date: no text was seen that extends them to a working day."""


@dataclass(frozen=True)
class Line:
    """One piece of a checklist, with all that is known of it."""

    piece: Piece
    item: EvidenceItem | None
    """Its item in the reference data; None for a piece that somebody added."""
    legs: tuple[Leg, ...]
    levers: tuple[Lever, ...]
    """The levers that fit this case, the usual one first."""
    usual: bool
    """True if it usually helps with these grounds and acts; if not, it is likely to be waived."""
    perishable: bool
    perishes_on: date | None
    """The last day on which it can safely be asked for, when a day is known."""
    silent_since: date | None
    """It was asked for, this day was the last for an answer, and none is recorded."""

    @property
    def id(self) -> str:
        """The id of the piece in the case."""
        return self.piece.id

    @property
    def is_open(self) -> bool:
        """Neither received, nor refused, nor explained."""
        return self.piece.is_unexplained

    @property
    def is_indication(self) -> bool:
        """It was refused, or asked for in vain: a fact of its own, which a court may weigh."""
        return self.piece.was_refused or self.silent_since is not None

    @property
    def strength(self) -> int:
        """1 context, 2 indication, 3 strong indication."""
        return self.item.strength if self.item else _OWN_STRENGTH


@dataclass(frozen=True)
class LegState:
    """One leg of the proof, with the pieces under it."""

    leg: Leg
    lines: tuple[Line, ...]
    assessed: Standing | None
    """The latest assessment by a jurist (command assess)."""

    @property
    def weight(self) -> Weight:
        """The strongest piece at hand."""
        return _WEIGHTS[max((x.strength for x in self.lines if x.piece.status is PieceStatus.RECEIVED), default=0)]

    @property
    def indications(self) -> tuple[Line, ...]:
        """The pieces that were refused, or asked for and met with silence."""
        return tuple(line for line in self.lines if line.is_indication)


@dataclass(frozen=True)
class StandardState:
    """One standard of proof, and the legs that do not reach it yet."""

    standard: Standard
    is_open: bool
    """True if this case can come before such a court at all."""
    unmet: tuple[Leg, ...]
    """Before a civil or administrative court, legs with nothing at all; before a criminal court, without a strong
    piece: there neither refusal nor silence helps."""


@dataclass(frozen=True)
class Checklist:
    """The state of the proof of a case on one day."""

    reference: str
    version: int
    day: date
    lines: tuple[Line, ...]
    legs: tuple[LegState, ...]
    standards: tuple[StandardState, ...]

    @property
    def open(self) -> tuple[Line, ...]:
        """Pieces neither received, nor refused, nor explained: they keep the case from closing for lack of proof."""
        return tuple(line for line in self.lines if line.is_open)


def checklist(case: Case, calendar: WorkingCalendar, today: date) -> Checklist:
    """The checklist of a case as it stands, looked at on that day."""
    gone = {clock.code: clock.deadline_prudent for clock in limitation_clocks(case, calendar) if clock.perishable}
    lines = tuple(sorted((_line(piece, case, gone, today) for piece in case.pieces), key=_urgency))
    legs = tuple(_leg(leg, lines, case) for leg in Leg)
    return Checklist(case.reference, case.version, today, lines, legs, _standards(legs, case.complaint))


def foreseen(complaint: Complaint) -> tuple[EvidenceItem, ...]:
    """The pieces that usually help with such a complaint: what perishes first, then the strongest."""
    return checklist_for(complaint.domain, (*complaint.criteria, *complaint.acts))


# --- Levers ----------------------------------------------------------------------------------------------


def fitting(codes: Iterable[str], complaint: Complaint) -> tuple[Lever, ...]:
    """The levers, of these, of the side of the law on which the case lies; all of them if there are none."""
    every = [levers()[code] for code in codes]
    side = sides(complaint)
    possible = {"public": side.administrative, "private": side.private, "both": True}
    return tuple(lever for lever in every if possible[lever.side]) or tuple(every)


def levers_for(piece: Piece, complaint: Complaint) -> tuple[Lever, ...]:
    """The levers by which this piece is usually asked for; for a piece that somebody added, by who holds it."""
    item = _item(piece)
    return fitting(item.levers if item else _OF_HOLDER.get(piece.held_by, ()), complaint)


def _item(piece: Piece) -> EvidenceItem | None:
    return None if piece.label is not None else evidence().get(piece.id)


def asked_of(lever: Lever, complaint: Complaint) -> Party:
    """The party that a lever asks: an administration that is complained of is itself the respondent."""
    accused = complaint.respondent.kind is RespondentKind.PUBLIC_BODY and lever.side == "public"
    return Party.RESPONDENT if accused else lever.addressee


def answer_due(lever: Lever, asked_on: date) -> Counted:
    """By when an answer is due to what was asked on that day, as if it had been received the same day."""
    if lever.limit:
        row = limitation_periods()[lever.limit]
        return count(row.mode, asked_on, row.period, _NO_HOLIDAYS)
    return count(Mode.CALENDAR, asked_on, lever.period, _NO_HOLIDAYS) if lever.period else Counted()


# --- Lines, legs, standards ------------------------------------------------------------------------------


def _line(piece: Piece, case: Case, gone: dict[str, date | None], today: date) -> Line:
    item = _item(piece)
    perishes_on = piece.perishes_on or (_perishes(item, case, gone) if item else None)
    return Line(
        piece=piece,
        item=item,
        legs=item.legs if item else piece.legs,
        levers=levers_for(piece, case.complaint),
        usual=item is None or _is_usual(item, case.complaint),
        perishable=perishes_on is not None or (item is not None and item.perishable),
        perishes_on=perishes_on,
        silent_since=_silent_since(piece, today),
    )


def _silent_since(piece: Piece, today: date) -> date | None:
    overdue = piece.status is PieceStatus.REQUESTED and piece.due is not None and piece.due < today
    return piece.due if overdue else None


def _perishes(item: EvidenceItem, case: Case, gone: dict[str, date | None]) -> date | None:
    if item.perishes in limitation_periods():
        return gone.get(item.perishes)
    happened = case.complaint.facts.ended_on or case.complaint.facts.occurred_on
    return Period.parse(item.perishes).after(happened) if item.perishes and happened else None


def _is_usual(item: EvidenceItem, complaint: Complaint) -> bool:
    codes = frozenset(complaint.criteria) | frozenset(complaint.acts)
    if not item.mainly_for or not codes.isdisjoint(item.mainly_for):
        return True
    if PUBLIC_LAW in item.mainly_for:
        return sides(complaint).administrative
    return frozenset(complaint.criteria) >= _UNDETERMINED  # while the ground is not known, nothing is put aside


def _urgency(line: Line) -> tuple[bool, date, bool, int, str]:
    return not line.perishable, line.perishes_on or date.max, not line.usual, -line.strength, line.id


def _leg(leg: Leg, lines: tuple[Line, ...], case: Case) -> LegState:
    latest = case.assessment
    standings = {Leg.TREATMENT: latest.treatment, Leg.GROUND: latest.ground, Leg.LINK: latest.link} if latest else {}
    return LegState(leg, tuple(line for line in lines if leg in line.legs), standings.get(leg))


def _standards(legs: tuple[LegState, ...], complaint: Complaint) -> tuple[StandardState, ...]:
    side = sides(complaint)
    speech_alone = frozenset(complaint.acts) == {Act.PROPOS}
    bare = tuple(s.leg for s in legs if s.weight is Weight.NOTHING and not s.indications)
    weak = tuple(s.leg for s in legs if s.weight is not Weight.STRONG)
    return (
        StandardState(Standard.PRESUMPTION, not speech_alone, bare),
        StandardState(Standard.FULL_PROOF, side.criminal or speech_alone, weak),
    )
