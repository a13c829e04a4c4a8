"""The rows of alerts, on both databases: always what the history says, and for each account those addressed to it."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.actors import Actor
from domain.case import Case
from domain.messages.absence import readers
from domain.parts.alert import Alert
from domain.permissions import may_read
from domain.time.limits import OF_LIMITS
from domain.vocabulary import Level, Role, Step
from kit.storage.database import Database
from models.alerts import Which, add_absence, delegating_to, peopled, standing_alerts
from models.tables import accounts, alerts
from tests.people import AUDITOR, COLLEAGUE, LEAD, PEOPLE, STAFF, STRANGER, SUPERVISOR, SUPERVISOR_2, WORKER, person
from tests.support.accounts import open_accounts
from tests.support.builders import closing
from tests.support.lives import MONDAY, Lives

FIELDS = ("key", "kind", "level", "part", "due", "raised_at", "answered_at", "answered_by", "decision")
LEVEL_OF = {Role.SUPERVISOR: Level.SUPERVISOR, Role.PLAN_LEAD: Level.PLAN_LEAD}


def row_of(alert: Alert) -> tuple[Any, ...]:
    return tuple(getattr(alert, field) for field in FIELDS)


def rows_of(database: Database, reference: str) -> list[tuple[Any, ...]]:
    with database.read() as tx:
        query = select(*(alerts.c[field] for field in FIELDS)).where(alerts.c.reference == reference)
        return [tuple(row) for row in tx.execute(query)]


@pytest.mark.parametrize("cases", [7, pytest.param(40, marks=pytest.mark.proof)])
def test_the_rows_are_what_the_history_says(database: Database, cases: int) -> None:
    lives = Lives(database, seed=7)
    counts: Counter[str] = Counter()
    for _ in range(cases):
        case = lives.case(lives.live(45))
        assert sorted(rows_of(database, case.reference), key=str) == sorted(map(row_of, case.alerts), key=str)
        counts.update(["closed" if case.step is Step.CLOSED else "open"])
        counts.update(f"decided: {a.decision or 'not yet'}" for a in case.alerts)
    print(dict(counts))
    assert counts["open"] and counts["closed"]
    assert min(counts[f"decided: {d}"] for d in ("ACT", "EXTEND", "REASSIGN", "CLOSE", "not yet")) > 0


def test_closing_answers_every_standing_alert(database: Database) -> None:
    lives = Lives(database)
    reference = lives.open()
    lives.times[reference] = MONDAY + timedelta(days=60)
    lives.ring(reference)
    with database.read() as tx:
        assert len(standing_alerts(tx, SUPERVISOR)) >= 4
    assert lives.ask(reference, closing(), SUPERVISOR)
    with database.read() as tx:
        assert standing_alerts(tx, SUPERVISOR) == []
    assert {row[-1] for row in rows_of(database, reference)} == {"CLOSE"}


# --- Mine ---


def expected(cases: list[Case], actor: Actor, away: dict[str, Actor]) -> set[tuple[str, str]]:
    """The alerts addressed to an account, said a second time: on what it may read, by holder and by level."""
    names = {actor.account, *away}
    levels = {LEVEL_OF[who.role] for who in (actor, *away.values()) if who.role in LEVEL_OF}
    return {
        (case.reference, alert.key)
        for case in cases
        if may_read(actor, case.parties, case.metropolis)
        for alert in case.standing_alerts
        if alert.level in levels
        or (case.holder in names and (alert.level is Level.CASE_WORKER or alert.kind in OF_LIMITS))
    }


def test_mine_are_those_addressed_to_me_and_to_those_i_stand_in_for(database: Database) -> None:
    lives = Lives(database, seed=3)
    cases = [lives.case(lives.live(25, closing=0)) for _ in range(8)]
    sub = person("robin", Role.CASE_WORKER)
    open_accounts(database, [sub])
    first, last = date(2026, 8, 3), date(2026, 8, 21)
    with database.write() as tx:
        add_absence(tx, WORKER.account, first, last, COLLEAGUE.account)
        add_absence(tx, COLLEAGUE.account, last, last + timedelta(days=9), sub.account)
        add_absence(tx, SUPERVISOR.account, first, first, LEAD.account)
        add_absence(tx, LEAD.account, first, last, SUPERVISOR_2.account)
    absent = [
        (WORKER, first, last, COLLEAGUE),
        (COLLEAGUE, last, last + timedelta(days=9), sub),
        (SUPERVISOR, first, first, LEAD),
        (LEAD, first, last, SUPERVISOR_2),
    ]
    seen, everybody = 0, {account.account for account in (*PEOPLE, sub)}
    for day in (first - timedelta(days=1), first, last, last + timedelta(days=1), last + timedelta(days=10)):
        for actor in (*STAFF, sub, SUPERVISOR_2, STRANGER, AUDITOR):
            delegates = {who.account: instead.account for who, a, b, instead in absent if a <= day <= b}
            away = {
                who.account: who
                for who, *_ in absent
                if who != actor and actor.account in readers(who.account, delegates, everybody)
            }
            with database.read() as tx:
                rows = standing_alerts(tx, actor, Which(mine_on=day))
            found = {(row.reference, row.key) for row in rows}
            assert len(found) == len(rows)
            assert found == expected(cases, actor, away), (actor.account, day)
            seen += len(found)
    assert seen > 80
    print(f"{seen} alerts addressed, over five days and nine accounts")


def test_what_is_for_a_role_that_nobody_has_there_is_for_the_next_below(database: Database) -> None:
    lives = Lives(database)
    reference = lives.open()
    lives.times[reference] = MONDAY + timedelta(days=60)
    lives.ring(reference)
    day = (MONDAY + timedelta(days=61)).date()

    def theirs(actor: Actor) -> set[str]:
        with database.read() as tx:
            return {alert.level for alert in standing_alerts(tx, actor, Which(mine_on=day)) if alert.kind == "STALL"}

    def leave(*roles: str) -> frozenset[Level]:
        with database.write() as tx:
            tx.execute(update(accounts).where(accounts.c.role.in_(roles)).values(active=False))
        with database.read() as tx:
            return peopled(tx)["MEL"]

    assert (theirs(SUPERVISOR), theirs(LEAD)) == ({"SUPERVISOR"}, {"PLAN_LEAD"})
    assert leave("PLAN_LEAD") == {Level.CASE_WORKER, Level.SUPERVISOR}
    assert (theirs(SUPERVISOR), theirs(WORKER)) == ({"SUPERVISOR", "PLAN_LEAD"}, {"CASE_WORKER"})
    assert leave("SUPERVISOR") == {Level.CASE_WORKER}
    assert theirs(WORKER) == {"CASE_WORKER", "SUPERVISOR", "PLAN_LEAD"}


def test_all_that_stand_are_listed_highest_first_to_whoever_may_read_them(database: Database) -> None:
    lives = Lives(database, seed=5)
    cases = [lives.case(lives.live(25, closing=0)) for _ in range(8)]
    for actor in (*STAFF, STRANGER):
        with database.read() as tx:
            rows = standing_alerts(tx, actor)
        wanted = {
            (k.reference, a.key) for k in cases if may_read(actor, k.parties, k.metropolis) for a in k.standing_alerts
        }
        assert {(row.reference, row.key) for row in rows} == wanted
        order = [list(Level).index(Level[row.level]) for row in rows]
        assert order == sorted(order, reverse=True)


def test_an_absence_noted_again_from_the_same_day_replaces_the_first(database: Database) -> None:
    Lives(database)
    day = date(2026, 8, 3)
    with database.write() as tx:
        add_absence(tx, WORKER.account, day, day, SUPERVISOR.account)
        add_absence(tx, WORKER.account, day, day + timedelta(days=3), COLLEAGUE.account)
    with database.read() as tx:
        assert delegating_to(tx, SUPERVISOR.account, day) == {}
        assert delegating_to(tx, COLLEAGUE.account, day + timedelta(days=3)) == {WORKER.account: Role.CASE_WORKER}
