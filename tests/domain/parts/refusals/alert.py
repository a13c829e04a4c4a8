"""Refusals of a pause, and of an answer to an alert."""

from datetime import timedelta

from domain.parts.alert import AnswerAlert
from domain.parts.pause import Pause, Resume
from tests.domain.examples import MONDAY, Story
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import COLLEAGUE, LEAD, SUPERVISOR, WORKER

PAUSE = Pause(reason="HEALTH", until="2026-04-01", comment="In hospital")


def stalled() -> Story:
    """A case of which only the case worker was reminded."""
    story = Story().until("2026-03-10").pass_deadlines()
    assert [a.key for a in story.case.standing_alerts] == ["stall/INTAKE/1/CASE_WORKER"]
    return story


def extend(until: str | None, decision: str = "EXTEND") -> AnswerAlert:
    return AnswerAlert(alert="stall/INTAKE/1/CASE_WORKER", decision=decision, until=until, reason="A letter is due")


@refused("already_paused")
def paused_twice() -> Asked:
    return Story().do(PAUSE), PAUSE, WORKER


@refused("pause_length")
def paused_until_today() -> Asked:
    return Story(), PAUSE.model_copy(update={"until": MONDAY.date()}), WORKER


@refused("pause_length")
def paused_for_a_year() -> Asked:
    return Story(), PAUSE.model_copy(update={"until": MONDAY.date() + timedelta(days=184)}), WORKER


@refused("not_paused")
def resumed_without_a_pause() -> Asked:
    return Story(), Resume(comment="Back"), WORKER


@refused("not_reassigned")
def somebody_else_takes_a_case_that_nobody_was_given() -> Asked:
    return stalled(), extend(None, "REASSIGN"), SUPERVISOR


@refused("not_closed")
def a_case_is_being_closed_that_is_open() -> Asked:
    return stalled(), extend(None, "CLOSE"), SUPERVISOR


@refused("no_such_alert")
def an_alert_that_does_not_stand() -> Asked:
    return Story(), extend("2026-03-20"), WORKER


@refused("no_such_alert")
def an_alert_answered_twice() -> Asked:
    return stalled().do(extend("2026-03-20"), by=SUPERVISOR), extend("2026-03-20"), SUPERVISOR


@refused("alert_above")
def a_case_worker_answers_for_the_supervisor() -> Asked:
    story = Story().until("2026-03-20").pass_deadlines()
    alert = AnswerAlert(alert="stall/INTAKE/1/SUPERVISOR", decision="ACT", reason="Under way")
    return story, alert, COLLEAGUE


@refused("extension_date")
def more_time_without_an_end() -> Asked:
    return stalled(), extend(None), SUPERVISOR


@refused("extension_date")
def an_end_without_more_time() -> Asked:
    return stalled(), extend("2026-03-20", "ACT"), SUPERVISOR


@refused("extension_above")
def more_time_taken_by_a_case_worker() -> Asked:
    return stalled(), extend("2026-03-20"), WORKER


@refused("extension_impossible")
def more_time_before_a_time_limit_of_the_law() -> Asked:
    story = Story(received_at="2026-03-01T09:00", domain="SERVICES_PUBLICS").until("2026-04-18").pass_deadlines()
    alert = next(a for a in story.case.standing_alerts if a.kind == "LIMITATION")
    return story, AnswerAlert(alert=alert.key, decision="EXTEND", until="2026-05-20", reason="A letter is due"), LEAD


@refused("extension_past")
def more_time_until_today() -> Asked:
    return stalled(), extend("2026-03-10"), SUPERVISOR


@refused("extension_long")
def more_time_for_ever() -> Asked:
    return stalled(), extend("2199-12-31"), SUPERVISOR
