"""Disagreements of a case with its workflow, and the number of cases that are asked at once."""

from datetime import UTC, datetime, timedelta

import pytest

from activities import review
from domain.exchange.rollout import Rollout
from domain.exchange.sweep import Armed, Expected, disagreement
from domain.vocabulary import Disagreement

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(("per_second", "cases"), [(500, 50), (20, 50), (0.5, 30), (0.1, 6), (0.001, 1)])
def test_a_slow_rollout_asks_fewer_cases_at_once(per_second: float, cases: int) -> None:
    rollout = Rollout(version=1, per_second=per_second)
    assert rollout.at_once == cases
    longest = cases * (review.ANSWER + timedelta(seconds=1 / per_second))
    assert longest < timedelta(minutes=10) or cases == 1


def wanted(due: timedelta | None = timedelta(days=1), overdue: int = 0) -> Expected:
    return Expected(reference="-", version=4, due=None if due is None else NOW + due, overdue=overdue)


@pytest.mark.parametrize(
    ("expected", "version", "rings", "kind"),
    [
        (wanted(), 4, timedelta(days=1), None),
        (wanted(), 4, timedelta(hours=1), None),  # it wakes once too often, which is cheaper than setting it anew
        (wanted(), 4, timedelta(days=1, microseconds=1), Disagreement.LATE_TIMER),
        (wanted(), 4, None, Disagreement.LATE_TIMER),
        (wanted(None), 4, None, None),
        (wanted(None), 4, timedelta(days=1), None),
        (wanted(), 3, timedelta(days=1), Disagreement.BEHIND),
        (wanted(), 5, None, Disagreement.AHEAD),
        (wanted(-timedelta(hours=1), 2), 4, -timedelta(hours=1), Disagreement.OVERDUE),
        (wanted(-timedelta(seconds=1)), 4, -timedelta(seconds=1), None),  # about to be noted
    ],
)
def test_what_is_a_disagreement(
    expected: Expected, version: int, rings: timedelta | None, kind: Disagreement | None
) -> None:
    armed = Armed(version=version, rings_at=None if rings is None else NOW + rings)
    assert disagreement(expected, armed) == kind
