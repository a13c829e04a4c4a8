"""The placeholders of a letter, filled in from a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar
from domain.law.limitation import limitation_clocks
from domain.parts.piece import Piece
from domain.reference import Lever, evidence, territories
from words import Words
from words.french import as_list

if TYPE_CHECKING:
    from domain.case import Case


@dataclass(frozen=True)
class Blanks:
    """Fills in the placeholders of a wording."""

    case: Case
    lever: Lever
    pieces: Sequence[Piece]
    words: Words

    def filled(self, due: date | None, calendar: WorkingCalendar) -> dict[str, str | list[str]]:
        """Each placeholder with its text; a list becomes as many items."""
        complaint = self.case.complaint
        return {
            "reference": self.case.reference,
            "pieces": as_list([asked_for(piece, self.words) for piece in self.pieces]),
            "due": self.words.day_in_full(due) if due else "",
            "when": self._when(),
            "day": self._first_day(),
            "days": self._days(),
            "where": self._where(),
            "respondent": complaint.respondent.name or "non précisé",
            "narrative": complaint.facts.narrative,
            "perishes": self._perishes(calendar),
        }

    def _first_day(self) -> str:
        """The day of what happens once: a decision was taken, care was refused."""
        day = self.case.complaint.facts.occurred_on
        if day is not None:
            return f"le {self.words.day_in_full(day)}"
        return "à une date qui sera précisée" if self.lever.signed_by == "team" else "à une date que je préciserai"

    def _when(self) -> str:
        """The time of what may last."""
        facts = self.case.complaint.facts
        if facts.occurred_on is None or not facts.ongoing:
            return self._days()
        return f"depuis le {self.words.day_in_full(facts.occurred_on)}"

    def _days(self) -> str:
        """The days of what happens on one or on several, each of which counts: a presence, something filmed."""
        facts = self.case.complaint.facts
        if facts.occurred_on is None:
            return self._first_day()
        if facts.ended_on is not None and facts.ended_on != facts.occurred_on:
            return f"du {self.words.day_in_full(facts.occurred_on)} au {self.words.day_in_full(facts.ended_on)}"
        return f"{self._first_day()} et les jours suivants" if facts.ongoing else self._first_day()

    def _where(self) -> str:
        place = self.case.complaint.facts.place
        names = [name for name in (place.detail, place.commune and territories()[place.commune].name) if name]
        return f" ({', '.join(names)})" if names else ""

    def _perishes(self, calendar: WorkingCalendar) -> str:
        limits = {evidence()[piece.id].perishes for piece in self.pieces if piece.label is None}
        clocks = [clock for clock in limitation_clocks(self.case, calendar) if clock.code in limits]
        first = min(filter(None, (clock.deadline_prudent for clock in clocks)), default=None)
        return f", soit dès après le {self.words.day_in_full(first)}" if first else ""


def asked_for(piece: Piece, words: Words) -> str:
    """The name of a piece in a letter."""
    request = evidence()[piece.id].asked_fr if piece.label is None else None
    return request or words.piece(piece.id, piece.label)
