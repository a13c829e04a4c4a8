"""Refusals of notes, by their audience."""

from domain.parts.contact import AddNote
from tests.domain.examples import Story
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import PARTNER, WORKER


@refused("note_not_for_partner")
def a_note_for_a_partner_whose_audience_is_the_team() -> Asked:
    return Story().referred(), AddNote(text="Hello", referral="R1"), WORKER


@refused("note_from_outside")
def a_partner_writes_to_the_person() -> Asked:
    return Story().referred(), AddNote(text="Hello", audience="COMPLAINANT"), PARTNER


@refused("note_from_outside")
def a_partner_writes_about_another_referral() -> Asked:
    return Story().referred(), AddNote(text="Hello", referral="R2"), PARTNER
