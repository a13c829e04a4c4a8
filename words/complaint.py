"""What a person told, in rows of a name and a value: the same in `show` and in the documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.vocabulary import Act, Capacity, Channel, Domain, PriorStepKind, RespondentKind

if TYPE_CHECKING:
    from domain.complaint import Complainant, Complaint, Facts
    from words import Words

Row = tuple[str, str]


def whole(complaint: Complaint, words: Words) -> Iterator[Row]:
    """Everything that a complaint says, a row for each thing that was told."""
    _, place = words.say, complaint.facts.place
    yield _("Received"), f"{words.instant(complaint.received_at)} ({words.label(complaint.channel, Channel)})"
    yield _("Domain"), words.label(complaint.domain, Domain)
    yield _("Grounds"), ", ".join(words.criterion(code) for code in complaint.criteria)
    yield _("Acts"), ", ".join(words.label(act, Act) for act in complaint.acts)
    if where := [part for part in (words.place(place.commune, place.neighbourhood, None), place.detail) if part]:
        yield _("Place"), ", ".join(where)
    if complaint.complainant is not None:
        yield _("Complainant"), _reached(complaint.complainant)
    respondent = complaint.respondent
    told = (respondent.name, words.label(respondent.kind, RespondentKind), respondent.address)
    yield _("Respondent"), ", ".join(part for part in told if part)
    yield from beyond_the_headlines(complaint, words)
    yield _("Facts"), complaint.facts.narrative


def beyond_the_headlines(complaint: Complaint, words: Words) -> Iterator[Row]:
    """Dates of the facts, capacity, whom it is about, needs, steps taken before, expectations."""
    _ = words.say
    if days := ", ".join(_days(complaint.facts, words)):
        yield _("Dates of the facts"), days
    if complaint.capacity is not None and complaint.capacity is not Capacity.SELF:
        yield _("Capacity"), words.label(complaint.capacity, Capacity)
    if complaint.concerned_person is not None:
        yield _("Person concerned"), _named(complaint.concerned_person, words)
    for person in (complaint.complainant, complaint.concerned_person):
        if person is not None:
            yield from _needs(person, words)
    for step in complaint.prior_steps:
        day = words.day(step.taken_on) if step.taken_on else ""
        told = (words.label(step.kind, PriorStepKind), day, step.to_whom, step.answer)
        yield _("Step taken before"), ", ".join(filter(None, told))
    if complaint.expectations:
        yield _("Expectations"), complaint.expectations


def _days(facts: Facts, words: Words) -> Iterator[str]:
    _ = words.say
    if facts.occurred_on:
        day = words.day(facts.occurred_on)
        yield _("from {day}", day=day) if facts.ended_on or facts.ongoing else day
    if facts.ended_on:
        yield _("to {day}", day=words.day(facts.ended_on))
    if facts.ongoing:
        yield _("still going on")
    if facts.revealed_on:
        yield _("revealed on {day}", day=words.day(facts.revealed_on))


def _named(person: Complainant, words: Words) -> str:
    name = f"{person.given_name} {person.family_name}"
    return f"{name} ({words.say('minor')})" if person.is_minor else name


def _reached(person: Complainant) -> str:
    return ", ".join(filter(None, (f"{person.given_name} {person.family_name}", person.email, person.phone)))


def _needs(person: Complainant, words: Words) -> Iterator[Row]:
    if person.language and person.language != "fr":
        yield words.say("Language"), words.language_name(person.language)
    if person.accessibility:
        yield words.say("Needs"), person.accessibility
