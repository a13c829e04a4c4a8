"""The complaint as the person tells it: who, whom, what, when, where, on which ground."""

from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from domain.errors import fault
from domain.reference import CommuneCode, CriterionCode, NeighbourhoodCode, territories
from domain.telling import Heading, Says
from domain.values import Day, Email, Flag, Instant, Line, Narrative, Phone, Text, Value, day_of, shaped
from domain.vocabulary import (
    Act,
    Capacity,
    Channel,
    ConsentForm,
    ConsentScope,
    Domain,
    PriorStepKind,
    Relation,
    Residence,
    RespondentKind,
)

C = TypeVar("C", bound=str)


def _is_none(value: object) -> bool:
    return value is None


class Complainant(Value):
    """The person who complains. Only what is needed to follow up: no nationality, a date of birth for minors only."""

    given_name: Line
    family_name: Line
    email: Email | None = None
    phone: Phone | None = None
    address: Text | None = None
    language: Annotated[
        str,
        Field(pattern=r"^[a-z]{2,3}$"),
        shaped("Write its code of two or three small letters (ISO 639), as in fr, en or ar."),
    ] = "fr"
    """ISO 639 code of the language in which to speak with the person."""
    accessibility: Text | None = None
    """Needs of the person for following the case: interpreter, large print, no telephone..."""
    is_minor: bool = False
    """A minor when it happened: civil periods do not run against a minor (C. civ. 2235)."""
    # Left out while they are not known, as in the histories of complaints that were received before they were asked.
    born_on: Annotated[Day | None, Field(exclude_if=_is_none)] = None
    """Date of birth, of somebody who was a minor when it happened: it gives the day of majority. Ask nobody else."""
    residence: Annotated[Residence | None, Field(exclude_if=_is_none)] = None
    """The part of the world where the person lives: far away some time limits are longer (CPC 643, CJA R421-7)."""


class Respondent(Value):
    """Who is complained of, as far as it is known."""

    kind: RespondentKind = RespondentKind.UNKNOWN
    name: Line | None = None
    address: Text | None = None


class Place(Value):
    """Where it happened. A neighbourhood that straddles communes is listed under each of them."""

    commune: CommuneCode | None = None
    """INSEE code; none when it is outside both metropolises or not known."""
    neighbourhood: NeighbourhoodCode | None = None
    """Priority neighbourhood (QPV, 2024 map)."""
    detail: Line | None = None

    @field_validator("neighbourhood")
    @classmethod
    def _in_the_commune(cls, neighbourhood: str | None, info: ValidationInfo) -> str | None:
        commune = info.data.get("commune")
        if neighbourhood and commune:
            parents = territories()[neighbourhood].parents
            if commune not in parents and not territories()[commune].parents & parents:
                raise fault(
                    "neighbourhood_elsewhere",
                    "This priority neighbourhood does not lie in this commune.",
                    "Correct the commune or the neighbourhood.",
                )
        return neighbourhood

    @property
    def metropolis(self) -> str | None:
        """MEL or AMP, from the commune or the neighbourhood; none when neither is known."""
        code = self.commune or self.neighbourhood
        return territories()[code].metropolis if code else None


class Facts(Value):
    """The facts. Their dates decide the limitation periods: `revealed_on` is when the person understood."""

    narrative: Narrative
    occurred_on: Day | None = None
    ended_on: Day | None = None
    """Last day, when the facts lasted."""
    ongoing: bool = False
    revealed_on: Day | None = None
    """The day on which the discrimination came to light (C. trav. L1134-5); a jurist confirms it."""
    place: Place = Place()

    @field_validator("ended_on", "revealed_on")
    @classmethod
    def _not_before_it_began(cls, day: date | None, info: ValidationInfo) -> date | None:
        began: date | None = info.data.get("occurred_on")
        if day and began and day < began:
            raise fault(
                "dates_out_of_order",
                "{field_name} is before occurred_on.",
                "Check both dates.",
                field_name=str(info.field_name),
            )
        return day


class PriorStep(Value):
    """Something the person already did, and what came of it."""

    kind: PriorStepKind
    taken_on: Day | None = None
    to_whom: Line | None = None
    answer: Text | None = None


class ConsentGiven(Value):
    """A consent as it was given: for one transmission, to one recipient."""

    scope: ConsentScope
    recipient: Annotated[Line | None, Field(validate_default=True)] = None
    """The partner organisation, for a transmission to a partner."""
    form: ConsentForm = ConsentForm.WRITTEN
    given_on: Annotated[Day, Says("given on {value}")]

    @field_validator("recipient")
    @classmethod
    def _partner_named(cls, recipient: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("scope") is ConsentScope.REFERRAL and recipient is None:
            raise fault(
                "recipient_missing", "A consent to a referral names the partner it is for.", "Fill in recipient."
            )
        return recipient


def _each_once(codes: tuple[C, ...]) -> tuple[C, ...]:
    if len(set(codes)) < len(codes):
        raise fault("repeated", "The same code is named twice.", "Name each code once.")
    return codes


Criteria = Annotated[tuple[CriterionCode, ...], Field(min_length=1, max_length=12), AfterValidator(_each_once)]
"""One or several grounds; AUTRE_INDETERMINE when none is identified yet: nobody is turned away for that."""
Acts = Annotated[tuple[Act, ...], Field(min_length=1, max_length=8), AfterValidator(_each_once)]
"""One or several acts; AUTRE_INDETERMINE when they are not characterised yet."""


class Source(Value):
    """Where an imported complaint comes from, so that it is never opened twice."""

    system: Annotated[
        str,
        Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,59}$"),
        shaped("Write up to 60 small letters without accents, figures, dots or dashes, as in registre-2026."),
    ]
    id: Line


class Complaint(Value):
    """A complaint of discrimination as it is received. Unproven by nature: nobody is called a victim or guilty here."""

    received_at: Instant
    channel: Channel
    domain: Annotated[Domain, Heading("domain")]
    criteria: Annotated[Criteria, Heading("grounds")]
    acts: Annotated[Acts, Heading("acts")] = (Act.AUTRE_INDETERMINE,)
    facts: Facts
    complainant: Complainant | None = None
    """None: an anonymous report. It is counted and followed up, but cannot be filed with the Defender."""
    capacity: Capacity = Capacity.SELF
    concerned_person: Complainant | None = None
    """The person concerned, when somebody else complains on their behalf."""
    respondent: Respondent = Respondent()
    relation: Annotated[Relation | None, Field(exclude_if=_is_none)] = None
    """The person's relation to the respondent when it happened, at work or in housing. None: not known."""
    prior_steps: Annotated[tuple[PriorStep, ...], Field(max_length=40)] = ()
    expectations: Text | None = None
    consents: Annotated[tuple[ConsentGiven, ...], Field(max_length=20)] = ()
    source: Source | None = None
    fictitious: Flag = False
    """An example: marked wherever it is shown and left out of every statistic."""

    @field_validator("complainant", "concerned_person")
    @classmethod
    def _born_by_then(cls, person: Complainant | None, info: ValidationInfo) -> Complainant | None:
        received = info.data.get("received_at")
        if person and person.born_on and received is not None and person.born_on > day_of(received):
            raise fault(
                "born_after_reception",
                "born_on is after the complaint was received.",
                "Check this date and received_at.",
            )
        return person

    @field_validator("facts")
    @classmethod
    def _known_by_then(cls, facts: Facts, info: ValidationInfo) -> Facts:
        received = info.data.get("received_at")
        for name in ("occurred_on", "ended_on", "revealed_on"):
            day: date | None = getattr(facts, name)
            if day is not None and received is not None and day > day_of(received):
                raise fault(
                    "after_reception",
                    "facts.{field_name} is after the complaint was received.",
                    "Check this date and received_at.",
                    field_name=name,
                )
        return facts
