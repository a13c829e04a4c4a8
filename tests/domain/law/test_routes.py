"""The table of routes, cell by cell: what is open, closed or not known to be closed, and on which text."""

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.counting import Mode
from domain.law.entered import Toll
from domain.law.grounds import TollGround
from domain.law.limitation import LimitationClock
from domain.law.routes import AWAITING_A_TRIGGER, FOLLOWS, ROUTES
from domain.law.situation import sides
from domain.reference import criteria, limitation_periods
from domain.reference.routes import KINDS, RELATIONS, RouteState, cell, routed
from domain.vocabulary import Act, Domain, Relation, RespondentKind
from tests.domain.examples import complaint
from tests.domain.law.limits import clocks, ends, step

CLOSED, PRESUMED = RouteState.CLOSED, RouteState.PRESUMED
SITUATIONS = [*itertools.product(Domain, (None, *Relation), RespondentKind)]
CONTRACT = {"EMP_PRIV_RUPTURE_AUTRES", "EMP_PRIV_MOTIFS", "EMP_PRIV_SOLDE", "EMP_PRIV_GROSSESSE"}
PERFORMED = {"EMP_PRIV_EXECUTION_AUTRES", "EMP_PRIV_SALAIRE", "EMP_PRIV_AVIS_MEDECIN"}
ADMINISTRATIVE = {"ADM_REP", "ADM_CZABAJ", "ADM_QUADRIENNALE", "ADM_SILENCE", "ADM_REP_IMPLICITE"}


def test_every_row_is_in_the_table_of_routes_or_waits_for_a_jurist() -> None:
    assert routed() == set(ROUTES)
    assert routed() | set(AWAITING_A_TRIGGER) == set(limitation_periods())
    assert set(FOLLOWS) | set(FOLLOWS.values()) <= set(limitation_periods())


def test_every_cell_is_decided_and_has_a_source() -> None:
    states = Counter(cell(row, *situation).state for row in routed() for situation in SITUATIONS)
    unread = sum(cell(row, *s).read_as_of is None for row in routed() for s in SITUATIONS)
    assert all(cell(row, *situation).source for row in routed() for situation in SITUATIONS)
    assert set(states) == set(RouteState)
    counts = ", ".join(f"{state.value} {count}" for state, count in sorted(states.items()))
    print(f"{len(routed())} routes x {len(SITUATIONS)} situations: {counts}; on a text that was not read: {unread}")


def test_what_is_not_known_closes_nothing() -> None:
    """A route that some relation or some kind of respondent of the domain opens is open while that is not known."""
    for row, domain in itertools.product(routed(), Domain):
        for kind in KINDS:
            known = [cell(row, domain, relation, kind).state for relation in RELATIONS.get(domain, (None,))]
            assert (cell(row, domain, None, kind).state is CLOSED) == (set(known) == {CLOSED}), (row, domain, kind)
        if domain not in (Domain.LOGEMENT_PRIVE, Domain.EMPLOI_PRIVE, Domain.BIENS_SERVICES_PRIVES):
            continue
        private = [cell(row, domain, None, kind).state for kind in KINDS if kind is not RespondentKind.PUBLIC_BODY]
        assert (cell(row, domain, None, RespondentKind.UNKNOWN).state is CLOSED) == (set(private) == {CLOSED})
    for domain in (Domain.SANTE, Domain.EDUCATION_FORMATION, Domain.AUTRE):
        assert cell("ADM_REP", domain, None, RespondentKind.UNKNOWN).state is PRESUMED
        assert cell("CIVIL_GENERAL", domain, None, RespondentKind.UNKNOWN).state is PRESUMED


def test_a_relation_of_another_domain_tells_nothing() -> None:
    for row in routed():
        foreign = cell(row, Domain.EMPLOI_PRIVE, Relation.TENANT, RespondentKind.COMPANY)
        assert foreign == cell(row, Domain.EMPLOI_PRIVE, None, RespondentKind.COMPANY)


def open_rows(domain: str, kind: str, relation: str | None, **more: object) -> set[str]:
    return set(clocks(domain=domain, respondent={"kind": kind}, relation=relation, **more))


@pytest.mark.parametrize("domain", ["EMPLOI_PRIVE", "EMPLOI_PUBLIC"])
@pytest.mark.parametrize("kind", list(RespondentKind))
def test_a_refused_candidate_contests_no_dismissal_and_claims_no_wages(domain: str, kind: str) -> None:
    found = open_rows(domain, kind, "CANDIDATE", criteria=["GROSSESSE", "HANDICAP"])
    assert not found & (CONTRACT | PERFORMED)
    assert found & {"EMP_PRIV_REPARATION", "EMP_PUB_REPARATION"}


def test_whoever_is_in_post_has_no_alert_about_a_dismissal_and_whoever_left_has() -> None:
    moral = {"acts": ["HARCELEMENT_MORAL"], "criteria": ["GROSSESSE"]}
    assert not open_rows("EMPLOI_PRIVE", "COMPANY", "EMPLOYED", **moral) & CONTRACT
    assert open_rows("EMPLOI_PRIVE", "COMPANY", "CONTRACT_ENDED", **moral) >= CONTRACT
    unknown = clocks(domain="EMPLOI_PRIVE", respondent={"kind": "COMPANY"}, criteria=["GROSSESSE"])
    assert all(unknown[row].presumed for row in CONTRACT)
    assert any("Not known to be closed" in str(words) for words in unknown["EMP_PRIV_SOLDE"].counted)


def test_a_dentist_in_private_practice_has_no_administrative_court() -> None:
    for domain in (Domain.SANTE, Domain.BIENS_SERVICES_PRIVES, Domain.EDUCATION_FORMATION):
        assert not open_rows(domain, "PROFESSIONAL", None) & ADMINISTRATIVE
    assert not sides(complaint(domain="SANTE", respondent={"kind": "PROFESSIONAL"})).administrative
    assert clocks(domain="SANTE", respondent={"kind": "PERSON"})["ADM_REP"].presumed


def test_a_lease_has_three_years_and_an_applicant_has_no_lease() -> None:
    tenant = clocks(relation="TENANT")["LOGEMENT_BAIL"]
    assert (ends(tenant), tenant.presumed, tenant.route_read) == (("2029-02-20", "2029-02-19"), False, False)
    assert "LOGEMENT_BAIL" not in clocks(relation="HOUSING_APPLICANT")
    assert clocks()["LOGEMENT_BAIL"].presumed


def test_an_identity_check_comes_before_both_courts_and_the_defender() -> None:
    found = clocks(domain="POLICE_JUSTICE", acts=["CONTROLE_FACIES"])
    assert {"ETAT_JUSTICE", "ADM_REP"} <= set(found)
    assert any("LO 2011-333 art. 4" in str(words) for words in found["DDD_SAISINE"].counted)


def test_harassment_and_sexist_conduct_are_offences_without_a_ground() -> None:
    for act in ("HARCELEMENT_SEXUEL", "HARCELEMENT_MORAL", "AGISSEMENT_SEXISTE"):
        told = {"acts": [act], "criteria": ["DOMICILIATION_BANCAIRE"]}
        assert "PENAL_DELIT" in clocks(**told)
        assert sides(complaint(**told)).criminal
    assert ends(clocks(acts=["AGISSEMENT_SEXISTE"])["CONTRAV_SEXISTE"]) == ("2027-02-20", "2027-02-19")


# --- Whatever is told ---

GROUNDS = st.sampled_from(sorted(set(criteria()) - {"AUTRE_INDETERMINE"}))
ACTS = st.sampled_from(sorted(set(Act) - {Act.AUTRE_INDETERMINE}))
KNOWN_KINDS = st.sampled_from(KINDS)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(Domain), st.sampled_from(Relation), KNOWN_KINDS, ACTS, GROUNDS)
def test_forgetting_closes_nothing_and_moves_no_date_later(
    domain: Domain, relation: Relation, kind: RespondentKind, act: str, ground: str
) -> None:
    told = {"domain": domain, "respondent": {"kind": kind}, "relation": relation, "acts": [act], "criteria": [ground]}
    before = clocks(**told)
    for forgotten in (
        {"relation": None},
        {"acts": [act, "AUTRE_INDETERMINE"]},
        {"criteria": [ground, "AUTRE_INDETERMINE"]},
    ):
        after = clocks(**(told | forgotten))
        assert set(before) <= set(after), forgotten
        assert all(no_later(after[row], before[row]) for row in before)


def no_later(one: LimitationClock, other: LimitationClock) -> bool:
    return (one.deadline_prudent or date.min) <= (other.deadline_prudent or date.max)


GROUNDS_OF_TOLLS = st.sampled_from(TollGround)
DAYS = st.dates(date(2020, 1, 1), date(2026, 3, 2))


@settings(deadline=None, max_examples=150)
@given(GROUNDS_OF_TOLLS, DAYS, st.none() | st.integers(0, 700), st.sampled_from(Domain))
def test_whatever_stops_a_period_never_brings_its_end_nearer(
    ground: TollGround, day: date, lasts: int | None, domain: Domain
) -> None:
    rows = frozenset(code for code, row in limitation_periods().items() if row.mode is not Mode.NONE)
    until = None if lasts is None else day + timedelta(days=lasts)
    toll = Toll(ground=ground, clocks=rows, from_day=day, until=until, reason="Drawn")
    told = {"domain": domain, "facts": {"occurred_on": "2021-05-04"}, "prior_steps": [step("WRITTEN_COMPLAINT")]}
    before, after = clocks(**told), clocks(tolls=[toll], **told)
    for row, clock in before.items():
        assert no_later(clock, after[row])
        assert after[row].deadline_legal is None or (clock.deadline_legal or date.min) <= after[row].deadline_legal
