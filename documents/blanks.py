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
            "professional": self._professional(),
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

    def _professional(self) -> str:
        """The name and the address of who refused care."""
        respondent = self.case.complaint.respondent
        lines = [respondent.name or "", *(respondent.address or "").split("\n")]
        return ", ".join(filter(None, map(str.strip, lines))) if respondent.name else "à nommer ci-dessous"

    def _perishes(self, calendar: WorkingCalendar) -> str:
        """The day on which the last pictures go. Counted from the first day, it would tell that all may be gone."""
        limits = {evidence()[piece.id].perishes for piece in self.pieces if piece.label is None}
        clocks = [clock for clock in limitation_clocks(self.case, calendar) if clock.code in limits]
        last = max(filter(None, (clock.deadline_legal for clock in clocks)), default=None)
        if last is None:
            return ""
        facts = self.case.complaint.facts
        lasted = facts.ongoing or facts.ended_on not in (None, facts.occurred_on)
        which = ", pour les derniers jours," if lasted else ""
        return f", soit{which} au plus tard le {self.words.day_in_full(last)}, peut-être avant"


def asked_for(piece: Piece, words: Words) -> str:
    """The name of a piece in a letter."""
    request = evidence()[piece.id].asked_fr if piece.label is None else None
    return request or words.piece(piece.id, piece.label)
