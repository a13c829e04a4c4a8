"""The teams of a territory: cases that need a decision about who holds them, what each person holds, the last sweep."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from desk.office import Office
from desk.views.team import LoadView, SituationView, SweptView, TeamView
from domain.actors import Actor
from domain.choice import Filter
from domain.permissions import require_overseer
from domain.values import day_of
from domain.vocabulary import Situation
from models import accounts, cases, sweeps
from models.alerts import absences_since
from models.loads import loads


def show_team(office: Office, actor: Actor) -> TeamView:
    """Counts of what needs whoever watches over a territory, each opening as a list. They name no complainant.

    Raises Refused for anybody who does not.
    """
    now = datetime.now(UTC)
    with office.reading_as(actor) as (tx, actor):
        require_overseer(actor)
        situations = tuple(
            SituationView(situation=each, count=cases.count_chosen(tx, actor, Filter(situation=each), now))
            for each in Situation
        )
        return TeamView(situations=situations, loads=_loads(tx, actor, now), sweep=_sweep(tx, actor))


def _loads(tx: Connection, actor: Actor, now: datetime) -> tuple[LoadView, ...]:
    today = day_of(now)
    away = {each.account: each.last_day for each in absences_since(tx, today) if each.first_day <= today}
    left = accounts.closed_names(tx)
    return tuple(
        LoadView.of(load, away.get(load.holder), has_left=load.holder in left) for load in loads(tx, actor, now)
    )


def _sweep(tx: Connection, actor: Actor) -> SweptView | None:
    report = sweeps.last(tx)
    if report is None:
        return None
    seen = (each for each in sweeps.found_by(tx, report.id) if cases.find_case(tx, actor, each.reference) is not None)
    return SweptView(
        started_at=report.started_at, finished_at=report.finished_at, cases=report.cases, findings=tuple(seen)
    )
