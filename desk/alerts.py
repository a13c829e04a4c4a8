"""The standing alerts: each asks somebody for a decision."""

from datetime import UTC, datetime

from desk.office import Office
from desk.views.alerts import AlertsView, AlertView, DeniedView
from domain.actors import Actor
from domain.levels import OVERSEERS
from domain.time.lines import one_line_each
from domain.values import day_of
from models import denials, mails
from models.alerts import peopled, standing_alerts


def list_alerts(office: Office, actor: Actor, *, mine: bool = False) -> AlertsView:
    """The standing alerts on the cases that this account may see, the highest and oldest first.

    What climbed several levels is one alert, at its highest.

    With `mine`, only those addressed to it today, or to somebody it stands in for. Those who watch over others' cases
    are also told how many mails did not arrive and, as auditors are, who was refused often within an hour.
    """
    now = datetime.now(UTC)
    today = day_of(now)
    with office.reading_as(actor) as (tx, actor):
        standing = standing_alerts(tx, actor, mine_on=today if mine else None)
        levels = peopled(tx)
        undelivered = mails.failing(tx, actor, today - mails.A_WEEK) if actor.role in OVERSEERS else []
        denied = denials.many(tx, actor, now - mails.A_WEEK)
    alerts = tuple(
        AlertView.of(told, to_nobody=told.alert.level not in levels.get(told.alert.metropolis, levels[None]))
        for told in one_line_each(standing, of=lambda alert: alert.reference)
    )
    return AlertsView(
        total=len(alerts),
        alerts=alerts,
        undelivered=len(undelivered),
        denied=tuple(map(DeniedView.of, denied)),
    )
