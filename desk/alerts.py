"""The standing alerts: each asks somebody for a decision, and one decision may answer many of one cause."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime

from desk.office import Office
from desk.submitting import submit_command
from desk.views.alerts import AlertsView, AlertView, AnsweredMany, CauseView, DeniedView, RefusedAnswer
from domain.actors import Actor
from domain.errors import Away, Problem
from domain.levels import HEIGHT, OVERSEERS
from domain.parts.alert import AnswerAlert
from domain.permissions import require_some
from domain.time.lines import one_line_each
from domain.values import day_of
from domain.vocabulary import AlertDecision, DeadlineKind, Level
from models import denials, mails
from models.alerts import StandingAlert, Which, count_standing, peopled, standing_alerts

PAGE = 50
"""Alerts on one page, unless another number is asked for."""

AT_ONCE = 10
"""Answers under way at the same time, where many are given at once."""


def list_alerts(
    office: Office,
    actor: Actor,
    *,
    mine: bool = False,
    kind: DeadlineKind | None = None,
    level: Level | None = None,
    limit: int = PAGE,
    offset: int = 0,
) -> AlertsView:
    """A page of the standing alerts on the cases that this account may see, the highest and oldest first.

    What climbed several levels is one alert, at its highest.

    With `mine`, only those addressed to it today, or to somebody it stands in for; with `kind` or `level`, only such.
    Their number by cause is that of all pages. Those who watch over others' cases are also told how many mails did not
    arrive and, as auditors are, who was refused often within an hour.
    """
    now = datetime.now(UTC)
    today = day_of(now)
    which = Which(mine_on=today if mine else None, kind=kind, level=level)
    with office.reading_as(actor) as (tx, actor):
        standing = standing_alerts(tx, actor, which)
        levels = peopled(tx)
        undelivered = mails.failing(tx, actor, today - mails.A_WEEK) if actor.role in OVERSEERS else []
        denied = denials.many(tx, actor, now - mails.A_WEEK)
    lines = one_line_each(standing, of=lambda alert: alert.reference)
    shown = lines[offset : offset + limit]
    return AlertsView(
        total=len(lines),
        causes=_causes(line.alert for line in lines),
        alerts=tuple(
            AlertView.of(line, to_nobody=line.alert.level not in levels.get(line.alert.metropolis, levels[None]))
            for line in shown
        ),
        next=offset + len(shown) if shown and offset + len(shown) < len(lines) else None,
        undelivered=len(undelivered),
        denied=tuple(map(DeniedView.of, denied)),
    )


def _causes(alerts: Iterable[StandingAlert]) -> tuple[CauseView, ...]:
    """The number of alerts by cause, the highest level and the most frequent first."""
    counts = Counter((Level[alert.level], DeadlineKind[alert.kind]) for alert in alerts)
    order = sorted(counts, key=lambda cause: (-HEIGHT[cause[0]], -counts[cause], cause[1]))
    return tuple(CauseView(kind=kind, level=level, count=counts[level, kind]) for level, kind in order)


async def answer_alerts(
    office: Office,
    actor: Actor,
    *,
    kind: DeadlineKind,
    decision: AlertDecision,
    reason: str,
    until: date | None = None,
    level: Level | None = None,
    everyones: bool = False,
    limit: int = 1_000,
) -> AnsweredMany:
    """Takes one decision on many alerts of one cause, the highest and oldest first; each is a line of its own case.

    Those addressed to this account today or, with `everyones`, all that it may see. A refusal stops no other: each is
    told, and its alert stands. Raises Refused for whoever may answer none; Away when nobody answers: what is answered
    by then stays answered, and the same again goes on from there.
    """
    require_some(actor, [AnswerAlert])
    which = Which(mine_on=None if everyones else day_of(datetime.now(UTC)), kind=kind, level=level)
    with office.reading_as(actor) as (tx, current):
        total = count_standing(tx, current, which)
        alerts = standing_alerts(tx, current, which, limit=limit)
    hands = asyncio.Semaphore(AT_ONCE)

    async def answer(alert: StandingAlert) -> Problem | None:
        async with hands:
            command = AnswerAlert(alert=alert.key, decision=decision, until=until, reason=reason)
            try:
                await submit_command(office, current, alert.reference, command, command_id=str(uuid.uuid4()))
            except Away:
                raise
            except Problem as problem:
                return problem
            return None

    outcomes = await asyncio.gather(*map(answer, alerts))
    return _answered(alerts, outcomes, left=total - len(alerts))


def _answered(alerts: list[StandingAlert], outcomes: list[Problem | None], *, left: int) -> AnsweredMany:
    """The counts. An alert that no longer stood was answered by the decision on a higher one of its clock."""
    refusals = [
        RefusedAnswer(alert.reference, alert.key, problem)
        for alert, problem in zip(alerts, outcomes, strict=True)
        if problem is not None and problem.code != "no_such_alert"
    ]
    return AnsweredMany(answered=len(alerts) - len(refusals), refusals=tuple(refusals), left=left)
