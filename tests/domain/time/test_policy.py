"""The policy as data: what is refused names its field, domains have their own pace, a preview keeps its word."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from domain import commands as c
from domain.parts.piece import StartEvidence
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.time.preview import Preview, preview
from domain.vocabulary import OPEN_STEPS, DeadlineKind, Step
from tests.domain.examples import CALENDAR, Story
from tests.domain.random_story import random_story
from tests.domain.time.ladders import alone

STEPS = {step.value: {"case_worker": 2, "supervisor": 4, "plan_lead": 6} for step in OPEN_STEPS}
GOOD = {"case_worker": 2, "supervisor": 4, "plan_lead": 6}
DOWN = {"case_worker": 4, "supervisor": 2, "plan_lead": 6}


# --- What is refused ---


@pytest.mark.parametrize(
    ("said", "where", "code"),
    [
        ({"stall": STEPS | {"INTAKE": DOWN}}, ("stall", "INTAKE"), "ladder_order"),
        ({"stall": STEPS | {"INTAKE": GOOD | {"supervisor": 2}}}, ("stall", "INTAKE"), "ladder_order"),
        (
            {"stall": STEPS | {"INTAKE": GOOD | {"case_worker": 0}}},
            ("stall", "INTAKE", "case_worker"),
            "greater_than_equal",
        ),
        (
            {"stall": STEPS | {"INTAKE": GOOD | {"plan_lead": 2001}}},
            ("stall", "INTAKE", "plan_lead"),
            "less_than_equal",
        ),
        ({"stall": STEPS | {"INTAKE": {"case_worker": 2}}}, ("stall", "INTAKE", "supervisor"), "missing"),
        ({"stall": {"INTAKE": GOOD}}, ("stall",), "ladder_steps"),
        ({"stall": STEPS | {"CLOSED": GOOD}}, ("stall",), "ladder_steps"),
        ({"stall": STEPS | {"LUNCH": GOOD}}, ("stall", "LUNCH", "[key]"), "enum"),
        ({"stall_by_domain": {"SANTE": {"CLOSED": GOOD}}}, ("stall_by_domain",), "ladder_steps_domain"),
        ({"stall_by_domain": {"SANTE": {"INTAKE": DOWN}}}, ("stall_by_domain", "SANTE", "INTAKE"), "ladder_order"),
        ({"stall_by_domain": {"SPORT": {"INTAKE": GOOD}}}, ("stall_by_domain", "SPORT", "[key]"), "enum"),
        ({"no_contact": DOWN}, ("no_contact",), "ladder_order"),
        ({"piece_overdue": DOWN}, ("piece_overdue",), "ladder_order"),
        ({"filing_acknowledgement": DOWN}, ("filing_acknowledgement",), "ladder_order"),
        ({"filing_news": DOWN}, ("filing_news",), "ladder_order"),
        ({"repeat": 0}, ("repeat",), "greater_than_equal"),
        ({"repeat": "often"}, ("repeat",), "int_parsing"),
        ({"repeat": None}, ("repeat",), "int_type"),
        ({"referral_reminder": 20}, ("referral_expiry",), "expiry_early"),
        ({"referral_reminder": 9, "referral_expiry": 8}, ("referral_expiry",), "expiry_early"),
        ({"limitation_notice": [3, 15]}, ("limitation_notice",), "notice_order"),
        ({"limitation_notice": [15, 15]}, ("limitation_notice",), "notice_order"),
        ({"limitation_notice": []}, ("limitation_notice",), "notice_order"),
        ({"short_limitation_notice": [3, -1]}, ("short_limitation_notice", 1), "greater_than_equal"),
        ({"retention_years": 0}, ("retention_years",), "greater_than_equal"),
        ({"grace": 31}, ("grace",), "less_than_equal"),
        ({"repeats": 5}, ("repeats",), "extra_forbidden"),
    ],
)
def test_a_bad_policy_names_its_field(said: dict[str, Any], where: tuple[str, ...], code: str) -> None:
    base = DEFAULT_POLICY.model_dump(mode="json")
    with pytest.raises(ValidationError) as caught:
        Policy.model_validate(base | said)
    faults = [(error["loc"], error["type"]) for error in caught.value.errors()]
    assert (where, code) in faults


def test_a_policy_survives_being_written_down() -> None:
    policy = Policy.model_validate({"stall_by_domain": {"SANTE": {"INTAKE": GOOD}}, "repeat": 7})
    assert Policy.model_validate_json(policy.model_dump_json()) == policy
    assert Policy.model_validate_json(DEFAULT_POLICY.model_dump_json()) == DEFAULT_POLICY


# --- By domain ---


def test_a_domain_has_its_own_ladder_where_it_is_given_one() -> None:
    policy = Policy.model_validate({"stall_by_domain": {"SANTE": {"INTAKE": GOOD}}})
    health, housing = Story(policy=policy, domain="SANTE"), Story(policy=policy)
    assert health.due("STALL") == date(2026, 3, 4)
    assert housing.due("STALL") == date(2026, 3, 9)
    # Its other steps go by what is said for everybody.
    assert health.do(StartEvidence()).due("STALL") == CALENDAR.add(date(2026, 3, 2), 20)


def test_another_domain_after_all_goes_by_its_own_ladder_from_then_on() -> None:
    policy = Policy.model_validate({"stall_by_domain": {"SANTE": {"INTAKE": GOOD}}})
    story = Story(policy=policy).until("2026-03-04")
    qualify = {
        "kind": "qualify",
        "domain": "SANTE",
        "criteria": ["AGE"],
        "acts": ["DIRECTE"],
        "reasoning": "In writing",
    }
    assert story.do(c.COMMANDS["qualify"].model_validate(qualify)).due("STALL") == date(2026, 3, 6)


# --- Preview ---

STRICTER = Policy.model_validate(
    {
        "stall": {step.value: {"case_worker": 2, "supervisor": 4, "plan_lead": 6} for step in OPEN_STEPS},
        "stall_by_domain": {
            "SANTE": {s.value: {"case_worker": 1, "supervisor": 2, "plan_lead": 3} for s in OPEN_STEPS}
        },
        "no_contact": {"case_worker": 5, "supervisor": 10, "plan_lead": 15},
        "filing_acknowledgement": {"case_worker": 3, "supervisor": 6, "plan_lead": 9},
        "referral_reminder": 1,
        "referral_expiry": 3,
        "limitation_notice": [400, 200, 100],
        "repeat": 3,
    }
)
LAXER = Policy.model_validate(
    {
        "stall": {step.value: {"case_worker": 50, "supervisor": 60, "plan_lead": 70} for step in OPEN_STEPS},
        "no_contact": {"case_worker": 100, "supervisor": 110, "plan_lead": 120},
        "repeat": 30,
    }
)


@pytest.mark.parametrize("then", [STRICTER, LAXER, DEFAULT_POLICY], ids=["stricter", "laxer", "the same"])
def test_a_preview_says_what_then_happens(then: Policy, record_property: Callable[[str, object], None]) -> None:
    stories = []
    for seed in range(80):
        story = random_story(seed)
        stories.append(alone(story, date(2026, 3, 20 + seed % 10)).until(date(2026, 4, 3)).pass_deadlines())
        story.pass_deadlines()
    at = stories[0].at
    said = preview([s.case for s in stories], DEFAULT_POLICY, then, CALENDAR, at)

    done = dict.fromkeys(set(Preview.model_fields) - {"alerted"}, 0)
    for story in stories:
        next_due, stalled, known = story.agenda()[0].due, story.case.is_stalled, len(story.case.alerts)
        story.policy = then
        done["cases"] += 1
        done["sooner"] += story.agenda()[0].due < next_due
        done["later"] += story.agenda()[0].due > next_due
        story.pass_deadlines()
        done["alerts_at_once"] += len(story.case.alerts) - known
        done["would_stall"] += story.case.is_stalled and not stalled
        raised = len(story.case.alerts)
        assert len(story.pass_deadlines().case.alerts) == raised
    assert said.model_copy(update={"alerted": ()}) == Preview(**done)
    assert (len(said.alerted) > 0) == (said.alerts_at_once > 0)
    record_property("domain: preview", f"{said.model_dump()} foretold, and so it was")
    if then is STRICTER:
        assert min(said.alerts_at_once, said.would_stall, said.sooner) > 15
    else:
        assert said.alerts_at_once == said.would_stall == said.sooner == 0
    assert all(a.kind is not DeadlineKind.PAUSE_END for s in stories for a in s.case.alerts)


def test_a_preview_counts_nothing_that_is_due_anyway() -> None:
    story = Story().until("2026-06-01")
    assert story.case.step is Step.INTAKE
    same = preview([story.case], DEFAULT_POLICY, DEFAULT_POLICY, CALENDAR, story.at)
    assert same == Preview(cases=1)
