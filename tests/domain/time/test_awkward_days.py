"""Days on which counting goes wrong: 29 February, the change of the clocks, holidays that follow one another."""

from datetime import UTC, date, datetime, timedelta

from domain.dates import WorkingCalendar
from domain.parts.referral import Refer
from domain.time.clocks import agenda, passed
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of
from tests.domain.examples import Story, to_partner
from tests.domain.time.ladders import SPOKE, waiting_for
from tests.people import PARTNER_ORG


def test_29_february() -> None:
    story = Story().until("2028-02-29").do(SPOKE)
    assert waiting_for(story) == {
        "CASE_WORKER": date(2028, 3, 7),
        "SUPERVISOR": date(2028, 3, 14),
        "PLAN_LEAD": date(2028, 3, 28),
    }
    leap = Story(facts={"narrative": "-", "occurred_on": "2024-02-29"})
    assert leap.agenda()


def test_the_clocks_are_put_forward_and_back() -> None:
    spring = Story().until("2026-03-23").do(SPOKE)  # five working days, over the night of 28 to 29 March
    autumn = Story().until("2026-10-19").do(SPOKE)  # over the night of 24 to 25 October
    for story, due in ((spring, datetime(2026, 3, 30, 7, tzinfo=UTC)), (autumn, datetime(2026, 10, 26, 8, tzinfo=UTC))):
        (reminder,) = (d for d in story.agenda() if d.kind == "STALL" and d.level == "CASE_WORKER")
        assert reminder.due == due
        story.at = due - timedelta(microseconds=1)
        assert reminder not in passed(story.agenda(), story.at)
        assert reminder in passed(story.agenda(), due)


def test_whit_monday_does_not_count() -> None:
    story = Story().until("2026-05-18").do(SPOKE)  # 19 to 22 May, then not Monday 25 but Tuesday 26
    assert waiting_for(story)["CASE_WORKER"] == date(2026, 5, 26)


def test_a_friday_before_three_holidays() -> None:
    story = Story().until("2026-06-05").do(SPOKE)
    holidays = WorkingCalendar(frozenset({date(2026, 6, 8), date(2026, 6, 9), date(2026, 6, 10)}))
    due = {d.level: day_of(d.due) for d in agenda(story.case, DEFAULT_POLICY, holidays) if d.kind == "STALL"}
    assert due["CASE_WORKER"] == date(2026, 6, 17)  # 11, 12, 15, 16, 17 June
    assert due["SUPERVISOR"] == date(2026, 6, 24)


def test_a_referral_that_nobody_answers_over_a_long_weekend() -> None:
    story = (
        Story()
        .until("2026-05-07")
        .do(to_partner(on="2026-05-07"), Refer(partner=PARTNER_ORG, purpose="Help", answer_due="2026-05-08"))
    )
    assert story.due("REFERRAL_EXPIRY", part="R1") == date(2026, 5, 11)  # 8 May is a holiday, a Friday
