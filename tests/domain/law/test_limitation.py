"""Time limits that are open to a case, and properties that hold whatever is told of it."""

import itertools
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.complaint import Complaint
from domain.counting import Mode
from domain.law.entered import Toll
from domain.law.limitation import LimitationClock, Nature
from domain.law.routes import AWAITING_A_TRIGGER
from domain.reference import criteria, limitation_periods, limitation_table_version
from domain.vocabulary import Act, Domain, PriorStepKind, RespondentKind
from tests.domain.examples import complaint
from tests.domain.law.limits import clocks, clocks_of, ends, step
from tests.people import LOU

DAY = timedelta(days=1)

# --- Which rows are open ---


def everybody() -> Iterable[Complaint]:
    """Complaints on every side of the rules."""
    steps = [step(kind) for kind in PriorStepKind]
    minor = LOU | {"is_minor": True}
    grounds = ["ORIGINE", "HANDICAP", "GROSSESSE"]
    for domain, kind, act in itertools.product(Domain, RespondentKind, Act):
        yield complaint(
            domain=domain, respondent={"kind": kind}, acts=[act], prior_steps=steps, complainant=minor, criteria=grounds
        )


def test_every_row_of_the_table_is_open_to_some_case_or_awaits_a_trigger() -> None:
    reached = {clock.code for told in everybody() for clock in clocks_of(told)}
    assert reached | set(AWAITING_A_TRIGGER) == set(limitation_periods())
    assert not reached & set(AWAITING_A_TRIGGER)
    assert all(AWAITING_A_TRIGGER.values())


def test_no_case_is_without_a_route_that_has_a_time_limit() -> None:
    for told in everybody():
        found = clocks_of(told)
        assert any(clock.nature is Nature.TIME_BAR for clock in found)
        assert {clock.table_version for clock in found} == {limitation_table_version()}


FILM = {"VIDEO_PERISSABLE"}
LABOUR = FILM | {
    *("EMP_PRIV_REPARATION", "EMP_PRIV_NULLITE", "EMP_PRIV_RUPTURE_AUTRES", "EMP_PRIV_EXECUTION_AUTRES"),
    *("EMP_PRIV_SALAIRE", "EMP_PRIV_MOTIFS", "EMP_PRIV_SOLDE"),
}
AGENT = FILM | {"EMP_PUB_REPARATION", "ADM_MPO"}
LODGED = {"CIVIL_GENERAL", "LOGEMENT_BAIL"}
ADMINISTRATION = {"ADM_REP", "ADM_CZABAJ", "ADM_QUADRIENNALE"}
ALWAYS = {"PENAL_DELIT", "DDD_SAISINE"}


@pytest.mark.parametrize(
    ("domain", "kind", "open_rows"),
    [
        ("EMPLOI_PRIVE", "COMPANY", LABOUR),
        ("EMPLOI_PRIVE", "UNKNOWN", LABOUR),
        ("EMPLOI_PRIVE", "PUBLIC_BODY", LABOUR | AGENT | ADMINISTRATION),
        ("EMPLOI_PUBLIC", "PUBLIC_BODY", AGENT | ADMINISTRATION),
        ("EMPLOI_PUBLIC", "UNKNOWN", AGENT | ADMINISTRATION),
        ("EMPLOI_PUBLIC", "ASSOCIATION", LABOUR | AGENT | ADMINISTRATION),
        ("LOGEMENT_PRIVE", "UNKNOWN", LODGED),
        ("LOGEMENT_PRIVE", "PUBLIC_BODY", LODGED | ADMINISTRATION),
        ("LOGEMENT_SOCIAL", "COMPANY", LODGED | FILM | ADMINISTRATION),
        ("SANTE", "UNKNOWN", {"CIVIL_GENERAL"} | FILM | ADMINISTRATION),
        ("SANTE", "PERSON", {"CIVIL_GENERAL"} | FILM | ADMINISTRATION),
        ("SANTE", "PROFESSIONAL", {"CIVIL_GENERAL"} | FILM),
        ("SANTE", "PUBLIC_BODY", FILM | ADMINISTRATION),
        ("SANTE", "ASSOCIATION", {"CIVIL_GENERAL"} | FILM),
        ("EDUCATION_FORMATION", "PUBLIC_BODY", FILM | ADMINISTRATION),
        ("BIENS_SERVICES_PRIVES", "COMPANY", {"CIVIL_GENERAL", "VIDEO_PERISSABLE"}),
        ("SERVICES_PUBLICS", "COMPANY", {"CIVIL_GENERAL", "VIDEO_PERISSABLE"} | ADMINISTRATION),
        (
            "PROTECTION_SOCIALE",
            "PUBLIC_BODY",
            {"CIVIL_GENERAL", "SECU_CRA", "AIDE_SOCIALE_RAPO"} | FILM | ADMINISTRATION,
        ),
        ("POLICE_JUSTICE", "UNKNOWN", {"VIDEO_PERISSABLE", "CAMERA_PIETON"} | ADMINISTRATION),
    ],
)
def test_domain_and_respondent_decide_and_doubt_opens_both_sides(domain: str, kind: str, open_rows: set[str]) -> None:
    assert set(clocks(domain=domain, respondent={"kind": kind})) == open_rows | ALWAYS


def test_the_criminal_route_is_open_when_the_criminal_code_names_a_ground_or_none_is_known() -> None:
    for code, criterion in criteria().items():
        possible = criterion.in_criminal_code or criterion.kind == "technical"
        assert ("PENAL_DELIT" in clocks(criteria=[code])) == possible
    assert "PENAL_DELIT" not in clocks(criteria=["DOMICILIATION_BANCAIRE", "GREVE", "OPINIONS_PHILOSOPHIQUES"])
    assert "PENAL_DELIT" in clocks(criteria=["DOMICILIATION_BANCAIRE", "AGE"])


def test_words_have_the_shortest_periods_and_alone_are_no_offence_of_discrimination() -> None:
    found = clocks(acts=["PROPOS"])
    assert {"PRESSE_DISCRIM", "PRESSE_COMMUN", "CONTRAV_DISCRIM", "VIDEO_PERISSABLE"} <= set(found)
    assert "PENAL_DELIT" not in found
    assert "PENAL_DELIT" in clocks(acts=["PROPOS", "DIRECTE"])
    assert ends(found["PRESSE_COMMUN"]) == ("2026-05-20", "2026-05-19")
    assert ends(found["PRESSE_DISCRIM"]) == ("2027-02-20", "2027-02-19")
    unknown = clocks(acts=["PROPOS"], criteria=["AUTRE_INDETERMINE"])
    assert {"PRESSE_DISCRIM", "CONTRAV_DISCRIM"} <= set(unknown)
    # The press law does not name age: only the three months are left.
    other = clocks(acts=["PROPOS"], criteria=["AGE"])
    assert "PRESSE_COMMUN" in other
    assert not {"PRESSE_DISCRIM", "CONTRAV_DISCRIM"} & set(other)


def test_harassment_at_work_has_its_own_row() -> None:
    assert "EMP_HARCELEMENT_CIVIL" in clocks(domain="EMPLOI_PRIVE", acts=["HARCELEMENT_MORAL"])
    assert "EMP_HARCELEMENT_CIVIL" not in clocks(domain="EMPLOI_PRIVE")


def test_an_anonymous_report_cannot_be_filed_with_the_defender() -> None:
    assert "DDD_SAISINE" not in clocks(complainant=None)


def test_what_the_person_already_did_starts_what_is_awaited() -> None:
    appeal = [step("ADMINISTRATIVE_APPEAL")]
    found = clocks(domain="SERVICES_PUBLICS", prior_steps=appeal)
    assert ends(found["ADM_SILENCE"])[0] == "2026-04-23"
    assert found["ADM_SILENCE"].nature is Nature.AWAITED
    assert found["ADM_REP_IMPLICITE"].start == date(2026, 4, 23)
    assert ends(found["ADM_REP_IMPLICITE"]) == ("2026-06-24", "2026-06-23")
    answered = [step("ADMINISTRATIVE_APPEAL", answer="A refusal")]
    assert not {"ADM_SILENCE", "ADM_REP_IMPLICITE"} & set(clocks(domain="SERVICES_PUBLICS", prior_steps=answered))
    assert "ADM_SILENCE" not in clocks(domain="LOGEMENT_PRIVE", prior_steps=appeal)
    told = clocks(prior_steps=[step("CRIMINAL_COMPLAINT")])
    assert ends(told["PENAL_PCPC"])[0] == "2026-05-23"
    care = clocks(domain="SANTE", acts=["REFUS_SOINS"], prior_steps=[step("OTHER_AUTHORITY")])
    assert [ends(care[code])[0] for code in ("SOINS_AR", "SOINS_CONVOCATION", "SOINS_CONCILIATION")] == [
        "2026-03-03",
        "2026-03-23",
        "2026-05-23",
    ]
    assert care["SOINS_AR"].assumed


def test_each_request_has_its_own_silence_and_one_without_a_day_promises_nothing() -> None:
    steps = [step("ADMINISTRATIVE_APPEAL", "2025-01-06"), step("WRITTEN_COMPLAINT", "2026-02-23")]
    steps.append(step("WRITTEN_COMPLAINT", None))
    found = clocks_of(complaint(domain="SERVICES_PUBLICS", prior_steps=steps))
    silences = [clock for clock in found if clock.code == "ADM_SILENCE"]
    assert [str(clock.start) for clock in silences] == ["None", "2025-01-06", "2026-02-23"]
    assert silences[0].start_unknown


def test_a_prior_step_never_stops_a_period_by_itself() -> None:
    steps = [step(kind, answer="Noted") for kind in PriorStepKind]
    bare, told = clocks(domain="EMPLOI_PUBLIC"), clocks(domain="EMPLOI_PUBLIC", prior_steps=steps)
    assert {code: told[code] for code in bare} == bare


# --- Whatever is told ---

dates = st.dates(date(2000, 1, 1), date(2026, 3, 2))


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    first = draw(st.none() | dates)
    later = dates.filter(lambda day: first is None or day >= first)
    return {
        "narrative": "Drawn",
        "occurred_on": first,
        "ended_on": draw(st.none() | later),
        "revealed_on": draw(st.none() | later),
        "ongoing": draw(st.booleans()),
    }


@settings(deadline=None, max_examples=200)
@given(facts(), st.sampled_from(Domain), st.sampled_from(RespondentKind), st.sets(st.sampled_from(Act), min_size=1))
def test_prudent_before_legal_worst_before_prudent_and_every_sentence_filled(
    told: dict[str, Any], domain: Domain, kind: RespondentKind, acts: set[Act]
) -> None:
    acts = set(sorted(acts)[:8])
    case = complaint(facts=told, domain=domain, respondent={"kind": kind}, acts=list(acts))
    found = clocks_of(case)
    assert found == clocks_of(case)
    dated = [clock for clock in found if clock.deadline_prudent is not None]
    assert dated == sorted(dated, key=lambda clock: clock.deadline_prudent or date.max)
    for clock in found:
        assert (clock.deadline_legal is None) == (clock.deadline_prudent is None) == (clock.start is None)
        assert clock.nature is Nature.UNDATED or clock.presumed == any("Not known" in str(w) for w in clock.counted)
        if clock.deadline_legal and clock.deadline_prudent:
            assert clock.deadline_prudent <= clock.deadline_legal
            assert clock.worst_case is None or clock.worst_case < clock.deadline_prudent
        sentences = [*clock.counted, *([clock.assumed] if clock.assumed else [])]
        assert sentences
        assert not any("{" in str(words) for words in sentences)
        assert LimitationClock.model_validate(clock.model_dump()) == clock


@settings(deadline=None, max_examples=100)
@given(dates, st.integers(1, 900), st.sampled_from(Domain), st.sampled_from(Act))
def test_later_facts_never_end_a_period_earlier(first: date, later: int, domain: Domain, act: Act) -> None:
    second = min(first + later * DAY, date(2026, 3, 2))
    one, other = (clocks(domain=domain, acts=[act], facts={"occurred_on": day}) for day in (first, second))
    assert set(one) == set(other)
    for code, clock in one.items():
        if clock.deadline_legal and clock.deadline_prudent:
            assert clock.deadline_legal <= (other[code].deadline_legal or date.min)
            assert clock.deadline_prudent <= (other[code].deadline_prudent or date.min)


@settings(deadline=None, max_examples=150)
@given(st.data(), facts(), st.sampled_from([Domain.EMPLOI_PRIVE, Domain.EMPLOI_PUBLIC, Domain.SANTE]))
def test_whatever_jurists_enter_prudence_stays_before_the_law(
    data: st.DataObject, told: dict[str, Any], domain: Domain
) -> None:
    rows = frozenset(code for code, row in limitation_periods().items() if row.mode is not Mode.NONE)
    grounds = st.sampled_from(["MEDIATION", "COURT_ACTION", "IMPOSSIBILITY", "ADMINISTRATIVE_APPEAL", "PROSECUTION"])
    entered = []
    for ground, day in data.draw(st.lists(st.tuples(grounds, dates), max_size=3)):
        lasts = data.draw(st.none() | st.integers(0, 700))
        until = None if lasts is None else day + lasts * DAY
        entered.append(Toll(ground=ground, clocks=rows, from_day=day, until=until, reason="Drawn"))
    case = complaint(facts=told, domain=domain, prior_steps=[step("WRITTEN_COMPLAINT")])
    for clock in clocks_of(case, entered):
        if clock.deadline_legal is not None:
            assert clock.deadline_prudent is not None
            assert clock.deadline_prudent <= clock.deadline_legal
