"""The facts of a complaint that decide which time limits run, from when, and before which courts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from domain.complaint import Complainant, Complaint
from domain.counting import Period
from domain.reference import criteria
from domain.reference.routes import Cell, RouteState, cell
from domain.values import day_of
from domain.vocabulary import Act, Domain, PriorStepKind, Residence

_HARASSMENT = frozenset({Act.HARCELEMENT_DISCRIMINATOIRE, Act.HARCELEMENT_SEXUEL, Act.HARCELEMENT_MORAL})
_SPEECH_GROUNDS = frozenset(
    {
        *("ORIGINE", "ETHNIE", "NATION", "RACE", "RELIGION"),
        *("SEXE", "ORIENTATION_SEXUELLE", "IDENTITE_GENRE", "HANDICAP"),
    }
)
"""Loi du 29 juillet 1881 art. 24, 32, 33; C. pén. R625-7 to R625-8-1: fewer grounds than C. pén. 225-1."""
_OFFENCES = frozenset({Act.HARCELEMENT_SEXUEL, Act.HARCELEMENT_MORAL, Act.AGISSEMENT_SEXISTE})
"""Offences without any ground: C. pén. 222-33, 222-33-1-1, 222-33-2."""
_PREGNANCY = frozenset({"GROSSESSE", "SITUATION_FAMILLE", "PROJET_PARENTAL"})
_HEALTH = frozenset({"HANDICAP", "ETAT_SANTE", "PERTE_AUTONOMIE", "GROSSESSE"})
_TWELVE_MONTHS = frozenset({"GREVE", "JURE", "TEMOIN"})
"""Assimilated grounds that C. trav. L1471-1 al. 3 does not name among those that escape its twelve months."""
_UNKNOWN_GROUND = "AUTRE_INDETERMINE"
_MAJORITY = 18


class Situation:
    """A complaint as the law of time limits sees it.

    Where it is not known on which side of public and private law a case lies, it lies on both (the table of routes).
    """

    def __init__(self, complaint: Complaint) -> None:
        facts = complaint.facts
        self.complaint = complaint
        self.domain, self.acts = complaint.domain, frozenset(complaint.acts)
        self.received = day_of(complaint.received_at)
        self.first, self.revealed, self.ongoing = facts.occurred_on, facts.revealed_on, facts.ongoing
        self.last = self.received if facts.ongoing else facts.ended_on or facts.occurred_on
        """The last day on which the facts are known to have gone on."""

    def route(self, row: str) -> Cell:
        """The cell of the table of routes for a row of the table of time limits."""
        return cell(row, self.domain, self.complaint.relation, self.complaint.respondent.kind)

    def _can_run(self, row: str) -> bool:
        return self.route(row).state is not RouteState.CLOSED

    # --- Which side of the law ---

    @property
    def labour(self) -> bool:
        """The person works, or may work, under private law."""
        return self._can_run("EMP_PRIV_REPARATION")

    @property
    def public_agent(self) -> bool:
        """The person works, or may work, under public law."""
        return self._can_run("EMP_PUB_REPARATION")

    @property
    def administrative(self) -> bool:
        """The case lies, or may lie, on the side of public law."""
        return self._can_run("ADM_REP")

    @property
    def civil(self) -> bool:
        """The case lies, or may lie, on the side of private law, outside work."""
        return self._can_run("CIVIL_GENERAL")

    @property
    def ground_unknown(self) -> bool:
        """A ground is not identified yet: it may be any."""
        return _UNKNOWN_GROUND in self.complaint.criteria

    @cached_property
    def offence(self) -> bool:
        """The facts may be a criminal offence: by themselves, or on a ground of the criminal code.

        Words alone are none of these: they have rows of their own.
        """
        if self.acts & _OFFENCES:
            return True
        grounds = self.ground_unknown or any(criteria()[code].in_criminal_code for code in self.complaint.criteria)
        return grounds and self.acts != {Act.PROPOS}

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
        on_a_ground = self.ground_unknown or not _SPEECH_GROUNDS.isdisjoint(self.complaint.criteria)
        return self.spoken and on_a_ground

    @property
    def filmed(self) -> bool:
        """It may have been filmed by a camera of the place: a private flat is no place open to the public."""
        in_public = not self.acts.isdisjoint({Act.PROPOS, Act.CONTROLE_FACIES})
        return in_public or self.domain is not Domain.LOGEMENT_PRIVE

    @property
    def sexist(self) -> bool:
        """There was sexist conduct."""
        return Act.AGISSEMENT_SEXISTE in self.acts

    @property
    def checked(self) -> bool:
        """An identity was checked."""
        return Act.CONTROLE_FACIES in self.acts

    @property
    def pregnant(self) -> bool:
        """A pregnancy, an adoption or the project of either may be the ground."""
        return self.ground_unknown or not _PREGNANCY.isdisjoint(self.complaint.criteria)

    @property
    def unwell(self) -> bool:
        """Health or disability may be the ground: an occupational doctor may have given an opinion."""
        return self.ground_unknown or not _HEALTH.isdisjoint(self.complaint.criteria)

    @property
    def assimilated(self) -> bool:
        """A ground is a strike, jury service or testimony."""
        return not _TWELVE_MONTHS.isdisjoint(self.complaint.criteria)

    @property
    def police(self) -> bool:
        """It may have been filmed by a body camera of the police."""
        return self.domain is Domain.POLICE_JUSTICE or Act.CONTROLE_FACIES in self.acts

    @property
    def _person(self) -> Complainant | None:
        return self.complaint.concerned_person or self.complaint.complainant

    @cached_property
    def majority(self) -> date | None:
        """The day of majority; None when the date of birth is not known."""
        born = self._person.born_on if self._person else None
        return Period(years=_MAJORITY).after(born) if born else None

    @property
    def minor(self) -> bool:
        """The person concerned was a minor when it happened, or is said to have been."""
        if self.majority is not None:
            return self.majority > (self.first or self.received)
        return self._person is not None and self._person.is_minor

    @property
    def residence(self) -> Residence | None:
        """The part of the world where the person lives; None when it is not known."""
        return self._person.residence if self._person else None

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
