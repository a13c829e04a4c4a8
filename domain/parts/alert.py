"""Alerts: raised as deadlines pass, standing until somebody takes a reasoned decision."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Action, Refused
from domain.levels import HEIGHT, OVERSEERS, authority_of, may_answer
from domain.parts.base import NOT_ERASED, Command, Event, Part
from domain.parts.pause import LONGEST_PAUSE, CaseResumed
from domain.parts.referral import ReferralExpired, came_back
from domain.parts.registry import applies, decides, where_some
from domain.telling import UNSAID, CodeOf, Heading, Says, Table
from domain.time.clocks import still_running
from domain.time.deadline import Deadline
from domain.values import Day, Text, Written, day_of
from domain.vocabulary import AlertDecision, DeadlineKind, Level, Role, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Alert(Part):
    """An alert that was raised. It stands until somebody takes a reasoned decision."""

    noun = "Alert"

    key: str
    clock: str
    kind: DeadlineKind
    level: Level
    due: Annotated[datetime, Heading("due")]
    part: str | None
    raised_at: datetime
    answered_at: Annotated[datetime | None, Heading("answered")] = None
    answered_by: Annotated[str | None, Heading("answered by")] = None
    authority: Level | None = None
    """The level of whoever decided, which may be above that of the alert."""
    decision: Annotated[AlertDecision | None, Heading("decision")] = None
    until: Annotated[date | None, Heading("until")] = None

    @property
    def stands(self) -> bool:
        """True while it asks for a decision."""
        return self.answered_at is None


class AnswerAlert(Command):
    """Take the reasoned decision that ends an alert."""

    steps = NOT_ERASED
    volatile_fields = frozenset({"highest"})
    kind: Literal["answer_alert"] = "answer_alert"
    alert: Annotated[str, Field(max_length=120)]
    decision: AlertDecision
    until: Day | None = None
    reason: Text
    highest: Annotated[Level | None, Field(exclude_if=lambda level: level is None)] = None
    """The highest level at which somebody oversees the case, which the book fills in for an alert above whoever
    asks: they answer what nobody above them could."""


class PassDeadlines(Command):
    """Take note of every deadline that has passed. Only the case's own timer asks this.

    The timer sends it empty: the book fills in what is due under the policy of the day.
    """

    steps = NOT_ERASED
    volatile_fields = frozenset({"deadlines"})
    kind: Literal["pass_deadlines"] = "pass_deadlines"
    deadlines: tuple[Deadline, ...] = ()


class AlertRaised(Event):
    tag: Literal["alert_raised.1"] = "alert_raised.1"
    key: Annotated[str, UNSAID]
    clock: Annotated[str, UNSAID]
    kind: DeadlineKind
    level: Level
    due: Annotated[datetime, Says("due {value}")]
    part: str | None = None


class AlertAnswered(Event):
    tag: Literal["alert_answered.1"] = "alert_answered.1"
    key: Annotated[str, CodeOf(Table.ALERTS)]
    decision: AlertDecision
    until: Annotated[date | None, Says("until {value}")] = None
    reason: Written


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
    {
        *(DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE, DeadlineKind.PAUSE_END, DeadlineKind.REFERRAL_EXPIRY),
        DeadlineKind.OVER,
    }
)
"""Told on their day and no other: the law, the proof or the partner will not wait for a date that we set."""


def _may_be_theirs(case: Case, alert: Alert, actor: Actor, at: datetime) -> None:
    """Refuses an alert that is for somebody above. Whoever oversees cases may be the highest there is."""
    if actor.role not in OVERSEERS:
        _at_their_level(alert, actor, None)


def _at_their_level(alert: Alert, actor: Actor, highest: Level | None) -> None:
    """Refuses an alert that is for somebody above, if there is anybody above."""
    level = alert.level if highest is None else min(alert.level, highest, key=HEIGHT.__getitem__)
    if actor.role not in may_answer(level):
        raise Refused(
            "alert_above",
            "This alert is for a higher level ({level}).",
            "Its decision is for: {roles}.",
            field="alert",
            level=alert.level,
            roles=", ".join(sorted(may_answer(alert.level))),
        )


@decides(AnswerAlert, where_some(lambda case: case.standing_alerts, _may_be_theirs))
def answer_alert(case: Case, command: AnswerAlert, actor: Actor, at: datetime) -> list[Event]:
    alert = next((a for a in case.standing_alerts if a.key == command.alert), None)
    if alert is None:
        raise Refused(
            "no_such_alert",
            "No such alert stands on this case.",
            "Look at the case: its standing alerts are listed with their keys.",
            field="alert",
            action=Action.SHOW_CASE,
        )
    _at_their_level(alert, actor, command.highest)
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
    _act_was_done(case, command.decision, alert)
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


def _act_was_done(case: Case, decision: AlertDecision, alert: Alert) -> None:
    """Refuses a decision that names an act which nobody has done: the alert stands until it is."""
    given_since = case.reassigned is not None and case.reassigned.recorded_at >= alert.raised_at
    if decision is AlertDecision.REASSIGN and not given_since:
        raise Refused(
            "not_reassigned",
            "Nobody was given this case since the alert was raised: the alert stands until then.",
            "Have it given to somebody first (assign), or take another decision.",
            field="decision",
        )
    if decision is AlertDecision.CLOSE and case.step is not Step.CLOSED:
        raise Refused(
            "not_closed",
            "This case is not closed: the alert stands until it is, and ends with it.",
            "Close it (close, propose_closure), or take another decision.",
            field="decision",
        )


@applies(AlertAnswered)
def alert_answered(case: Case, event: AlertAnswered, entry: Entry) -> dict[str, Any]:
    answered = next(a for a in case.alerts if a.key == event.key)
    # Where nobody is above, a decision reaches above its own level.
    authority = max(authority_of(entry.actor.role), answered.level, key=HEIGHT.__getitem__)
    changes = {
        "answered_at": entry.recorded_at,
        "answered_by": entry.actor.account,
        "authority": authority,
        "decision": event.decision,
        "until": event.until,
    }
    # One decision answers everything that was said of the same clock, up to the level of whoever decides.
    return {
        "alerts": tuple(
            a.model_copy(update=changes)
            if a.stands and a.clock == answered.clock and HEIGHT[a.level] <= HEIGHT[authority]
            else a
            for a in case.alerts
        )
    }
