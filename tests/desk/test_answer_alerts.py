"""Many alerts in pages, by cause; and one decision on many of them: a line on each case, and each refusal told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.alerts import answer_alerts, list_alerts
from desk.office import Office
from domain.errors import Refused
from domain.time.clock_id import clock_of
from domain.vocabulary import AlertDecision, DeadlineKind, Level
from kit.storage.database import Database
from tests.desk.offices import office_on
from tests.desk.scene import Clients
from tests.people import AUDITOR, COLLEAGUE, LEAD, LILLE, SUPERVISOR, WORKER
from tests.support.accounts import close
from tests.support.lives import Lives


class ByTheBook(Office):
    """An office whose way to the cases is the book itself."""

    def cases(self) -> Clients:  # type: ignore[override]
        return Clients(self)


@pytest.fixture
def lives(sqlite_database: Database) -> Lives:
    """Five cases that nobody has touched for sixty days."""
    lives = Lives(sqlite_database)
    lives.chance.choice = lambda _: LILLE  # type: ignore[method-assign, assignment] # everything happens there
    for _ in range(5):
        reference = lives.open(datetime.now(UTC) - timedelta(days=60), by=WORKER)
        lives.times[reference] += timedelta(days=60)
        lives.ring(reference)
    return lives


@pytest.fixture
def office(lives: Lives, tmp_path: Path) -> Office:
    office = office_on(lives.database, tmp_path)
    return ByTheBook(office.database, office.settings, engine=None)


def test_pages_go_through_all_that_stand_and_causes_count_them(lives: Lives, office: Office) -> None:
    standing = {(r, a.clock) for r in lives.times for a in lives.case(r).standing_alerts}
    seen, offset, pages = set(), 0, 0
    while True:
        page = list_alerts(office, SUPERVISOR, limit=7, offset=offset)
        assert page.total == len(standing) == sum(cause.count for cause in page.causes)
        seen |= {(alert.reference, str(clock_of(alert.key))) for alert in page.alerts}
        pages += 1
        if page.next is None:
            break
        offset = page.next
    assert seen == standing and pages == -(-len(standing) // 7)
    assert any(alert.below for alert in list_alerts(office, SUPERVISOR).alerts), "what climbed is one line"
    only = list_alerts(office, SUPERVISOR, kind=DeadlineKind.STALL, level=Level.SUPERVISOR)
    assert {(a.kind, a.level) for a in only.alerts} == {("STALL", "SUPERVISOR")} and only.total == 5


async def test_one_decision_answers_many_each_on_its_own_case(lives: Lives, office: Office) -> None:
    done = await answer_alerts(
        office, SUPERVISOR, kind=DeadlineKind.STALL, decision=AlertDecision.ACT, reason="Vus un par un au service"
    )
    assert (done.refusals, done.left) == ((), 0) and done.answered >= 5
    for reference in lives.times:
        stalled = [a for a in lives.case(reference).alerts if a.kind == "STALL" and a.level == "SUPERVISOR"]
        assert [(a.answered_by, a.decision) for a in stalled] == [(SUPERVISOR.account, "ACT")]
    others = list_alerts(office, SUPERVISOR)
    assert others.total and {a.kind for a in others.alerts} != {"STALL"}, "another cause was not asked about"


async def test_each_refusal_is_told_and_stops_no_other(lives: Lives, office: Office) -> None:
    references = list(lives.times)
    done = await answer_alerts(
        office,
        WORKER,
        kind=DeadlineKind.STALL,
        decision=AlertDecision.ACT,
        reason="Rappelés",
        everyones=True,
    )
    assert {refusal.problem.code for refusal in done.refusals} == {"alert_above"}
    assert {refusal.reference for refusal in done.refusals} == set(references)
    assert done.answered == 5, "the reminders, which are for the case worker"


async def test_where_nobody_is_above_an_alert_is_answered_by_the_highest_there_is(lives: Lives, office: Office) -> None:
    async def answered() -> tuple[int, set[str]]:
        done = await answer_alerts(
            office,
            SUPERVISOR,
            kind=DeadlineKind.STALL,
            level=Level.PLAN_LEAD,
            decision=AlertDecision.ACT,
            reason="Repris",
            everyones=True,
        )
        return done.answered, {refusal.problem.code for refusal in done.refusals}

    assert await answered() == (0, {"alert_above"})
    close(lives.database, LEAD)
    assert await answered() == (5, set())
    for reference in lives.times:
        assert not [a for a in lives.case(reference).standing_alerts if a.kind == "STALL"]


async def test_a_limit_leaves_the_rest_and_says_how_many(lives: Lives, office: Office) -> None:
    async def answered(limit: int) -> tuple[int, int]:
        done = await answer_alerts(
            office,
            SUPERVISOR,
            kind=DeadlineKind.STALL,
            level=Level.SUPERVISOR,
            decision=AlertDecision.ACT,
            reason="-",
            limit=limit,
        )
        return done.answered, done.left

    assert (await answered(2), await answered(10)) == ((2, 3), (3, 0))


async def test_nobody_answers_what_they_may_not(lives: Lives, office: Office) -> None:
    asked = {"kind": DeadlineKind.STALL, "decision": AlertDecision.ACT, "reason": "-"}
    with pytest.raises(Refused, match="not_permitted"):
        await answer_alerts(office, AUDITOR, **asked)  # type: ignore[arg-type]
    done = await answer_alerts(office, COLLEAGUE, **asked)  # type: ignore[arg-type]
    assert (done.answered, done.refusals) == (0, ()), "they are addressed to somebody else"
