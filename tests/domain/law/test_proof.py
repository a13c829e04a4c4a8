"""The checklist: every row is within reach of some case, what perishes leads, and nothing is told as a chance."""

import dataclasses
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.counting import Mode
from domain.law.proof import PUBLIC_LAW, Checklist, answer_due, asked_of, checklist, fitting, foreseen
from domain.parts.assessment import Assess
from domain.parts.letter import SendLetter
from domain.parts.piece import AddPiece, ReceivePiece
from domain.reference import criteria, evidence, levers, limitation_periods
from domain.values import day_of
from domain.vocabulary import Act, Domain, Leg, Party, RespondentKind, Standard
from tests.domain.examples import CALENDAR, Story, complaint, consent
from tests.domain.random_story import random_story

TODAY = date(2026, 3, 2)


def looked_at(story: Story, today: date | None = None) -> Checklist:
    return checklist(story.case, CALENDAR, today or day_of(story.at))


# --- The reference data ---


def test_every_row_of_the_checklist_is_in_some_case() -> None:
    reached = {item.code for d in Domain for item in foreseen(complaint(domain=d))}
    assert reached == set(evidence())


def test_grounds_and_acts_bring_pieces_into_a_case_of_any_domain() -> None:
    codes = set(criteria()) | set(Act) | {PUBLIC_LAW}
    for item in evidence().values():
        assert item.also_for | item.mainly_for <= codes
        for code in item.also_for:
            said = {"acts": [code]} if code in set(Act) else {"criteria": [code]}
            assert item in foreseen(complaint(domain="AUTRE", **said)), (item.code, code)


def test_every_piece_shows_something_and_can_be_obtained_somehow() -> None:
    for item in evidence().values():
        assert item.legs and item.levers, item.code
        assert set(item.levers) <= set(levers())
    assert {code for item in evidence().values() for code in item.levers} == set(levers())


@pytest.mark.parametrize("domain", list(Domain))
def test_each_leg_has_something_to_look_for_in_every_domain(domain: Domain) -> None:
    assert {leg for item in foreseen(complaint(domain=domain)) for leg in item.legs} == set(Leg)


def test_each_lever_has_an_answer_due_or_nothing_to_send() -> None:
    for lever in levers().values():
        assert (lever.signed_by in ("person", "team")) == (lever.period is not None), lever.code
        assert not (lever.limit and lever.own_period), "the law's time limit, or ours"
        assert lever.side in ("public", "private", "both")
        assert lever.basis


def test_answers_are_awaited_from_date_to_date_as_the_law_says() -> None:
    assert {limitation_periods()[x.limit].mode for x in levers().values() if x.limit} <= {Mode.CALENDAR, Mode.EU}
    assert answer_due(levers()["PERSONAL_DATA"], date(2026, 1, 31)).deadline_legal == date(
        2026, 3, 2
    )  # the 28th: Saturday
    assert answer_due(levers()["CCTV"], TODAY).deadline_legal == date(2026, 3, 5)
    assert answer_due(levers()["PUBLISHED"], TODAY).deadline_legal is None


# --- Levers ---


@pytest.mark.parametrize(
    ("kind", "domain", "code"),
    [
        (RespondentKind.COMPANY, Domain.LOGEMENT_PRIVE, "REASONS_PRIVATE"),
        (RespondentKind.PUBLIC_BODY, Domain.SERVICES_PUBLICS, "REASONS_PUBLIC"),
    ],
)
def test_reasons_are_asked_for_under_the_law_of_whoever_refused(kind: str, domain: str, code: str) -> None:
    told = complaint(domain=domain, respondent={"kind": kind})
    assert [lever.code for lever in fitting(evidence()["EV011"].levers, told)] == [code]


def test_where_it_is_not_known_who_refused_both_laws_are_offered() -> None:
    told = complaint(domain="SANTE", respondent={"kind": "UNKNOWN"})
    assert len(fitting(evidence()["EV011"].levers, told)) == 2


def test_an_administration_that_is_complained_of_is_asked_as_the_respondent() -> None:
    lever = levers()["ADMINISTRATIVE_DOCUMENT"]
    assert asked_of(lever, complaint(respondent={"kind": "PUBLIC_BODY"})) is Party.RESPONDENT
    assert asked_of(lever, complaint(respondent={"kind": "COMPANY"})) is Party.ADMINISTRATION


# --- What perishes ---


def test_pictures_perish_a_month_after_the_facts_and_lead_the_list() -> None:
    story = Story(domain="BIENS_SERVICES_PRIVES", facts={"narrative": "Refused", "occurred_on": "2026-02-20"})
    first = looked_at(story).lines[0]
    assert (first.id, first.perishes_on) == ("EV052", date(2026, 3, 19))
    assert first.levers[0].code == "CCTV"


def test_a_control_call_perishes_two_days_after_the_facts() -> None:
    first = looked_at(Story()).lines[0]
    assert (first.id, first.perishes_on) == ("EV034", date(2026, 2, 22))


def test_no_day_is_promised_when_the_day_of_the_facts_is_not_known() -> None:
    lines = looked_at(Story(domain="POLICE_JUSTICE", facts={"narrative": "Stopped"})).lines
    assert [line.perishes_on for line in lines if line.perishable] == [None] * sum(x.perishable for x in lines)


@given(st.integers(0, 2**32))
def test_what_perishes_leads_every_list_and_nothing_is_lost_or_told_twice(seed: int) -> None:
    story = random_story(seed)
    found = looked_at(story)
    assert sorted(line.id for line in found.lines) == sorted(p.id for p in story.case.pieces)
    for lines in (found.lines, found.open, *(leg.lines for leg in found.legs)):
        ranks = [(not line.perishable, line.perishes_on or date.max) for line in lines]
        assert ranks == sorted(ranks)
    assert found == looked_at(story), "the same case, calendar and day give the same checklist"
    assert found.open == tuple(line for line in found.lines if line.piece.is_unexplained)


# --- The three legs, the two standards ---


def test_a_leg_weighs_as_much_as_the_strongest_piece_at_hand() -> None:
    story = Story()
    assert {leg.weight for leg in looked_at(story).legs} == {"NOTHING"}
    story.do(ReceivePiece(piece="EV014", description="A bill"), ReceivePiece(piece="EV006", description="A test"))
    story.do(AddPiece(label="A film", held_by="THIRD_PARTY", legs=("GROUND",)))
    story.do(ReceivePiece(piece="P1", description="A film"))
    assert {leg.leg: leg.weight for leg in looked_at(story).legs} == {
        Leg.TREATMENT: "STRONG",
        Leg.GROUND: "INDICATION",
        Leg.LINK: "STRONG",
    }
    met = {s.standard: s.unmet for s in looked_at(story).standards}
    assert met == {Standard.PRESUMPTION: (), Standard.FULL_PROOF: (Leg.GROUND,)}


def test_silence_is_an_indication_for_a_presumption_and_none_for_full_proof() -> None:
    story = Story().do(consent("RESPONDENT"), SendLetter(pieces=("EV009",), lever="PERSONAL_DATA"))
    due = story.case.letters[0].due
    assert looked_at(story, due).legs[1].indications == ()
    late = looked_at(story, due + timedelta(days=1))
    assert [line.id for line in late.legs[1].indications] == ["EV009"]
    assert late.legs[1].lines[-1].silent_since in (None, due)
    met = {s.standard: s.unmet for s in late.standards}
    assert met[Standard.PRESUMPTION] == (Leg.TREATMENT,)
    assert met[Standard.FULL_PROOF] == tuple(Leg)


@pytest.mark.parametrize(
    ("said", "presumption", "criminal"),
    [
        ({}, True, True),
        ({"criteria": ["DOMICILIATION_BANCAIRE"]}, True, False),
        ({"acts": ["PROPOS"]}, False, True),
        ({"acts": ["PROPOS", "DIRECTE"]}, True, True),
    ],
)
def test_which_courts_a_case_may_come_before(said: dict[str, object], presumption: bool, criminal: bool) -> None:
    assert [s.is_open for s in looked_at(Story(**said)).standards] == [presumption, criminal]


def test_what_the_jurist_assessed_stands_beside_what_is_at_hand() -> None:
    story = Story().do(Assess(treatment="STANDS", ground="PARTIAL", link="MISSING", reasoning="Thin"))
    assert [leg.assessed for leg in looked_at(story).legs] == ["STANDS", "PARTIAL", "MISSING"]


def test_a_piece_that_seldom_helps_here_says_so_and_comes_after_those_that_do() -> None:
    found = looked_at(Story(respondent={"kind": "COMPANY", "name": "Agence"}))
    by_id = {line.id: line for line in found.lines}
    assert not by_id["EV012"].usual and not by_id["EV013"].usual
    health = {line.id: line for line in looked_at(Story(criteria=["HANDICAP"])).lines}
    assert health["EV013"].usual
    kept = [line.usual for line in found.lines if not line.perishable]
    assert kept == sorted(kept, reverse=True)


def test_no_figure_of_a_checklist_can_be_read_as_a_chance_of_success() -> None:
    found = looked_at(Story().do(ReceivePiece(piece="EV006", description="A test")))
    for part in (found, *found.legs, *found.standards):
        assert not any(isinstance(getattr(part, f.name), float) for f in dataclasses.fields(part))
