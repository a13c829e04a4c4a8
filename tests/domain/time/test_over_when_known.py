"""What was over before a case was known here: told once, in one line, to whoever holds it; nobody above is called."""

from datetime import date
from typing import Any

import pytest

from domain.actors import Actor
from domain.law.limitation import limitation_clocks
from domain.messages.notices import notices
from domain.messages.people import People, Person, Preferences
from domain.parts.alert import Alert, AnswerAlert
from domain.parts.intake import AmendComplaint
from domain.time.clock_id import count_over
from domain.time.limits import OF_LIMITS
from domain.values import day_of
from domain.vocabulary import DeadlineKind, MailWhen
from tests.domain.examples import CALENDAR, Story
from tests.domain.time.ladders import MONDAY, alone, days_told, told, working
from tests.people import LEAD, SUPERVISOR, WORKER
from tests.support.builders import closing

LONG_AGO: dict[str, Any] = {
    "received_at": "2009-11-02",
    "domain": "EMPLOI_PRIVE",
    "facts": {"narrative": "Refused the post", "occurred_on": "2009-10-05"},
}


def _who_want(wish: MailWhen, *actors: Actor) -> People:
    return People([Person(actor, Preferences(when=wish)) for actor in actors], {})


def of_limits(alerts: list[Alert] | tuple[Alert, ...]) -> list[Alert]:
    return [alert for alert in alerts if alert.kind in OF_LIMITS or alert.kind is DeadlineKind.OVER]


def test_an_old_case_has_one_line_for_all_that_was_over_after_the_grace_and_to_its_holder_alone() -> None:
    story = alone(Story(**LONG_AGO), working(200))
    (only,) = of_limits(story.case.alerts)
    assert (only.kind, only.level, day_of(only.raised_at)) == ("OVER", "CASE_WORKER", working(1))
    over = [c for c in limitation_clocks(story.case, CALENDAR) if c.deadline_legal and c.deadline_legal < MONDAY]
    assert count_over(only.clock) == len([c for c in over if c.nature in ("TIME_BAR", "PERISHABLE")]) > 1


def test_nobody_above_is_called_at_once_for_what_had_stood_still_elsewhere() -> None:
    story = alone(Story(**LONG_AGO), working(60))
    ladder = story.policy.stall["INTAKE"]  # type: ignore[index]
    first, second, third = days_told(story)[:3]
    assert first == working(1), "the holder, after the grace"
    assert (second, third) == (working(ladder.supervisor), working(ladder.plan_lead)), "counted from the opening"


def test_what_had_not_passed_yet_for_a_level_above_keeps_its_day() -> None:
    begun = CALENDAR.back(MONDAY, 7)
    story = Story(received_at=begun.isoformat(), facts={"narrative": "-", "occurred_on": begun.isoformat()})
    ladder = story.policy.stall["INTAKE"]  # type: ignore[index]
    due = {d.level: day_of(d.due) for d in story.agenda() if d.kind == "STALL"}
    assert due["SUPERVISOR"] == CALENDAR.add(begun, ladder.supervisor) > MONDAY
    assert due["PLAN_LEAD"] == CALENDAR.add(begun, ladder.plan_lead)


def test_a_closed_case_is_told_of_none() -> None:
    story = alone(Story(**LONG_AGO).closed(), working(100))
    assert of_limits(story.case.alerts) == []


def test_a_limit_of_which_the_last_day_may_still_be_argued_is_told_at_once_as_ever() -> None:
    # Facts that lasted: prudently counted from the first day, at the latest from the last.
    lasting = {"narrative": "-", "occurred_on": "2015-01-05", "ended_on": "2026-02-02"}
    story = Story(domain="EMPLOI_PRIVE", received_at="2026-02-20", facts=lasting)
    doubtful = [
        c for c in limitation_clocks(story.case, CALENDAR)
        if c.deadline_prudent and c.deadline_legal and c.deadline_prudent < MONDAY <= c.deadline_legal
    ]  # fmt: skip
    assert doubtful
    told_at_once = {d.clock.split("/")[1] for d in story.agenda() if d.kind in OF_LIMITS and day_of(d.due) == MONDAY}
    assert told_at_once >= {c.code for c in doubtful if c.nature == "TIME_BAR"}


def test_it_is_answered_like_any_other_and_not_told_again() -> None:
    story = alone(Story(**LONG_AGO), working(1))
    (line,) = of_limits(story.case.standing_alerts)
    assert story.refusal(AnswerAlert(alert=line.key, decision="EXTEND", until="2026-06-01", reason="-"), SUPERVISOR)
    story.do(AnswerAlert(alert=line.key, decision="ACT", reason="The person was told"))
    assert of_limits(alone(story, working(120)).case.standing_alerts) == []


def test_what_becomes_known_to_be_over_later_is_told_then() -> None:
    undated = LONG_AGO | {"facts": {"narrative": "Refused the post"}}
    story = alone(Story(**undated), working(2))
    assert told(story, "OVER") == []
    story.do(AmendComplaint(changes={"facts": LONG_AGO["facts"]}, reason="The person remembers the day"))
    assert len(told(alone(story, working(3)), "OVER")) == 1


@pytest.mark.parametrize("wish", list(MailWhen))
def test_no_mail_of_its_own_whatever_is_preferred(wish: MailWhen) -> None:
    people = _who_want(wish, WORKER, SUPERVISOR, LEAD)
    for story in (Story(**LONG_AGO), Story(**LONG_AGO).do(closing(happened_at="2012-03-01T09:00:00+01:00"))):
        before = story.case
        alone(story, working(1))
        over = {alert.key for alert in story.case.alerts if alert.kind in ("OVER", "RETENTION", "ARCHIVE_END")}
        assert over
        mailed = {key for notice in notices(before, story.case, people, story.at) for key in notice.alerts}
        assert not mailed & over


def test_the_retention_of_a_case_closed_here_is_mailed_to_whoever_wishes_it() -> None:
    people = _who_want(MailWhen.IMMEDIATE, SUPERVISOR)
    story = Story().closed()
    before = alone(story, date(2028, 2, 25)).case
    alone(story, date(2028, 3, 10))
    ended = {alert.key for alert in story.case.alerts if alert.kind == "RETENTION"}
    assert ended
    mailed = {key for notice in notices(before, story.case, people, story.at) for key in notice.alerts}
    assert ended <= mailed
