"""Cases of which nobody can tell when their rights end: the facts are to be dated at once, and nothing falls due."""

from datetime import date
from typing import Any

import pytest

from domain.parts.erasure import Erase, SetArchiveEnd
from domain.parts.intake import AmendComplaint
from domain.values import day_of
from domain.vocabulary import DeadlineKind
from tests.domain.examples import Story, complaint, complaint_data
from tests.people import LOU, SUPERVISOR

UNDATED = {"narrative": "Some day last year."}
DATED = UNDATED | {"occurred_on": "2026-02-20"}
MINOR = LOU | {"is_minor": True}


def kinds(story: Story) -> set[DeadlineKind]:
    return {d.kind for d in story.agenda()}


def test_facts_without_a_date_are_told_on_the_day_of_the_opening_and_climb() -> None:
    story = Story(facts=UNDATED)
    told = [(d.level, day_of(d.due)) for d in story.agenda() if d.kind is DeadlineKind.FACTS_UNDATED]
    assert told == [
        ("CASE_WORKER", date(2026, 3, 2)),
        ("SUPERVISOR", date(2026, 3, 5)),
        ("PLAN_LEAD", date(2026, 3, 16)),
    ]
    story.until("2026-03-05").pass_deadlines()
    assert [a.level for a in story.case.standing_alerts if a.kind is DeadlineKind.FACTS_UNDATED] == [
        "CASE_WORKER",
        "SUPERVISOR",
    ]


def test_once_the_facts_are_dated_nothing_is_told_any_more() -> None:
    assert DeadlineKind.FACTS_UNDATED not in kinds(Story(facts=DATED))
    story = Story(facts=UNDATED)
    story.do(AmendComplaint(complaint=complaint(facts=DATED), reason="They remembered"))
    assert DeadlineKind.FACTS_UNDATED not in kinds(story)


ENDLESS: list[dict[str, Any]] = [
    {"facts": UNDATED},
    {"complainant": MINOR},
    {"prior_steps": [{"kind": "COURT_ACTION", "taken_on": "2026-02-25"}]},
]


@pytest.mark.parametrize("told", ENDLESS, ids=["undated", "minor", "suing"])
def test_while_a_right_may_run_for_ever_no_erasure_falls_due(told: dict[str, Any]) -> None:
    story = Story(**told).closed()
    assert kinds(story) == {DeadlineKind.RETENTION, DeadlineKind.ARCHIVE_REVIEW}
    story.until("2060-01-05").pass_deadlines()
    assert story.refusal(Erase(reason="RETENTION_ENDED"), by=SUPERVISOR).code == "retention_runs"


@pytest.mark.parametrize("told", ENDLESS, ids=["undated", "minor", "suing"])
def test_the_day_that_is_set_ends_the_archive(told: dict[str, Any]) -> None:
    story = Story(**told).closed().do(SetArchiveEnd(until="2041-01-07", reason="Judged"), by=SUPERVISOR)
    assert story.due("ARCHIVE_END", "SUPERVISOR") == date(2041, 1, 7)
    story.until("2041-01-08").pass_deadlines()
    assert story.do(Erase(reason="RETENTION_ENDED"), by=SUPERVISOR).case.step == "ERASED"


@pytest.mark.parametrize(
    "told",
    [
        {"complainant": MINOR | {"born_on": "2012-06-01"}},
        {"prior_steps": [{"kind": "COURT_ACTION", "taken_on": "2026-02-25", "answer": "Dismissed"}]},
    ],
    ids=["born", "judged"],
)
def test_where_the_end_is_known_it_falls_due_by_itself(told: dict[str, Any]) -> None:
    assert kinds(Story(**told).closed()) == {DeadlineKind.RETENTION, DeadlineKind.ARCHIVE_END}


def test_what_was_not_asked_before_is_left_out_of_what_is_stored() -> None:
    stored = complaint(**complaint_data()).model_dump(mode="json")
    assert "relation" not in stored
    assert not {"born_on", "residence"} & set(stored["complainant"])
    assert "archive_until" not in Story().case.model_dump(mode="json")
