"""Cases that nobody touches, and the alerts that they are given."""

from datetime import date, datetime

from domain.actors import CLOCK
from domain.dates import at_opening
from domain.parts.alert import Alert, AnswerAlert, PassDeadlines
from domain.parts.contact import RecordContact
from domain.time.clocks import passed
from domain.values import day_of
from tests.domain.examples import CALENDAR, Story

SPOKE = RecordContact(medium="PHONE", summary="Spoke")
MONDAY = date(2026, 3, 2)
LEVELS = ["CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"]


def working(days: int, after: date = MONDAY) -> date:
    return CALENDAR.add(after, days)


def alone(story: Story, until: date) -> Story:
    """Nobody does anything until that day: the timer alone rings, each time at the very instant that is due."""
    end = at_opening(until)
    while (due := story.agenda()) and due[0].due <= end:
        story.at = max(story.at, due[0].due)
        story.do(PassDeadlines(deadlines=passed(due, story.at)), by=CLOCK)
    story.at = max(story.at, end)
    return story


def told(story: Story, kind: str = "STALL", level: str | None = None) -> list[Alert]:
    return [a for a in story.case.alerts if a.kind == kind and level in (None, a.level)]


def days_told(story: Story, kind: str = "STALL", level: str | None = None) -> list[date]:
    return [day_of(a.raised_at) for a in told(story, kind, level)]


def said(story: Story, decision: str, level: str, until: date | None = None, kind: str = "STALL") -> AnswerAlert:
    key = next(a.key for a in reversed(story.case.standing_alerts) if a.kind == kind and a.level == level)
    return AnswerAlert(alert=key, decision=decision, until=until, reason="Thought over")


def waiting_for(story: Story, kind: str = "STALL") -> dict[str, date]:
    return {d.level: day_of(d.due) for d in story.agenda() if d.kind == kind and d.times == 1}


def told_late(story: Story, begun: datetime) -> list[Alert]:
    """The alerts that came after their instant."""
    woken = [day_of(e.recorded_at) for e in story.entries if e.event.tag in ("case_resumed.1", "referral_expired.1")]
    # Told at the instant itself; or, when a pause or a referral that ended set the clock going, on that day.
    return [a for a in story.case.alerts if a.raised_at > max(a.due, begun) and day_of(a.raised_at) not in woken]
