"""Attention: pauses that stop the stall clocks, deadlines that pass, alerts that stand until somebody decides."""

from datetime import datetime, timedelta
from typing import Any

from domain.case import Alert, Case, Mark, PausePeriod
from domain.clocks import still_running
from domain.commands import AnswerAlert, PassDeadlines, Pause, Resume
from domain.deadline import Deadline
from domain.errors import Refused
from domain.events import (
    Actor,
    AlertAnswered,
    AlertRaised,
    CasePaused,
    CaseResumed,
    Entry,
    Event,
    ReferralExpired,
)
from domain.ladder import LEVELS
from domain.rules.referral import came_back
from domain.rules.registry import applies, decides, where, where_some
from domain.values import day_of
from domain.vocabulary import AlertDecision, DeadlineKind, Level, Role, Step

LONGEST_PAUSE = timedelta(days=183)
"""A pause, or an extension, has a maximum of about six months: what sleeps longer is closed, or decided upon again."""


def _not_paused(case: Case, actor: Actor, at: datetime) -> None:
    if case.pause is not None:
        raise Refused(
            "already_paused",
            "The case is already paused until {until}.",
            "Resume it first.",
            until=case.pause.until.isoformat(),
        )


@decides(Pause, where(_not_paused))
def pause(case: Case, command: Pause, actor: Actor, at: datetime) -> list[Event]:
    _not_paused(case, actor, at)
    from_day = day_of(at)
    if not from_day < command.until <= from_day + LONGEST_PAUSE:
        raise Refused(
            "pause_length",
            "A pause lasts from one day to {days} days.",
            "Give an end date between {first} and {last}.",
            field="until",
            days=LONGEST_PAUSE.days,
            first=(from_day + timedelta(days=1)).isoformat(),
            last=(from_day + LONGEST_PAUSE).isoformat(),
        )
    return [CasePaused(reason=command.reason, until=command.until, comment=command.comment)]


@applies(CasePaused)
def case_paused(case: Case, event: CasePaused, entry: Entry) -> dict[str, Any]:
    period = PausePeriod(
        reason=event.reason, from_day=day_of(entry.happened_at), until=event.until, started=Mark.of(entry)
    )
    return {"pauses": (*case.pauses, period)}


def _paused(case: Case, actor: Actor, at: datetime) -> None:
    if case.pause is None:
        raise Refused("not_paused", "The case is not paused.", "Nothing to do.")


@decides(Resume, where(_paused))
def resume(case: Case, command: Resume, actor: Actor, at: datetime) -> list[Event]:
    _paused(case, actor, at)
    return [CaseResumed(comment=command.comment)]


@applies(CaseResumed)
def case_resumed(case: Case, event: CaseResumed, entry: Entry) -> dict[str, Any]:
    running = case.pauses[-1]
    ended = max(running.from_day, min(day_of(entry.happened_at), running.until))
    return {"pauses": (*case.pauses[:-1], running.model_copy(update={"ended_on": ended}))}


@decides(PassDeadlines)
def pass_deadlines(case: Case, command: PassDeadlines, actor: Actor, at: datetime) -> list[Event]:
    events: list[Event] = []
    expired: list[str] = []
    for deadline in still_running(case, [d for d in command.deadlines if d.due <= at]):
        if deadline.kind is DeadlineKind.PAUSE_END:
            events.append(CaseResumed())
            continue
        if deadline.kind is DeadlineKind.REFERRAL_EXPIRY and deadline.part is not None:
            expired.append(deadline.part)
            events.append(ReferralExpired(id=deadline.part, due=deadline.due))
        events.append(_raised(deadline))
    return events + came_back(case, *expired)


def _raised(deadline: Deadline) -> AlertRaised:
    return AlertRaised(
        key=deadline.key,
        clock=deadline.clock,
        kind=deadline.kind,
        level=deadline.level,
        due=deadline.due,
        part=deadline.part,
    )


@applies(AlertRaised)
def alert_raised(case: Case, event: AlertRaised, entry: Entry) -> dict[str, Any]:
    alert = Alert(
        key=event.key,
        clock=event.clock,
        kind=event.kind,
        level=event.level,
        due=event.due,
        part=event.part,
        raised_at=entry.recorded_at,
    )
    return {"alerts": (*case.alerts, alert)}


_OUT_OF_OUR_HANDS = frozenset(
    {DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE, DeadlineKind.PAUSE_END, DeadlineKind.REFERRAL_EXPIRY}
)
"""Told on their day and no other: the law, the proof or the partner will not wait for a date that we set."""
_AUTHORITY = {Role.SUPERVISOR: Level.SUPERVISOR, Role.PLAN_LEAD: Level.PLAN_LEAD}
_MAY_ANSWER = {
    Level.CASE_WORKER: {Role.CASE_WORKER, Role.SUPERVISOR, Role.PLAN_LEAD},
    Level.SUPERVISOR: {Role.SUPERVISOR, Role.PLAN_LEAD},
    Level.PLAN_LEAD: {Role.PLAN_LEAD},
}


def _at_their_level(case: Case, alert: Alert, actor: Actor, at: datetime) -> None:
    """Refuses an alert that is for somebody above."""
    if actor.role not in _MAY_ANSWER[alert.level]:
        raise Refused(
            "alert_above",
            "This alert is for a higher level ({level}).",
            "Its decision is for: {roles}.",
            field="alert",
            level=alert.level,
            roles=", ".join(sorted(_MAY_ANSWER[alert.level])),
        )


@decides(AnswerAlert, where_some(lambda case: case.standing_alerts, _at_their_level))
def answer_alert(case: Case, command: AnswerAlert, actor: Actor, at: datetime) -> list[Event]:
    alert = next((a for a in case.standing_alerts if a.key == command.alert), None)
    if alert is None:
        raise Refused(
            "no_such_alert",
            "No such alert stands on this case.",
            "Look at the case: its standing alerts are listed with their keys.",
            field="alert",
        )
    _at_their_level(case, alert, actor, at)
    if command.decision is AlertDecision.EXTEND and actor.role is Role.CASE_WORKER:
        raise Refused(
            "extension_above",
            "More time is given by a supervisor.",
            "Take the awaited act, or ask a supervisor to decide.",
            field="decision",
        )
    if command.decision is AlertDecision.EXTEND and alert.kind in _OUT_OF_OUR_HANDS:
        raise Refused(
            "extension_impossible",
            "No decision of ours gives more time for this ({kind}).",
            "Take another decision: ACT, REASSIGN or CLOSE.",
            field="decision",
            kind=alert.kind,
        )
    if (command.decision is AlertDecision.EXTEND) != (command.until is not None):
        raise Refused(
            "extension_date",
            "An extension has an end date, and only an extension has one.",
            "Give until with the decision EXTEND, and leave it out otherwise.",
            field="until",
        )
    if command.until is not None and command.until <= day_of(at):
        raise Refused("extension_past", "An extension ends in the future.", "Give a later date.", field="until")
    if command.until is not None and command.until > day_of(at) + LONGEST_PAUSE and case.step is not Step.CLOSED:
        raise Refused(
            "extension_long",
            "An extension lasts {days} days at most.",
            "Give an end date no later than {last}.",
            field="until",
            days=LONGEST_PAUSE.days,
            last=(day_of(at) + LONGEST_PAUSE).isoformat(),
        )
    return [AlertAnswered(key=alert.key, decision=command.decision, until=command.until, reason=command.reason)]


@applies(AlertAnswered)
def alert_answered(case: Case, event: AlertAnswered, entry: Entry) -> dict[str, Any]:
    authority = _AUTHORITY.get(entry.actor.role, Level.CASE_WORKER)
    changes = {
        "answered_at": entry.recorded_at,
        "answered_by": entry.actor.account,
        "authority": authority,
        "decision": event.decision,
        "until": event.until,
    }
    answered = next(a for a in case.alerts if a.key == event.key)
    # One decision answers everything that was said of the same clock, up to the level of whoever decides.
    return {
        "alerts": tuple(
            a.model_copy(update=changes)
            if a.stands and a.clock == answered.clock and LEVELS.index(a.level) <= LEVELS.index(authority)
            else a
            for a in case.alerts
        )
    }
