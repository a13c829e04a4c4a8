"""A case that is closed to somebody, for a conflict of interest: what they are told of it, and who hears its alerts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.actors import CLOCK, Actor
from domain.errors import Problem
from domain.identity import Trait, mark
from domain.messages.notices import answers_for
from domain.parts.alert import PassDeadlines
from domain.parts.restriction import Restrict
from domain.values import day_of
from domain.vocabulary import Role
from models import accounts, cases
from models.alerts import Which, standing_alerts
from models.finding import cases_marked
from models.preferences import people_on
from tests.people import AUDITOR, LEAD, METROPOLIS, SUPERVISOR, WORKER, person
from tests.support.clerk import Clerk
from tests.support.servers import KEYS

CITY = Restrict(organisations=(METROPOLIS,), reason="The city is the respondent")
OTHER_LEAD = person("lea", Role.PLAN_LEAD, "defenseur")


@pytest.fixture
def staffed(clerk: Clerk) -> Clerk:
    with clerk.database.write() as tx:
        for somebody in (WORKER, SUPERVISOR, LEAD, AUDITOR, OTHER_LEAD):
            accounts.add_account(tx, somebody)
    return clerk


def test_a_restriction_that_would_leave_nobody_is_refused(clerk: Clerk) -> None:
    with clerk.database.write() as tx:
        for somebody in (WORKER, SUPERVISOR, LEAD):
            accounts.add_account(tx, somebody)
    reference = clerk.open()
    with pytest.raises(Problem) as refused:
        clerk.ask(reference, CITY)
    assert refused.value.code == "nobody_left" and refused.value.remedy
    with clerk.database.read() as tx:
        assert cases.find_case(tx, SUPERVISOR, reference) is not None, "nothing was written"


def test_its_alerts_climb_to_the_next_who_may_see_it(staffed: Clerk) -> None:
    reference = staffed.open()
    staffed.ask(reference, CITY)
    later = Clerk(staffed.database, staffed.at + timedelta(days=60))
    later.ask(reference, PassDeadlines(), CLOCK)
    case = later.case(reference)
    raised = [alert for alert in case.standing_alerts if alert.level == "SUPERVISOR"]
    assert raised
    with staffed.database.read() as tx:
        people = people_on(tx, day_of(later.at))
        assert {p.account for p in answers_for(people, raised[0], case)} - {WORKER.account} == {OTHER_LEAD.account}
        for named in (SUPERVISOR, LEAD, AUDITOR):
            assert standing_alerts(tx, named) == [] == standing_alerts(tx, named, Which(mine_on=day_of(later.at)))
        heard = standing_alerts(tx, OTHER_LEAD, Which(mine_on=day_of(later.at)))
        assert {alert.key for alert in heard} >= {alert.key for alert in raised}


def test_those_it_is_closed_to_find_count_and_list_nothing(staffed: Clerk) -> None:
    reference = staffed.open()
    staffed.ask(reference, CITY)
    name = mark(Trait.NAME, "Lou Exemple")

    def told(who: Actor) -> Iterator[object]:
        with staffed.database.read() as tx:
            yield cases.find_case(tx, who, reference)
            yield cases.list_cases(tx, who, cases.Filter(), 10, now=datetime.now(UTC)).total
            yield len(cases_marked(tx, who, KEYS.digest, name))

    for named in (SUPERVISOR, LEAD, AUDITOR):
        assert list(told(named)) == [None, 0, 0], named.account
    assert list(told(OTHER_LEAD))[1:] == [1, 1]
    with staffed.database.read() as tx:
        assert cases.closed_to(tx, AUDITOR) == {reference}
        assert cases.closed_to(tx, OTHER_LEAD) == frozenset() == cases.closed_to(tx, CLOCK)
