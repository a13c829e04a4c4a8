"""What comes first for somebody, over all the cases that they hold."""

from datetime import date
from enum import StrEnum

from desk.views.next_step import NextStepView
from domain.case import Case
from domain.next_steps import NextStep, Rank
from domain.values import Value
from domain.vocabulary import Domain, Step
from words import Words


class Group(StrEnum):
    """A group of lines of a day, in their order."""

    LOST = "LOST"
    """A right or a proof is lost after a day."""
    BACK = "BACK"
    """It came back: the person asks, or somebody waits for a decision."""
    DUE = "DUE"
    """Somebody waits for an act."""
    COURSE = "COURSE"
    """The usual course."""
    LATER = "LATER"
    """There is only a day to wait for."""


_GROUPS = {
    Rank.LOST: Group.LOST,
    Rank.ASKED: Group.BACK,
    Rank.DECIDED: Group.BACK,
    Rank.OWED: Group.DUE,
    Rank.COURSE: Group.COURSE,
    Rank.END: Group.COURSE,
}


class DayLine(Value):
    """The step that comes first on a case."""

    group: Group
    reference: str
    version: int
    person: str | None
    """The name of the complainant; None for an anonymous report."""
    domain: Domain
    place: str
    at: Step
    step: NextStepView
    alerts: int
    """The number of alerts that stand on the case."""

    @classmethod
    def of(cls, case: Case, step: NextStep, words: Words) -> "DayLine":
        """The line of this step of a case."""
        person, place = case.complaint.complainant, case.complaint.facts.place
        return cls(
            group=Group.LATER if step.command is None else _GROUPS[step.rank],
            reference=case.reference,
            version=case.version,
            person=person and f"{person.given_name} {person.family_name}",
            domain=case.complaint.domain,
            place=words.place(place.commune, place.neighbourhood, case.metropolis),
            at=case.step,
            step=NextStepView.of(step, words),
            alerts=len(case.standing_alerts),
        )


class DayView(Value):
    """The day of an account."""

    day: date
    held: int
    """The number of open cases that it holds, those included of colleagues for whom it stands in."""
    looked_at: int
    """The number of those that the lines are about: the ones that are due first."""
    standing_in_for: tuple[str, ...]
    lines: tuple[DayLine, ...]
    """By group, then by day."""
