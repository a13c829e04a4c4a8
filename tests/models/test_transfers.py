"""A case that is proposed to another metropolis, in the database: who finds it, and whose alerts are listed."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.actors import CLOCK, Actor
from domain.choice import Filter
from domain.errors import Problem
from domain.parts.alert import PassDeadlines
from domain.parts.restriction import Restrict
from domain.parts.transfer import AcceptTransfer, DeclineTransfer, ProposeTransfer
from domain.permissions import may_see
from domain.sight import sees_whole
from domain.values import day_of
from models import accounts, cases
from models.alerts import Which, standing_alerts
from tests.people import (
    AUDITOR,
    AUDITOR_AMP,
    COLLEAGUE,
    HOME,
    HOME_AMP,
    LEAD,
    LEAD_AMP,
    LILLE,
    MARSEILLE,
    METROPOLIS_AMP,
    POPULATION,
    SUPERVISOR,
    SUPERVISOR_AMP,
    WORKER,
    WORKER_AMP,
)
from tests.support.accounts import close
from tests.support.builders import consent
from tests.support.clerk import Clerk

EVERYBODY = (WORKER, COLLEAGUE, SUPERVISOR, LEAD, AUDITOR, WORKER_AMP, SUPERVISOR_AMP, LEAD_AMP, AUDITOR_AMP)


def move(organisation: str = HOME_AMP) -> ProposeTransfer:
    return ProposeTransfer(place={"commune": MARSEILLE}, organisation=organisation, reason="It was in Marseille")


@pytest.fixture
def staffed(clerk: Clerk) -> Clerk:
    with clerk.database.write() as tx:
        for somebody in EVERYBODY:
            accounts.add_account(tx, somebody)
    return clerk


def proposed(clerk: Clerk) -> str:
    reference = clerk.open()
    clerk.ask(reference, consent("REFERRAL", day_of(clerk.at), HOME_AMP))
    clerk.ask(reference, move())
    return reference


def test_lists_hold_what_the_rules_let_see_and_as_a_summary_what_is_only_proposed(staffed: Clerk) -> None:
    reference = proposed(staffed)
    staffed.ask(staffed.open(commune=LILLE), Restrict(accounts=(COLLEAGUE.account,), reason="A cousin"))
    shut = proposed(staffed)
    staffed.ask(shut, Restrict(organisations=(METROPOLIS_AMP,), reason="It is the respondent"), SUPERVISOR)
    people: list[Actor] = [*EVERYBODY, *POPULATION]
    with staffed.database.read() as tx:
        for actor in people:
            for each in (reference, shut):
                case, row = staffed.case(each), cases.find_case(tx, actor, each)
                assert (row is not None) == may_see(actor, case), actor.account
                whole = cases.list_cases(tx, actor, Filter(territory=LILLE), 100, now=datetime.now(UTC)).cases
                assert (each in {found.reference for found in whole}) == sees_whole(actor, case), actor.account
                assert row is None or cases.is_of_team(actor, row) == sees_whole(actor, case), actor.account


def test_alerts_of_the_transfer_are_listed_on_both_sides_and_no_others_there(staffed: Clerk) -> None:
    reference = proposed(staffed)
    staffed.ask(reference, PassDeadlines(), CLOCK)
    later = Clerk(staffed.database, staffed.at + timedelta(days=40))
    later.ask(reference, PassDeadlines(), CLOCK)

    def heard(actor: Actor) -> set[str]:
        with staffed.database.read() as tx:
            return {alert.kind for alert in standing_alerts(tx, actor, Which(mine_on=day_of(later.at)))}

    assert heard(SUPERVISOR_AMP) == {"TRANSFER_PROPOSED", "TRANSFER_ANSWER"}
    assert heard(LEAD_AMP) == {"TRANSFER_ANSWER"}
    assert heard(SUPERVISOR) > heard(SUPERVISOR_AMP)
    assert heard(AUDITOR_AMP) == set()
    later.ask(reference, AcceptTransfer(), WORKER_AMP)
    assert heard(SUPERVISOR) == heard(LEAD) == set()
    assert "STALL" in heard(SUPERVISOR_AMP) and "TRANSFER_ANSWER" not in heard(SUPERVISOR_AMP)


def test_who_holds_it_there_works_there_for_the_organisation_that_was_agreed_to(staffed: Clerk) -> None:
    reference = proposed(staffed)
    for holder, by, code in (
        (None, SUPERVISOR_AMP, "holder_missing"),
        (SUPERVISOR_AMP.account, SUPERVISOR_AMP, "holder_elsewhere"),
        (WORKER.account, SUPERVISOR_AMP, "holder_elsewhere"),
        ("nobody", SUPERVISOR_AMP, "no_such_account"),
        (None, SUPERVISOR, "not_permitted"),
        (None, AUDITOR_AMP, "no_such_case"),
    ):
        with pytest.raises(Problem) as refused:
            staffed.ask(reference, AcceptTransfer(holder=holder), by)
        assert refused.value.code == code
    staffed.ask(reference, AcceptTransfer(holder=WORKER_AMP.account), SUPERVISOR_AMP)
    case = staffed.case(reference)
    assert (case.holder, case.organisation, case.metropolis) == (WORKER_AMP.account, HOME_AMP, "AMP")
    with staffed.database.read() as tx:
        assert cases.find_case(tx, SUPERVISOR, reference) is None
        assert cases.find_case(tx, AUDITOR_AMP, reference) is not None


@pytest.mark.parametrize(
    ("there", "organisation", "code"),
    [
        ((), HOME, "nobody_there"),
        ((WORKER_AMP,), HOME_AMP, "nobody_there"),
        ((SUPERVISOR_AMP,), HOME_AMP, "no_holder_there"),
        ((SUPERVISOR_AMP, WORKER_AMP), HOME, "no_holder_there"),
        ((SUPERVISOR_AMP, WORKER_AMP), HOME_AMP, None),
    ],
)
def test_a_case_is_proposed_only_where_somebody_hears_of_it_and_could_hold_it(
    clerk: Clerk, there: tuple[Actor, ...], organisation: str, code: str | None
) -> None:
    with clerk.database.write() as tx:
        for somebody in (WORKER, SUPERVISOR, *there):
            accounts.add_account(tx, somebody)
    if SUPERVISOR_AMP not in there:
        close(clerk.database, SUPERVISOR_AMP)
    reference = clerk.open()
    clerk.ask(reference, consent("REFERRAL", day_of(clerk.at), HOME_AMP))
    if code is None:
        clerk.ask(reference, move(organisation))
        clerk.ask(reference, DeclineTransfer(reason="No room"), SUPERVISOR_AMP)
        return
    with pytest.raises(Problem) as refused:
        clerk.ask(reference, move(organisation))
    assert refused.value.code == code
