"""Three years without a human hand, and a policy that changes in the middle: nothing late, nothing twice."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from domain.actors import CLOCK
from domain.levels import Ladder
from domain.parts.alert import PassDeadlines
from domain.time.clocks import passed
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.values import day_of
from domain.vocabulary import OPEN_STEPS, DeadlineKind, Level
from tests.domain.random_story import random_story
from tests.domain.time.ladders import alone, told_late, working


@pytest.mark.parametrize("cases", [25, pytest.param(1_000, marks=[pytest.mark.proof, pytest.mark.timeout(600)])])
def test_three_years_without_a_human_hand(cases: int, record_property: Callable[[str, object], None]) -> None:
    by_kind: Counter[str] = Counter()
    raised = late = twice = 0
    end = date(2029, 3, 2)
    for seed in range(cases):
        story = random_story(seed)
        begun = story.at
        alone(story, end)
        alerts = story.case.alerts
        twice += len(alerts) - len({a.key for a in alerts})
        late += len(told_late(story, begun))
        raised += len(alerts)
        by_kind.update(a.kind for a in alerts)
        assert not passed(story.agenda(), story.at)
        assert [d for d in story.ours() if d.due <= story.at + timedelta(days=30)], "it is heard of within a month"
        repeats = [day_of(a.raised_at) for a in alerts if a.kind == "STALL" and a.level is Level.PLAN_LEAD]
        assert len(repeats) >= 50
        assert all(b == working(10, a) for a, b in zip(repeats[-20:], repeats[-19:], strict=False))
    kinds = ", ".join(f"{kind} {n}" for kind, n in by_kind.most_common())
    record_property(
        f"domain: {cases} cases, three years without a hand", f"{raised} raised, {late} late, {twice} twice ({kinds})"
    )
    assert (late, twice) == (0, 0)
    assert set(by_kind) == set(DeadlineKind) - {
        DeadlineKind.PAUSE_END, DeadlineKind.RETENTION, DeadlineKind.ARCHIVE_END, DeadlineKind.HOLD_REVIEW,
        DeadlineKind.ARCHIVE_REVIEW,
        DeadlineKind.NO_HOLDER, DeadlineKind.TRANSFER_PROPOSED, DeadlineKind.TRANSFER_ANSWER,
        DeadlineKind.TRANSFER_DECLINED,
        DeadlineKind.FILING_UNSENT, DeadlineKind.FILING_CONSENT, DeadlineKind.FILING_ENDED,
    }  # fmt: skip


STRICTER = DEFAULT_POLICY.model_copy(
    update={
        "stall": dict.fromkeys(OPEN_STEPS, Ladder(case_worker=2, supervisor=4, plan_lead=8)),
        "no_contact": Ladder(case_worker=10, supervisor=15, plan_lead=20),
        "repeat": 5,
    }
)
LAXER = DEFAULT_POLICY.model_copy(
    update={
        "stall": dict.fromkeys(OPEN_STEPS, Ladder(case_worker=60, supervisor=120, plan_lead=180)),
        "no_contact": Ladder(case_worker=90, supervisor=120, plan_lead=150),
        "repeat": 30,
    }
)


@pytest.mark.parametrize("then", [STRICTER, LAXER], ids=["stricter", "laxer"])
@pytest.mark.parametrize("cases", [15, pytest.param(500, marks=[pytest.mark.proof, pytest.mark.timeout(600)])])
def test_a_policy_change_in_the_middle_tells_nothing_twice_and_what_it_makes_due_at_once(
    cases: int, then: Policy, record_property: Callable[[str, object], None]
) -> None:
    raised = 0
    for seed in range(cases):
        story = random_story(seed)
        begun, changed = story.at, date(2026, 4, 1) + timedelta(days=seed * 7 % 400)
        alone(story, changed)
        story.policy = then
        at_once = passed(story.agenda(), story.at)
        before = len(story.case.alerts)
        if at_once:
            story.do(PassDeadlines(deadlines=at_once), by=CLOCK)
            assert {a.key for a in story.case.alerts[before:]} == {
                d.key for d in at_once if d.kind is not DeadlineKind.PAUSE_END
            }
        after = story.at
        alone(story, changed + timedelta(days=365))
        keys = [a.key for a in story.case.alerts]
        assert len(keys) == len(set(keys))
        assert not [a for a in told_late(story, begun) if a.raised_at != after]
        assert not passed(story.agenda(), story.at)
        raised += len(keys)
    name = "stricter" if then is STRICTER else "laxer"
    record_property(f"domain: {cases} cases, a {name} policy in the middle", f"{raised} raised, 0 late, 0 twice")
