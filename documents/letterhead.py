"""The sender, the recipient and the signature of a letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from domain.complaint import Complainant
from domain.reference import Lever
from domain.vocabulary import Capacity, Party

if TYPE_CHECKING:
    from domain.case import Case


Letterheads = Mapping[str, str]
"""Name and address of organisations by their short names, lines apart."""
NO_LETTERHEADS: Letterheads = {}


def letterhead(organisation: str, letterheads: Letterheads) -> tuple[str, ...]:
    """Name and address under which an organisation writes: its short name, where the settings do not say more."""
    return _filled(*(line.strip() for line in letterheads.get(organisation, organisation).split("\n")))


def sender(case: Case, lever: Lever, person: Complainant | None, letterheads: Letterheads) -> tuple[str, ...]:
    """Name and address of whoever signs: the team, or the person."""
    if lever.signed_by == "team" or person is None:
        return (*letterhead(case.organisation, letterheads), f"Dossier {case.reference}")
    address = (person.address or "").split("\n")
    return _filled(_name(person), *address, person.email, person.phone)


_AT_THE_EMPLOYER = {"WORKS_COUNCIL": ("À un membre élu", "Comité social et économique")}
"""Levers that are addressed to somebody at the employer's."""


def recipient(
    case: Case, lever: Lever, whom: Party, addressee: str | None, person: Complainant | None
) -> tuple[str, ...]:
    """Name and address of whoever is written to; empty when they are not known."""
    if addressee:
        return _filled(*addressee.split("\n"))
    if whom is Party.COMPLAINANT and person is not None:
        return _filled(_name(person), *(person.address or person.email or "").split("\n"))
    respondent = case.complaint.respondent
    if lever.code in _AT_THE_EMPLOYER and respondent.name:
        return _filled(*_AT_THE_EMPLOYER[lever.code], respondent.name, *(respondent.address or "").split("\n"))
    if whom is Party.RESPONDENT and respondent.name:
        return _filled(respondent.name, *(respondent.address or "").split("\n"))
    return ()


def signature(case: Case, lever: Lever, person: Complainant | None, letterheads: Letterheads) -> str:
    """The line under the letter: whose name it is signed in."""
    if lever.signed_by == "team" or person is None:
        return ", ".join(filter(None, (f"Pour {letterhead(case.organisation, letterheads)[0]}", case.holder)))
    represented = case.complaint.concerned_person is not None
    by_another = represented and case.complaint.capacity is Capacity.LEGAL_REPRESENTATIVE
    return f"Pour {_name(person)}" if by_another else _name(person)


def _name(person: Complainant) -> str:
    return f"{person.given_name} {person.family_name}"


def _filled(*lines: str | None) -> tuple[str, ...]:
    return tuple(line for line in lines if line)
