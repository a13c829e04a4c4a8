"""Pauses: another decides on a long one, what was told goes on, and only days that stood still are given back."""

from datetime import timedelta

import pytest

from domain.parts.pause import Pause, Resume
from domain.telling import Phrase
from domain.values import day_of
from domain.vocabulary import Level
from tests.domain.examples import CALENDAR, Story
from tests.people import SUPERVISOR, SUPERVISOR_2

BACK = Resume(comment="Back home")


def pause(story: Story, days: int, alone: int | None = None) -> Pause:
    return Pause(reason="HEALTH", until=day_of(story.at) + timedelta(days=days), comment="In hospital", alone=alone)


@pytest.mark.parametrize("alone", [None, 10])
def test_another_than_the_holder_decides_on_a_long_pause(alone: int | None) -> None:
    story, most = Story(), alone or 92
    assert story.refusal(pause(story, most + 1, alone)).code == "pause_alone"
    assert Story().do(pause(story, most, alone)).case.pause is not None
    assert Story().do(pause(story, most + 1, alone), by=SUPERVISOR).case.pause is not None


def test_a_supervisor_who_holds_the_case_asks_another() -> None:
    story = Story(opened_by=SUPERVISOR)
    assert story.refusal(pause(story, 93), by=SUPERVISOR).code == "pause_alone"
    assert story.do(pause(story, 93), by=SUPERVISOR_2).case.pause is not None


def test_a_pause_silences_no_alert_that_stands() -> None:
    story = Story().until("2026-03-17").pass_deadlines()
    assert {a.level for a in story.case.standing_alerts} == {Level.CASE_WORKER, Level.SUPERVISOR}
    before = story.due("STALL", "PLAN_LEAD")
    story.do(pause(story, 90))
    assert story.due("STALL", "PLAN_LEAD") == before
    story.until(before).pass_deadlines().wait(days=20).pass_deadlines()
    assert [a.level for a in story.case.standing_alerts].count(Level.PLAN_LEAD) == 2, "told, and told again"


def test_a_pause_begins_no_alert() -> None:
    story = Story().do(pause(Story(), 60)).until("2026-04-20").pass_deadlines()
    assert story.case.standing_alerts == ()


@pytest.mark.parametrize(("days", "given_back"), [(0, 0), (1, 1), (3, 3), (7, 5)])
def test_the_days_that_stood_still_are_given_back_and_no_other(days: int, given_back: int) -> None:
    """From a Tuesday: resumed within the minute, on Wednesday, on Friday, on the next Tuesday."""
    story = Story().wait(days=1)
    due = story.due("STALL")
    story.do(pause(story, 30)).wait(days=days, minutes=1).do(BACK)
    assert story.due("STALL") == CALENDAR.add(due, given_back)


def test_a_pause_that_lasted_to_its_end_gives_back_its_last_day_too() -> None:
    story = Story().wait(days=1)
    due = story.due("STALL")
    story.do(pause(story, 3)).until("2026-03-09").pass_deadlines()
    assert story.case.pause is None
    assert story.due("STALL") == CALENDAR.add(due, 4)  # Tuesday to Friday


def test_an_ended_pause_is_shown_with_its_days() -> None:
    story = Story().do(pause(Story(), 30)).wait(days=4).do(BACK)
    state = story.case.pauses[0].line().state
    assert isinstance(state, Phrase)
    assert state.facts == {"days": 4, "first": story.case.pauses[0].from_day}
