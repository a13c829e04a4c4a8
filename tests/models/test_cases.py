"""The rows of cases say what the book says, and a list holds exactly what its reader may read."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from activities.calendar import french_calendar
from desk.listing import list_cases
from domain.actors import CLOCK
from domain.case import Case
from domain.errors import NotFound, Refused
from domain.parts.alert import PassDeadlines
from domain.parts.base import Command
from domain.parts.referral import Refer
from domain.parts.restriction import Restrict
from domain.permissions import may_see
from domain.time.clocks import agenda
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of
from domain.vocabulary import Role, Step
from kit.storage.database import Database
from models import accounts, cases
from models.tables import accounts as accounts_table
from models.tables import book as book_table
from models.tables import cases as cases_table
from models.tables import parties
from tests.desk.offices import office_on
from tests.people import (
    COLLEAGUE,
    HOME,
    LILLE,
    MARSEILLE,
    METROPOLIS,
    PARTNER_ORG,
    POPULATION,
    SUPERVISOR,
    THIRD_ORG,
    WORKER,
    everywhere,
    person,
)
from tests.support.accounts import open_accounts
from tests.support.builders import closing as closure
from tests.support.builders import consent, samples, somebody_for
from tests.support.clerk import Clerk
from tests.support.harness import audit, is_sound

NOW = datetime.now(UTC)

# --- Rows and book say the same --------------------------------------------------------------------------


@pytest.mark.parametrize("walks", [6, pytest.param(40, marks=pytest.mark.proof)])
def test_the_rows_tell_the_same_as_the_book_after_any_walk(clerk: Clerk, walks: int) -> None:
    met: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    with clerk.database.write() as tx:
        for account in (WORKER, COLLEAGUE):
            accounts.add_account(tx, account)
    for seed in range(walks):
        chance = random.Random(seed)  # noqa: S311 - the same walk every time
        reference = clerk.open(commune=chance.choice([LILLE, MARSEILLE, None]), who=everywhere(WORKER))
        for organisation in (PARTNER_ORG, THIRD_ORG):
            clerk.ask(reference, consent("REFERRAL", day_of(clerk.at), organisation))
        known, turns = 2, 0
        while turns < 22:
            turns += 1
            clerk.at += timedelta(hours=chance.choice([1, 30, 24 * 20]))
            clerk.ask(reference, PassDeadlines(), CLOCK, known=known)
            case = clerk.case(reference)
            for command in towards_an_end(samples(case, day_of(clerk.at), chance), chance):
                who = somebody_for(case, command, chance)
                if who is None:
                    continue
                try:
                    committed = clerk.ask(reference, command, who, known=known)
                except Refused:
                    continue
                met[command.name()] += 1
                known = committed.entries[-1].version if committed.entries else known
                break
            after = clerk.case(reference)
            steps[after.step] += 1
            assert known == after.version
            assert_row_shows(clerk.database, after)
    print(f"\nbook: {sum(met.values())} commands of {len(met)} kinds in {walks} walks, steps {dict(steps)}")
    assert len(met) >= 25, "the walk goes nowhere"
    assert set(steps) >= {Step.INTAKE, Step.REFERRAL, Step.EVIDENCE, Step.ESCALATION, Step.CLOSED}
    assert is_sound(audit(clerk.database))


def towards_an_end(asked: Iterable[Command], chance: random.Random) -> list[Command]:
    """Half of the time first what moves a case on: chance alone would never leave the first step."""
    onwards = ("refer", "answer_referral", "start_evidence", "prepare_filing", "file", "close", "reopen")
    if chance.random() < 0.5:
        return list(asked)
    return sorted(asked, key=lambda command: command.name() not in onwards)


def assert_row_shows(database: Database, case: Case) -> None:
    due = agenda(case, DEFAULT_POLICY, french_calendar())
    with database.read() as tx:
        row = tx.execute(select(cases_table).where(cases_table.c.reference == case.reference)).one()
        theirs = set(tx.execute(select(parties.c.organisation).where(parties.c.reference == case.reference)).scalars())
        last = tx.execute(
            select(book_table.c.hash)
            .where(book_table.c.reference == case.reference)
            .order_by(book_table.c.version.desc())
        ).first()
    closed = case.closures[-1] if case.step is Step.CLOSED else None
    assert theirs == case.parties
    assert last is not None
    assert row._asdict() == {
        "reference": case.reference, "version": case.version, "head": last.hash, "step": case.step,
        "domain": case.complaint.domain, "metropolis": case.metropolis,
        "commune": case.complaint.facts.place.commune, "neighbourhood": None, "holder": case.holder,
        "organisation": case.organisation, "received_at": case.complaint.received_at, "opened_at": case.opened_at,
        "progress_at": case.progress.happened_at, "stalled": case.is_stalled, "closed_to": None,
        "proposed_to": None, "proposed_organisation": None,
        "next_due": due[0].due if due else None, "next_kind": due[0].kind if due else None,
        "closed_at": closed and closed.at, "outcome": closed and closed.outcome,
        "closure_reason": closed and closed.reason, "fictitious": True, "source_key": None, "policy_version": 0,
    }  # fmt: skip


# --- Who sees what ---------------------------------------------------------------------------------------


@pytest.fixture
def population(clerk: Clerk) -> list[Case]:
    """Cases of both metropolises and of none, referred here and there, some closed, some stalled."""
    with clerk.database.write() as tx:
        accounts.add_account(tx, person("veille", Role.PLAN_LEAD, "ailleurs", None))
    for commune in (LILLE, MARSEILLE, None):
        for organisation in (HOME, PARTNER_ORG):
            holder = person(f"de-{organisation}", Role.CASE_WORKER, organisation, None)
            open_accounts(clerk.database, [holder])
            clerk.at += timedelta(minutes=1)
            clerk.open(holder, commune=commune)
            referred = clerk.open(holder, commune=commune, domain="SANTE")
            other = PARTNER_ORG if organisation == HOME else HOME
            clerk.ask(referred, consent("REFERRAL", day_of(clerk.at), other), holder)
            clerk.ask(referred, Refer(partner=other, purpose="-"), holder)
            closed = clerk.open(holder, commune=commune)
            clerk.ask(closed, closure(), holder)
            stalled = clerk.open(holder, commune=commune)
            later = Clerk(clerk.database, clerk.at + timedelta(days=60))
            later.ask(stalled, PassDeadlines(), CLOCK)
            later.ask(referred, PassDeadlines(), CLOCK)
            shut = clerk.open(holder, commune=commune)
            clerk.ask(
                shut,
                Restrict(organisations=(METROPOLIS,), accounts=("supervisor-maison-du-droit-mel",), reason="-"),
                holder,
            )
    # The same instant for several: the order needs more than the date.
    for _ in range(5):
        clerk.open(everywhere(WORKER))
    return [clerk.case(reference) for reference in audit(clerk.database).references]


def test_a_list_holds_exactly_the_cases_that_its_reader_may_read(clerk: Clerk, population: list[Case]) -> None:
    pairs = seen = 0
    for who in POPULATION:
        may = {case.reference for case in population if may_see(who, case)}
        with clerk.database.read() as tx:
            assert {row.reference for row in tx.execute(cases.visible_cases(who))} == may, who
            for case in population:
                found = cases.find_case(tx, who, case.reference)
                assert (found is not None) == (case.reference in may), (who, case.reference)
        pairs, seen = pairs + len(population), seen + len(may)
    print(
        f"\nbook: {len(POPULATION)} people x {len(population)} cases = {pairs} pairs, {seen} may read, all as SQL says"
    )
    assert 0 < seen < pairs


def test_the_pages_of_a_list_hold_every_case_once_newest_first(clerk: Clerk, population: list[Case]) -> None:
    for who in (everywhere(SUPERVISOR), SUPERVISOR, WORKER):
        may = [case for case in population if may_see(who, case)]
        for size in (1, 4, len(may), len(may) + 1):
            listed, after = [], None
            while True:
                with clerk.database.read() as tx:
                    page = cases.list_cases(tx, who, cases.Filter(), size, after, now=NOW)
                assert page.total == len(may)
                listed += page.cases
                if page.next is None:
                    break
                assert len(page.cases) == size
                after = page.next
            keys = [(row.opened_at, row.reference) for row in listed]
            assert keys == sorted(((case.opened_at, case.reference) for case in may), reverse=True)


def test_a_filter_lists_what_it_says(clerk: Clerk, population: list[Case]) -> None:
    who = everywhere(SUPERVISOR)
    for wanted, holds in (
        (cases.Filter(step="REFERRAL"), lambda case: case.step == "REFERRAL"),
        (cases.Filter(domain="SANTE"), lambda case: case.complaint.domain == "SANTE"),
        (cases.Filter(territory="AMP"), lambda case: case.metropolis == "AMP"),
        (cases.Filter(territory=LILLE), lambda case: case.complaint.facts.place.commune == LILLE),
        (cases.Filter(stalled=True), lambda case: case.is_stalled),
        (
            cases.Filter(holder=f"de-{HOME}", step="CLOSED"),
            lambda case: case.step == "CLOSED" and case.holder == f"de-{HOME}",
        ),
        (cases.Filter(holder="nobody"), lambda case: case.holder == "nobody"),
        (
            cases.Filter(step="INTAKE", territory="MEL", stalled=True),
            lambda case: case.step == "INTAKE" and case.metropolis == "MEL" and case.is_stalled,
        ),
    ):  # fmt: skip
        right = {case.reference for case in population if holds(case) and may_see(who, case)}
        assert len(right) < len(population)
        with clerk.database.read() as tx:
            page = cases.list_cases(tx, who, wanted, 100, now=NOW)
        assert {row.reference for row in page.cases} == right, wanted
        assert page.total == len(right)


def test_a_territory_is_listed_with_what_lies_in_it(clerk: Clerk) -> None:
    who = everywhere(SUPERVISOR)

    def at(**place: str) -> str:
        facts = {"narrative": "-", "place": place}
        return clerk.open(everywhere(WORKER), facts=facts)

    marseille, third, lomme = at(commune=MARSEILLE), at(commune="13203"), at(commune="59355")
    here, somewhere = at(commune="59346", neighbourhood="QN05972M"), at(neighbourhood="QN05972M")
    for code, right in {
        MARSEILLE: {marseille, third},
        "13203": {third},
        LILLE: {lomme, somewhere},  # the neighbourhood lies in Lille too, a case in it does if it names no commune
        "59346": {here, somewhere},
        "QN05972M": {here, somewhere},
        "MEL": {lomme, here, somewhere},
    }.items():
        with clerk.database.read() as tx:
            page = cases.list_cases(tx, who, cases.Filter(territory=code), 100, now=NOW)
        assert {row.reference for row in page.cases} == right, code


def test_a_holder_is_whoever_has_an_account_had_one_or_holds_a_case_that_may_be_seen(clerk: Clerk) -> None:
    with clerk.database.write() as tx:
        accounts.add_account(tx, SUPERVISOR)
        accounts.add_account(tx, person("parti", Role.CASE_WORKER))
        tx.execute(update(accounts_table).where(accounts_table.c.id == "parti").values(active=False))
    clerk.open(everywhere(WORKER), commune=LILLE)
    clerk.open(everywhere(COLLEAGUE), commune=MARSEILLE)
    with clerk.database.write() as tx:  # as in a book that comes from another installation
        tx.execute(delete(accounts_table).where(accounts_table.c.id.in_([WORKER.account, COLLEAGUE.account])))
    office = office_on(clerk.database)
    for known, held in ("sacha", 0), ("parti", 0), ("camille", 1):
        assert list_cases(office, SUPERVISOR, cases.Filter(holder=known)).total == held
    for typed, close in ("camile", "camille"), ("Parti", "parti"), ("dominique", ""), ("zzz", ""):
        with pytest.raises(NotFound) as refused:
            list_cases(office, SUPERVISOR, cases.Filter(holder=typed))
        assert (refused.value.code, refused.value.field) == ("no_such_account", "holder")
        assert refused.value.params["close"] == close, "and nothing is told of cases that may not be seen"
