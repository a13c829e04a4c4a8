"""The facts of a complaint that decide which time limits run, from when, and before which courts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from domain.complaint import Complaint
from domain.reference import criteria
from domain.values import day_of
from domain.vocabulary import Act, Domain, PriorStepKind, RespondentKind

_PUBLIC_LAW = frozenset(
    {
        *(Domain.EMPLOI_PUBLIC, Domain.SERVICES_PUBLICS, Domain.PROTECTION_SOCIALE),
        *(Domain.POLICE_JUSTICE, Domain.REGLEMENTATION),
    }
)
_PRIVATE_LAW = frozenset({Domain.EMPLOI_PRIVE, Domain.LOGEMENT_PRIVE, Domain.BIENS_SERVICES_PRIVES})
_BOTH_LAWS = frozenset({Domain.LOGEMENT_SOCIAL, Domain.PROTECTION_SOCIALE})
"""Allocation committees decide as an administration, whoever the landlord; benefits are shared between two courts."""
_WORK = frozenset({Domain.EMPLOI_PRIVE, Domain.EMPLOI_PUBLIC})
_PRIVATE_BODIES = frozenset({RespondentKind.COMPANY, RespondentKind.ASSOCIATION})
_HARASSMENT = frozenset({Act.HARCELEMENT_DISCRIMINATOIRE, Act.HARCELEMENT_SEXUEL, Act.HARCELEMENT_MORAL})
_SPEECH_GROUNDS = frozenset(
    {
        *("ORIGINE", "ETHNIE", "NATION", "RACE", "RELIGION"),
        *("SEXE", "ORIENTATION_SEXUELLE", "IDENTITE_GENRE", "HANDICAP"),
    }
)
"""Loi du 29 juillet 1881 art. 24, 32, 33; C. pén. R625-7 to R625-8-1: fewer grounds than C. pén. 225-1."""
_FILMED = frozenset({Domain.POLICE_JUSTICE, Domain.BIENS_SERVICES_PRIVES, Domain.SERVICES_PUBLICS, Domain.AUTRE})
"""Where things happen in the street or in a place open to the public, which may be filmed (CSI L251-2)."""


class Situation:
    """A complaint as the law of time limits sees it.

    Where it is not known on which side of public and private law a case lies, it lies on both.
    """

    def __init__(self, complaint: Complaint) -> None:
        facts = complaint.facts
        self.complaint = complaint
        self.domain, self.acts = complaint.domain, frozenset(complaint.acts)
        self.received = day_of(complaint.received_at)
        self.first, self.revealed, self.ongoing = facts.occurred_on, facts.revealed_on, facts.ongoing
        self.last = self.received if facts.ongoing else facts.ended_on or facts.occurred_on
        """The last day on which the facts are known to have gone on."""

    # --- Which side of the law ---

    @property
    def _public_body(self) -> bool:
        return self.complaint.respondent.kind is RespondentKind.PUBLIC_BODY

    @property
    def _private_body(self) -> bool:
        return self.complaint.respondent.kind in _PRIVATE_BODIES

    @property
    def labour(self) -> bool:
        """The person works under private law."""
        return self.domain is Domain.EMPLOI_PRIVE or (self.domain is Domain.EMPLOI_PUBLIC and self._private_body)

    @property
    def public_agent(self) -> bool:
        """The person works under public law."""
        return self.domain is Domain.EMPLOI_PUBLIC or (self.domain is Domain.EMPLOI_PRIVE and self._public_body)

    @cached_property
    def _on_both_sides(self) -> bool:
        # A person in a school or a hospital may be an agent of either law: only a body says which.
        unclear = not self._public_body and not self._private_body and self.domain not in _PUBLIC_LAW | _PRIVATE_LAW
        return unclear or self.domain in _BOTH_LAWS

    @cached_property
    def administrative(self) -> bool:
        """The case lies, or may lie, on the side of public law."""
        return self._public_body or self.domain in _PUBLIC_LAW or self._on_both_sides

    @cached_property
    def civil(self) -> bool:
        """The case lies, or may lie, on the side of private law, outside work."""
        a_person = self.complaint.respondent.kind is RespondentKind.PERSON
        private = self.domain in _PRIVATE_LAW or self._private_body or a_person or self._on_both_sides
        return private and self.domain not in _WORK

    @cached_property
    def offence(self) -> bool:
        """The facts may be a criminal offence: there was more than words, on a ground of the criminal code."""
        in_criminal_code = any(criteria()[code].in_criminal_code for code in self.complaint.criteria)
        return in_criminal_code and self.acts != {Act.PROPOS}

    # --- What happened, and to whom ---

    @property
    def harassed(self) -> bool:
        """There was harassment."""
        return bool(self.acts & _HARASSMENT)

    @property
    def only_harassed(self) -> bool:
        """There was nothing but harassment."""
        return self.acts <= _HARASSMENT

    @property
    def spoken(self) -> bool:
        """Something was said or published."""
        return Act.PROPOS in self.acts

    @property
    def spoken_on_a_ground(self) -> bool:
        """Something was said or published on a ground that the law of the press covers."""
        return self.spoken and not _SPEECH_GROUNDS.isdisjoint(self.complaint.criteria)

    @property
    def filmed(self) -> bool:
        """It may have been filmed by a camera of the place."""
        return self.domain in _FILMED or not self.acts.isdisjoint({Act.PROPOS, Act.CONTROLE_FACIES})

    @property
    def police(self) -> bool:
        """It may have been filmed by a body camera of the police."""
        return self.domain is Domain.POLICE_JUSTICE or Act.CONTROLE_FACIES in self.acts

    @property
    def minor(self) -> bool:
        """The person concerned is a minor."""
        person = self.complaint.concerned_person or self.complaint.complainant
        return person is not None and person.is_minor

    @property
    def anonymous(self) -> bool:
        """It is not known to whom it happened."""
        return self.complaint.concerned_person is None and self.complaint.complainant is None

    def steps(self, *kinds: PriorStepKind, unanswered: bool = False) -> list[date | None]:
        """The days of the person's own steps of these kinds, each once; None for a step without a day."""
        steps = [s for s in self.complaint.prior_steps if s.kind in kinds and not (unanswered and s.answer)]
        return list(dict.fromkeys(s.taken_on for s in steps))


@dataclass(frozen=True)
class Sides:
    """The sides of the law on which a case lies; where that is not known, all that are possible."""

    administrative: bool
    private: bool
    criminal: bool


def sides(complaint: Complaint) -> Sides:
    """The kinds of courts the complaint may come before, by domain, kind of respondent, acts and grounds."""
    situation = Situation(complaint)
    return Sides(
        administrative=situation.administrative or situation.public_agent,
        private=situation.labour or situation.civil,
        criminal=situation.offence,
    )
