"""The day of somebody: what comes first on the cases that they hold, over all of them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from activities.calendar import french_calendar
from desk.office import Office
from desk.views.day import DayLine, DayView, Group
from domain.actors import Actor
from domain.case import Case
from domain.events import Entry
from domain.lifecycle import fold
from domain.next_steps import Rank, next_steps
from domain.time.clocks import agenda
from domain.time.policy import Policy
from domain.values import day_of
from models import policies
from models.alerts import delegating_to
from models.reading import read_due
from words import Words

LOOKED_AT = 40
"""Cases that a day tells of at most: those that are due first."""


def show_day(office: Office, actor: Actor, words: Words) -> DayView:
    """The steps that come first on the open cases that this account holds, or stands in for. One journal line for all.

    Of each case the first step, and every other after which a right or a proof is lost.
    """
    now = datetime.now(UTC)
    with office.writing_as(actor) as (tx, actor):
        absent = delegating_to(tx, actor.account, day_of(now))
        held, histories = read_due(tx, office.keys, actor, {actor.account, *absent}, LOOKED_AT)
        policy = policies.in_force(tx).policy
    lines = [line for each in histories.items() for line in _lines(*each, actor, now, policy, words)]
    order = list(Group)
    lines.sort(key=lambda line: (order.index(line.group), line.step.day or date.max, line.reference))
    return DayView(
        day=day_of(now), held=held, looked_at=len(histories), standing_in_for=tuple(sorted(absent)), lines=tuple(lines)
    )


def _lines(
    reference: str, entries: list[Entry], actor: Actor, now: datetime, policy: Policy, words: Words
) -> Iterator[DayLine]:
    case: Case = fold(reference, entries)
    steps = next_steps(case, actor, now, agenda(case, policy, french_calendar()), french_calendar())
    for number, step in enumerate(steps):
        if number == 0 or step.rank is Rank.LOST:
            yield DayLine.of(case, step, words)
