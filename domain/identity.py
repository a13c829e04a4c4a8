"""Marks by which a person or a respondent is found again: the same however they were typed. Pure."""

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum

from domain.complaint import Complainant, Complaint
from domain.folding import words
from domain.values import Value


class Trait(StrEnum):
    """The kinds of marks."""

    NAME = "name"
    MAIL = "mail"
    PHONE = "phone"
    RESPONDENT = "respondent"


PERSONAL = frozenset({Trait.NAME, Trait.MAIL, Trait.PHONE})
"""The traits of whoever complains or is concerned."""

CLOSE = timedelta(days=183)
"""Complaints of the same matter are received within about half a year of each other."""


class Mark(Value):
    """A trait in its one form."""

    trait: Trait
    value: str

    def __str__(self) -> str:
        return f"{self.trait}|{self.value}"


def mark(trait: Trait, text: str) -> Mark | None:
    """The mark of a text; None if nothing of it is left to go by."""
    value = _FORMS[trait](text)
    return Mark(trait=trait, value=value) if value else None


def marks(complaint: Complaint) -> frozenset[Mark]:
    """Everything that a complaint can be found by."""
    found: set[Mark | None] = set()
    for person in (complaint.complainant, complaint.concerned_person):
        if person is not None:
            found |= _of_person(person)
    if complaint.respondent.name:
        found.add(mark(Trait.RESPONDENT, complaint.respondent.name))
    return frozenset(one for one in found if one is not None)


def _of_person(person: Complainant) -> set[Mark | None]:
    said = {mark(Trait.NAME, f"{person.given_name} {person.family_name}")}
    if person.email:
        said.add(mark(Trait.MAIL, person.email))
    if person.phone:
        said.add(mark(Trait.PHONE, person.phone))
    return said


def _name(text: str) -> str:
    # In alphabetical order: some write the family name first.
    return " ".join(sorted(words(text)))


def _mail(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _phone(text: str) -> str:
    """E.164, taking a number without a country for a French one: 06 12 34 56 78 is +33612345678."""
    text = unicodedata.normalize("NFKC", text).replace("(0)", "")
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if digits.startswith("0"):
        return f"+33{digits[1:]}"
    return f"+{digits}" if digits else ""


_FORMS = {Trait.NAME: _name, Trait.MAIL: _mail, Trait.PHONE: _phone, Trait.RESPONDENT: _name}
