"""Reference data that the law and the map change: read once from the CSV files beside this module, with their sources.

Nothing here is computed: a jurist can review the files line by line. `docs/reference.md` says where each comes from.
"""

import csv
import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import AfterValidator

from domain.counting import Mode, Period
from domain.errors import fault
from domain.vocabulary import Domain, Leg, Party

_FILES = resources.files(__name__)  # found now: looked for at the first use, it would be imported again, in a workflow


def _rows(name: str) -> list[dict[str, str]]:
    text = _FILES.joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@dataclass(frozen=True, slots=True)
class Criterion:
    """A prohibited ground, and which of the four lists of law it stands in: that decides the routes open to a case."""

    code: str
    label_fr: str
    label_en: str
    kind: str
    """core (in one of the three general lists), extension, assimilated (no criterion needed in law) or technical."""
    in_civil_law: bool
    """loi 2008-496 art. 1."""
    in_criminal_code: bool
    """C. pén. 225-1, 225-1-1, 225-1-2."""
    in_labour_code: bool
    """C. trav. L1132-1."""
    in_civil_service_code: bool
    """CGFP L131-1, L131-2."""
    texts: str
    """The texts of its own, for a ground that stands in none of the general lists, or in a text beside them."""
    special_category: str
    """GDPR art. 9: yes, no or maybe (treated as yes)."""
    stat_group: str
    note: str


@cache
def criteria() -> dict[str, Criterion]:
    """Every criterion by its code, in the order of the law."""
    return {
        row["code"]: Criterion(
            code=row["code"],
            label_fr=row["label_fr"],
            label_en=row["label_en"],
            kind=row["kind"],
            in_civil_law=row["loi_2008_496_art1"] != "no",
            in_criminal_code=row["code_penal_225_1"] != "no",
            in_labour_code=row["code_travail_L1132_1"] != "no",
            in_civil_service_code=row["cgfp_L131"] != "no",
            texts=row["texts"],
            special_category=row["gdpr_art9"],
            stat_group=row["stat_group"],
            note=row["note"],
        )
        for row in _rows("criteria.csv")
    }


@dataclass(frozen=True, slots=True)
class Territory:
    """A metropolis, a commune, an arrondissement or a priority neighbourhood (QPV)."""

    code: str
    """INSEE code of a commune, SIREN of a metropolis, QN code of a priority neighbourhood (2024 map)."""
    name: str
    level: str
    """epci, commune, commune-associee, arrondissement-municipal or qpv."""
    metropolis: str
    """MEL (Lille) or AMP (Aix-Marseille)."""
    parents: frozenset[str]
    postal_codes: frozenset[str]
    population: int | None
    """Inhabitants of a commune or a metropolis; None where the table has no number."""


@cache
def territories() -> dict[str, Territory]:
    """Every territory of the two metropolises by its code."""
    return {
        row["code"]: Territory(
            code=row["code"],
            name=row["name"],
            level=row["level"],
            metropolis=row["metropole"],
            parents=frozenset(row["parent_codes"].replace(",", " ").split()),
            postal_codes=frozenset(row["postal_codes"].split()),
            population=int(row["population_municipale"]) if row["population_municipale"] else None,
        )
        for row in _rows("territories.csv")
    }


METROPOLISES = ("MEL", "AMP")


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A piece that usually helps in a domain: why, who holds it, how it is obtained, and whether it perishes."""

    code: str
    domain: str
    """One of the domains of the file, or "transversal" for every case."""
    label_fr: str
    label_en: str
    why: str
    held_by: str
    lever: str
    delay: str
    strength: int
    """1 context, 2 indication, 3 strong indication."""
    perishable: bool
    caution: str
    legs: tuple[Leg, ...]
    """The legs that it helps to show."""
    levers: tuple[str, ...]
    """The levers by which it is asked for, the usual one first."""
    also_in: frozenset[str]
    """Domains, beside its own, that bring it into a case."""
    also_for: frozenset[str]
    """Acts and grounds that bring it into a case of any domain."""
    mainly_for: frozenset[str]
    """Acts, grounds or PUBLIC_LAW without which it seldom helps; empty when it helps everywhere."""
    perishes: str
    """A time limit after which it is gone, or how long after the facts (ISO 8601); empty when no date is known."""
    medical: bool
    """Under medical secrecy: it leaves the house with a consent of its own."""
    asked_fr: str
    """Its name in a letter, where its label would read oddly."""


@cache
def evidence() -> dict[str, EvidenceItem]:
    """Every item of the evidence checklist by its code, with how it is used (`evidence_use.csv`)."""
    use = {row["id"]: row for row in _rows("evidence_use.csv")}
    return {
        row["id"]: EvidenceItem(
            code=row["id"],
            domain=row["domain"],
            label_fr=row["piece_fr"],
            label_en=row["piece_en"],
            why=row["why_it_helps"],
            held_by=row["who_holds_it"],
            lever=row["legal_lever"],
            delay=row["delay"],
            strength=int(row["strength_1_3"]),
            perishable=row["perishable"] not in ("no", ""),
            caution=row["caution"],
            legs=tuple(Leg[leg.upper()] for leg in use[row["id"]]["legs"].split()),
            levers=tuple(use[row["id"]]["levers"].split()),
            also_in=frozenset(use[row["id"]]["also_in"].split()),
            also_for=frozenset(use[row["id"]]["also_for"].split()),
            mainly_for=frozenset(use[row["id"]]["mainly_for"].split()),
            perishes=use[row["id"]]["perishes"],
            medical=use[row["id"]]["medical"] == "yes",
            asked_fr=use[row["id"]]["asked_fr"],
        )
        for row in _rows("evidence_checklist.csv")
    }


_EVIDENCE_DOMAINS = {
    Domain.EMPLOI_PRIVE: {"emploi_prive"},
    Domain.EMPLOI_PUBLIC: {"emploi_public"},
    Domain.LOGEMENT_PRIVE: {"logement_prive"},
    Domain.LOGEMENT_SOCIAL: {"logement_social"},
    Domain.SANTE: {"sante"},
    Domain.EDUCATION_FORMATION: {"education_formation"},
    Domain.BIENS_SERVICES_PRIVES: {"biens_services"},
    Domain.SERVICES_PUBLICS: {"services_publics"},
    Domain.PROTECTION_SOCIALE: {"services_publics"},
    Domain.POLICE_JUSTICE: {"police"},
    Domain.REGLEMENTATION: {"services_publics"},
    Domain.AUTRE: set(),
}


@cache
def checklist_for(domain: Domain, codes: tuple[str, ...] = ()) -> tuple[EvidenceItem, ...]:
    """The pieces to look for in a case of this domain, with these grounds and acts.

    What perishes first, then the strongest, then the file's order. Grounds and acts only add: a piece too many is
    explained in a word, a piece too few is lost.
    """
    wanted = _EVIDENCE_DOMAINS[domain] | {"transversal"}
    items = [item for item in evidence().values() if item.domain in wanted or _brought_in(item, domain, codes)]
    return tuple(sorted(items, key=lambda item: (not item.perishable, -item.strength)))


def _brought_in(item: EvidenceItem, domain: Domain, codes: tuple[str, ...]) -> bool:
    return domain in item.also_in or not item.also_for.isdisjoint(codes)


@dataclass(frozen=True, slots=True)
class Lever:
    """A way of obtaining a piece: of whom it is asked, on what basis, and how long the answer may take."""

    code: str
    label_fr: str
    label_en: str
    addressee: Party
    """The party that is asked, unless somebody else holds the piece."""
    side: str
    """public or private: the respondents to whom it applies; both otherwise."""
    limit: str
    """The time limit of the law that the answer has; empty when there is none."""
    own_period: Period | None
    """Where the law sets no time limit: how long we wait."""
    basis: str
    signed_by: str
    """person or team; empty when there is nothing to send."""
    next_step_fr: str
    """The next step when no answer comes; empty when there is none."""
    note: str

    @property
    def period(self) -> Period | None:
        """The time to answer: the law's limit, or ours."""
        return limitation_periods()[self.limit].period if self.limit else self.own_period


@cache
def levers() -> dict[str, Lever]:
    """Every lever by its code."""
    return {
        row["code"]: Lever(
            code=row["code"],
            label_fr=row["label_fr"],
            label_en=row["label_en"],
            addressee=Party[row["addressee"]],
            side=row["side"],
            limit=row["limit"],
            own_period=Period.parse(row["period"]) if row["period"] else None,
            basis=row["basis"],
            signed_by=row["signed_by"],
            next_step_fr=row["next_step_fr"],
            note=row["note"],
        )
        for row in _rows("levers.csv")
    }


@dataclass(frozen=True, slots=True)
class LimitationPeriod:
    """A time limit of the law: for what, how long, from when, counted how, and what stops it."""

    code: str
    domain: str
    action: str
    """In French, as the law and the file say it."""
    action_en: str
    body: str
    """The court or body before which the act is done, in French."""
    body_en: str
    period: Period | None
    """None when there is no time limit (NONE), or when it is suspended until a day that is not known (SUSP)."""
    starting_point: str
    mode: Mode
    interrupted_by: str
    suspended_by: str
    legal_basis: str
    source_seen: str
    """Where the text was read; empty when it was not."""
    notes: str

    @property
    def to_be_verified(self) -> bool:
        """True if the file itself says that a jurist must check this row, or names no source for it."""
        return not self.source_seen or "vérifier" in self.notes.lower()


_NOTHING = "—"
_WITHOUT_DATE = {"SUSP": Mode.SUSP, "NONE": Mode.NONE}


def _limitation_period(row: dict[str, str], english: dict[str, str]) -> LimitationPeriod:
    try:
        duration, way = row["duration"], row["computation_mode"]
        mode = _WITHOUT_DATE[duration] if duration in _WITHOUT_DATE else Mode(way)
        if way != _NOTHING:
            Mode(way)
        period = None if duration in _WITHOUT_DATE else Period.parse(duration)
    except ValueError as error:
        raise ValueError(f"limitation_periods.csv, row {row['code']}: {error}") from error
    said = {name: "" if text == _NOTHING else text for name, text in row.items()}
    return LimitationPeriod(
        code=row["code"],
        domain=row["domain"],
        action=row["action"],
        action_en=english["action_en"],
        body=said["jurisdiction_or_body"],
        body_en=english["body_en"],
        period=period,
        starting_point=said["starting_point"],
        mode=mode,
        interrupted_by=said["interrupted_by"],
        suspended_by=said["suspended_by"],
        legal_basis=said["legal_basis"],
        source_seen=said["source_seen"],
        notes=row["notes"],
    )


@cache
def limitation_periods() -> dict[str, LimitationPeriod]:
    """Every time limit of the table by its code. ValueError if a length or a way of counting is not understood."""
    english = {row["code"]: row for row in _rows("limitation_names.csv")}
    return {row["code"]: _limitation_period(row, english[row["code"]]) for row in _rows("limitation_periods.csv")}


@cache
def limitation_table_version() -> str:
    """Which table it is: the start of the SHA-256 digest of the file. A date computed under it can be checked again."""
    content = _FILES.joinpath("limitation_periods.csv").read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]


# --- Codes as field types --------------------------------------------------------------------------------


def _known_criterion(code: str) -> str:
    if code not in criteria():
        raise fault(
            "unknown_criterion",
            "'{code}' is not a criterion.",
            "The codes are in domain/reference/criteria.csv; AUTRE_INDETERMINE if none is known yet.",
            code=code[:40],
        )
    return code


def _known_commune(code: str) -> str:
    found = territories().get(code)
    if found is None or found.level in ("qpv", "epci"):
        raise fault(
            "unknown_commune",
            "'{code}' is not a commune of Lille or Aix-Marseille.",
            "Give its INSEE code (domain/reference/territories.csv), or leave it out if it is elsewhere.",
            code=code[:40],
        )
    return code


def _known_neighbourhood(code: str) -> str:
    found = territories().get(code)
    if found is None or found.level != "qpv":
        raise fault(
            "unknown_neighbourhood",
            "'{code}' is not a priority neighbourhood.",
            "Give its QN code (domain/reference/territories.csv), or leave it out.",
            code=code[:40],
        )
    return code


def _known_lever(code: str) -> str:
    if code not in levers():
        raise fault(
            "unknown_lever",
            "'{code}' is not a lever.",
            "It is one of: {expected}.",
            code=code[:40],
            expected=", ".join(levers()),
        )
    return code


LeverCode = Annotated[str, AfterValidator(_known_lever)]
CriterionCode = Annotated[str, AfterValidator(_known_criterion)]
CommuneCode = Annotated[str, AfterValidator(_known_commune)]
NeighbourhoodCode = Annotated[str, AfterValidator(_known_neighbourhood)]
