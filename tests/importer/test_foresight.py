"""A rehearsal says what an import would cause by itself, and so it happens: no single mail for what was over."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.calendar import french_calendar
from domain.dates import years_after
from domain.parts.intake import Open
from domain.values import day_of
from importer.foresight import Foresight
from importer.mapping import parse_mapping
from importer.rows import ComplaintPlan, Planned, plan_rows
from importer.run import check
from kit.storage.database import Database
from models import mails, policies
from models.alerts import Which, standing_alerts
from models.preferences import people_on
from tests.importer.tables import CLOSING, MINIMAL, rows
from tests.people import LEAD, SUPERVISOR, WORKER
from tests.support.correspondents import settle_in
from tests.support.lives import Lives
from tests.support.servers import KEYS

NOW = datetime.now(UTC)

EMPLOYMENT = MINIMAL.replace('domain = { value = "AUTRE" }', 'domain = { value = "EMPLOI_PRIVE" }').replace(
    'facts.narrative = { column = "recit" }',
    'facts.narrative = { column = "recit" }\nfacts.occurred_on = { column = "faits" }',
)


def register(old: int, closed: int, recent: int) -> list[Planned]:
    """Cases of 2009, of which some were closed in 2012, and some whose time limits still run."""
    table = [{"no": f"O{n}", "le": "2009-11-02", "faits": "2009-10-05", "recit": "-", "clos": ""} for n in range(old)]
    table += [
        {"no": f"C{n}", "le": "2009-11-02", "faits": "2009-10-05", "recit": "-", "clos": "2012-03-01"}
        for n in range(closed)
    ]
    last_week, near_its_end = NOW.date() - timedelta(days=6), years_after(NOW.date(), -5) + timedelta(days=12)
    table += [
        {"no": f"R{n}", "le": last_week.isoformat(), "faits": near_its_end.isoformat(), "recit": "-", "clos": ""}
        for n in range(recent)
    ]
    return list(plan_rows(rows(*table), parse_mapping(EMPLOYMENT + CLOSING), KEYS.digest))


def foresight(database: Database, at: datetime) -> Foresight:
    with database.read() as tx:
        return Foresight(people_on(tx, day_of(at)), policies.in_force(tx).policy, french_calendar(), at)


def carried_out(lives: Lives, plans: list[Planned], at: datetime, until: datetime) -> list[str]:
    """Has the book write what is planned, and each clock ring, at once and at the end; gives the references."""
    references = []
    for plan in plans:
        assert isinstance(plan, ComplaintPlan)
        KEYS.mint(plan.reference)
        lives.times[plan.reference] = at
        assert lives.ask(plan.reference, Open(complaint=plan.complaint), WORKER)
        for planned in plan.commands:
            assert lives.ask(plan.reference, planned.command, WORKER)
        lives.ring(plan.reference)
        lives.times[plan.reference] = until
        lives.ring(plan.reference)
        references.append(plan.reference)
    return references


async def test_what_it_foresees_is_what_happens(sqlite_database: Database) -> None:
    lives, plans = Lives(sqlite_database), register(old=4, closed=3, recent=2)
    settle_in(sqlite_database, WORKER, SUPERVISOR, LEAD)
    foreseen = foresight(sqlite_database, NOW)
    await check(plans, WORKER, foresee=foreseen.look_at)
    references = carried_out(lives, plans, NOW, foreseen.until)
    cases = [lives.case(reference) for reference in references]
    assert foreseen.alerts == sum(len(case.alerts) for case in cases) > 0
    with sqlite_database.read() as tx:
        every = [m for r in references for m in mails.list_mails(tx, LEAD, reference=r, limit=1_000)]
        over = [a for a in standing_alerts(tx, WORKER, Which()) if a.kind == "OVER"]
    with_address = {actor.account for actor in (WORKER, SUPERVISOR, LEAD)}
    written = [mail for mail in every if mail.account in with_address]
    assert foreseen.mails == len(written) > 0, "of what may still be saved"
    assert len(over) == 6, "one line for each case that is alive"
    assert foreseen.over >= len(over)
    assert {mail.reference for mail in written} == {case.reference for case in cases[-2:]}, "of nothing that was over"


@pytest.mark.met("old cases by the thousand")
async def test_three_hundred_old_cases_cause_no_single_mail_and_one_line_each(sqlite_database: Database) -> None:
    lives, plans = Lives(sqlite_database), register(old=100, closed=200, recent=0)
    settle_in(sqlite_database, WORKER, SUPERVISOR, LEAD)
    foreseen = foresight(sqlite_database, NOW)
    await check(plans, WORKER, foresee=foreseen.look_at)
    assert foreseen.mails == 0
    assert foreseen.until > NOW
    references = carried_out(lives, plans[:20], NOW, foreseen.until)
    with sqlite_database.read() as tx:
        assert [m for r in references for m in mails.list_mails(tx, LEAD, reference=r)] == []
        assert standing_alerts(tx, LEAD, Which(mine_on=day_of(datetime.now(UTC)))) == []
