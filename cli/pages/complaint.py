"""What the person told, beyond the headlines of a case: each thing in a row, and none for what was not told."""

from collections.abc import Iterator

from cli.pages.words import on
from cli.say import _, label
from domain.complaint import Complainant, Complaint, Facts
from domain.vocabulary import Capacity, PriorStepKind


def rows_of(complaint: Complaint) -> Iterator[tuple[str, str]]:
    """Dates of the facts, capacity, whom it is about, needs, steps taken before, expectations: name and value."""
    if days := ", ".join(_days(complaint.facts)):
        yield _("Dates of the facts"), days
    if complaint.capacity is not None and complaint.capacity is not Capacity.SELF:
        yield _("Capacity"), label(complaint.capacity, Capacity)
    if complaint.concerned_person is not None:
        yield _("Person concerned"), _named(complaint.concerned_person)
    for person in (complaint.complainant, complaint.concerned_person):
        if person is not None:
            yield from _needs(person)
    for step in complaint.prior_steps:
        day = on(step.taken_on) if step.taken_on else ""
        told = (label(step.kind, PriorStepKind), day, step.to_whom, step.answer)
        yield _("Step taken before"), ", ".join(filter(None, told))
    if complaint.expectations:
        yield _("Expectations"), complaint.expectations


def _days(facts: Facts) -> Iterator[str]:
    if facts.occurred_on:
        yield _("from {day}", day=on(facts.occurred_on)) if facts.ended_on or facts.ongoing else on(facts.occurred_on)
    if facts.ended_on:
        yield _("to {day}", day=on(facts.ended_on))
    if facts.ongoing:
        yield _("still going on")
    if facts.revealed_on:
        yield _("revealed on {day}", day=on(facts.revealed_on))


def _named(person: Complainant) -> str:
    name = f"{person.given_name} {person.family_name}"
    return f"{name} ({_('minor')})" if person.is_minor else name


def _needs(person: Complainant) -> Iterator[tuple[str, str]]:
    if person.language and person.language != "fr":
        yield _("Language"), person.language
    if person.accessibility:
        yield _("Needs"), person.accessibility
