"""The book, on both databases: all of a command or nothing of it, never changed, never twice, never a gap."""

import multiprocessing
import random
import uuid
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from temporalio.exceptions import ApplicationError

from activities.book import Book
from activities.calendar import french_calendar
from desk.listing import list_cases
from domain.actors import CLOCK, Actor
from domain.case import Case
from domain.complaint import Complaint
from domain.errors import NotFound, Problem, Refused
from domain.exchange.cases import Ask, CommitRequest, Committed
from domain.lifecycle import fold
from domain.log.chain import FIELDS, FIRST, Line
from domain.parts.alert import PassDeadlines
from domain.parts.assignment import Assign
from domain.parts.base import Command
from domain.parts.intake import Open
from domain.parts.referral import Refer
from domain.permissions import may_read
from domain.time.clocks import agenda
from domain.time.policy import DEFAULT_POLICY
from domain.values import day_of, new_reference
from domain.vocabulary import Role, Step
from kit.storage.database import Database
from models import accounts, book, cases
from models.tables import accounts as accounts_table
from models.tables import book as book_table
from models.tables import cases as cases_table
from models.tables import parties
from tests.builders import (
    COLLEAGUE,
    HOME,
    LILLE,
    MARSEILLE,
    OTHER_PARTNER,
    PARTNER,
    POPULATION,
    STRANGER,
    SUPERVISOR,
    WORKER,
    complaint,
    consent,
    contact,
    note,
    person,
    samples,
    somebody_for,
)
from tests.builders import (
    closing as closure,
)
from tests.desk.offices import office_on
from tests.engine.harness import audit, entries, is_sound
from tests.servers import KEYS

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clerk:
    """Asks a book directly, as the workflow does, at the clerk's own time."""

    def __init__(self, database: Database, at: datetime = MONDAY) -> None:
        self.database, self.at = database, at
        self.book = Book(database, KEYS, french_calendar())

    def ask(
        self,
        reference: str,
        command: Command,
        who: Actor = WORKER,
        *,
        id: str | None = None,
        known: int = 0,
        expected: int | None = None,
    ) -> Committed:
        if isinstance(command, Open):
            KEYS.mint(reference)
        ask = Ask.model_validate(
            {"command": command, "command_id": id or str(uuid.uuid4()), "actor": who, "expected_version": expected}
        )
        try:
            return self.book.commit(
                CommitRequest.model_construct(reference=reference, known_version=known, ask=ask, at=self.at)
            )
        except ApplicationError as error:
            if error.type == "Refused":
                raise Problem.from_dict(error.details[0]) from None
            raise

    def open(self, who: Actor = WORKER, told: Complaint | None = None, **changes: Any) -> str:
        reference = new_reference()
        told = told or complaint(received_at=self.at - timedelta(hours=1), **changes)
        self.ask(reference, Open(complaint=told), who)
        return reference

    def case(self, reference: str) -> Case:
        return fold(reference, entries(self.database, reference))


@pytest.fixture
def clerk(database: Database) -> Clerk:
    return Clerk(database)


def everything(database: Database) -> list[Any]:
    """All that a database holds."""
    with database.read() as tx:
        return [
            list(tx.execute(select(table).order_by(*table.primary_key.columns)).all())
            for table in (book_table, cases_table, parties)
        ]


# --- All or nothing --------------------------------------------------------------------------------------


def no_more_parties(tx: Connection, sqlite: bool) -> list[str]:
    """Makes the last statement of a commit fail, after the lines of the book were written."""
    if sqlite:
        tx.execute(text("create trigger fail before insert on parties begin select raise(abort, 'no room'); end"))
        return ["drop trigger fail"]
    tx.execute(
        text("create function fail() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$")
    )
    tx.execute(text("create trigger fail before insert on parties for each row execute function fail()"))
    return ["drop trigger fail on parties", "drop function fail"]


def test_a_commit_that_fails_half_way_leaves_nothing(clerk: Clerk) -> None:
    reference = clerk.open()
    clerk.ask(reference, consent("REFERRAL", date(2026, 3, 2), PARTNER))
    before = everything(clerk.database)
    with clerk.database.write() as tx:
        mend = no_more_parties(tx, clerk.database.is_sqlite)
    with pytest.raises(ApplicationError):
        clerk.ask(reference, Refer(partner=PARTNER, purpose="-"))
    with pytest.raises(ApplicationError):
        clerk.open()
    assert everything(clerk.database) == before

    with clerk.database.write() as tx:
        for statement in mend:
            tx.execute(text(statement))
    committed = clerk.ask(reference, Refer(partner=PARTNER, purpose="-"))
    assert committed.receipt.version == 5
    assert is_sound(audit(clerk.database))


def test_what_the_database_will_never_take_is_our_mistake_and_is_not_tried_again(clerk: Clerk) -> None:
    """A CHECK that fails will fail for ever: the case must not wait for it."""
    reference = clerk.open()
    with clerk.database.write() as tx:
        if clerk.database.is_sqlite:
            tx.execute(text("create trigger odd before update on cases begin update cases set step = 'ODD'; end"))
        else:
            tx.execute(text("alter table cases add constraint odd check (version < 3)"))
    with pytest.raises(ApplicationError) as failed:
        clerk.ask(reference, note())
    assert (failed.value.type, failed.value.non_retryable) == ("Bug", True)
    assert len(entries(clerk.database, reference)) == 2


def test_what_is_in_the_way_for_good_is_our_mistake_and_is_not_waited_for(clerk: Clerk) -> None:
    """A row that stands beside the case, and that no try of ours takes away: no race, though it looks like one."""
    reference = clerk.open()
    clerk.ask(reference, consent("REFERRAL", date(2026, 3, 2), PARTNER))
    with clerk.database.write() as tx:
        tx.execute(insert(parties).values(reference=reference, organisation=PARTNER))
    before = everything(clerk.database)
    with pytest.raises(ApplicationError) as failed:
        clerk.ask(reference, Refer(partner=PARTNER, purpose="-"))
    assert (failed.value.type, failed.value.non_retryable) == ("Bug", True)
    assert everything(clerk.database) == before
    assert clerk.ask(reference, note()).receipt.version == 4  # and the case goes on


@pytest.mark.parametrize("remembers", [True, False])
def test_a_row_that_is_behind_its_book_is_not_written_after(clerk: Clerk, remembers: bool) -> None:
    reference = clerk.open()
    with clerk.database.read() as tx:
        row = tx.execute(select(cases_table).where(cases_table.c.reference == reference)).one()
    (clerk if not remembers else Clerk(clerk.database)).ask(reference, note())
    with clerk.database.write() as tx:
        tx.execute(update(cases_table).values(version=row.version, head=row.head))
    with pytest.raises(ApplicationError) as failed:
        (clerk if remembers else Clerk(clerk.database)).ask(reference, note())
    assert (failed.value.type, failed.value.non_retryable) == ("Bug", True)
    assert len(entries(clerk.database, reference)) == 3
    with clerk.database.read() as tx:
        assert book.broken_link(tx, reference) is None


def test_a_book_that_lacks_what_its_row_tells_of_waits_to_be_restored(clerk: Clerk) -> None:
    reference = clerk.open()
    with clerk.database.write() as tx:
        tx.execute(update(cases_table).values(version=3))
    with pytest.raises(ApplicationError) as failed:
        Clerk(clerk.database).ask(reference, note())
    assert failed.value.type == "Away"
    assert len(entries(clerk.database, reference)) == 2


# --- Never changed ---------------------------------------------------------------------------------------


def test_the_database_itself_refuses_to_change_the_book(clerk: Clerk) -> None:
    reference = clerk.open()
    statements = ["update book set account = 'other'", "update book set event = event", "delete from book"]
    if not clerk.database.is_sqlite:
        statements.append("truncate book")
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"), clerk.database.write() as tx:
            tx.execute(text(statement))
    assert len(entries(clerk.database, reference)) == 2


def test_every_kind_of_tampering_is_found(clerk: Clerk) -> None:
    reference = clerk.open()
    for _ in range(4):
        clerk.ask(reference, note())
    with clerk.database.write() as tx:
        assert book.broken_link(tx, reference) is None
        off = (
            ["drop trigger book_refuses_update", "drop trigger book_refuses_delete"]
            if clerk.database.is_sqlite
            else ["alter table book disable trigger all"]
        )
        for statement in off:
            tx.execute(text(statement))

    other: dict[str, Any] = {
        "reference": new_reference(), "version": 77, "command_id": "another-id", "position": 9, "tag": "x.1",
        "account": "somebody", "role": "AUDITOR", "organisation": "elsewhere", "metropolis": "AMP",
        "happened_at": MONDAY - timedelta(days=1), "recorded_at": MONDAY + timedelta(microseconds=1),
        "event": b'{"tag":"note_added.1","text":"Nothing"}', "previous": bytes(32), "hash": bytes(32),
    }  # fmt: skip
    assert set(other) == {*FIELDS, "previous", "hash"}, "a new column needs a tampering of its own"
    found: list[str] = []

    def tampered(what: str, do: Any) -> None:
        with clerk.database.engine.connect() as plain:
            tx = plain.execution_options(writes=True)
            with tx.begin() as transaction:
                do(tx)
                assert book.broken_link(tx, reference) is not None, f"not found: {what}"
                found.append(what)
                transaction.rollback()

    at = {version: (book_table.c.reference == reference, book_table.c.version == version) for version in range(1, 7)}
    for column, value in other.items():
        tampered(f"edit of {column}", lambda tx, column=column, value=value: tx.execute(
            update(book_table).where(*at[4]).values({column: value})
        ))  # fmt: skip
    for version in (1, 4):
        tampered(f"deletion of line {version}", lambda tx, v=version: tx.execute(book_table.delete().where(*at[v])))
    tampered("insertion after the last line", lambda tx: _forge(tx, reference, 7))
    tampered("line rewritten with a hash of its own", lambda tx: _rewrite(tx, at[4]))
    tampered("two lines swapped", lambda tx: _swap(tx, at[3], at[4]))
    tampered("a line moved to the end", lambda tx: tx.execute(update(book_table).where(*at[2]).values(version=7)))
    print(f"\nbook: {len(found)} kinds of tampering, {len(found)} found")
    with clerk.database.read() as tx:
        assert book.broken_link(tx, reference) is None


def test_the_last_lines_cut_off_are_seen_in_the_case(clerk: Clerk) -> None:
    """A chain cannot say how long it should be; the case's row and the book must agree."""
    reference = clerk.open()
    clerk.ask(reference, note())
    with clerk.database.write() as tx:
        tx.execute(
            text(
                "drop trigger book_refuses_delete"
                if clerk.database.is_sqlite
                else "alter table book disable trigger all"
            )
        )
        tx.execute(text("delete from book where version = 3"))
    assert audit(clerk.database).behind == [reference]


def _line(row: Any, **changes: Any) -> Line:
    return Line(**({name: getattr(row, name) for name in FIELDS} | changes))


def _forge(tx: Connection, reference: str, version: int) -> None:
    last = tx.execute(select(book_table).where(book_table.c.reference == reference, book_table.c.version == 6)).one()
    forged = _line(last, version=version, command_id="forged-id")
    said = {name: getattr(forged, name) for name in FIELDS}
    tx.execute(insert(book_table).values(**said, previous=FIRST, hash=forged.hash(FIRST)))


def _rewrite(tx: Connection, where: Any) -> None:
    row = tx.execute(select(book_table).where(*where)).one()
    line = _line(row, event=b'{"tag":"note_added.1","text":"Nothing"}')
    tx.execute(update(book_table).where(*where).values(event=line.event, hash=line.hash(row.previous)))


def _swap(tx: Connection, one: Any, other: Any) -> None:
    first, second = (tx.execute(select(book_table).where(*where)).one() for where in (one, other))
    tx.execute(update(book_table).where(book_table.c.id == first.id).values(version=99))
    tx.execute(update(book_table).where(book_table.c.id == second.id).values(version=first.version))
    tx.execute(update(book_table).where(book_table.c.id == first.id).values(version=second.version))


# --- Never twice -----------------------------------------------------------------------------------------


def test_the_same_line_cannot_be_written_twice(clerk: Clerk) -> None:
    reference = clerk.open()
    with clerk.database.read() as tx:
        row = tx.execute(select(book_table).where(book_table.c.version == 2)).one()._asdict()
    del row["id"]
    for twice in (row | {"command_id": "another-id"}, row | {"version": 3}):
        with pytest.raises(IntegrityError), clerk.database.write() as tx:
            tx.execute(insert(book_table).values(**twice))
    assert len(entries(clerk.database, reference)) == 2


def test_a_command_gets_its_first_answer_however_late_it_is_repeated(clerk: Clerk) -> None:
    reference = clerk.open()
    id = str(uuid.uuid4())
    first = clerk.ask(reference, note(), id=id, known=2, expected=2)
    for _ in range(100):  # longer than anybody remembers
        clerk.ask(reference, note())
    again = clerk.ask(reference, note(), id=id, known=2, expected=2)
    assert again.receipt == first.receipt
    assert [e.version for e in again.entries] == list(range(3, 104))  # and all that is not known yet
    fresh = Clerk(clerk.database).ask(reference, note(), id=id, known=103)
    assert (fresh.receipt, fresh.entries) == (first.receipt, ())
    for other in (note("Said otherwise"), contact()):
        with pytest.raises(Refused) as refused:
            clerk.ask(reference, other, id=id, known=103)
        assert refused.value.code == "command_id_taken"
    assert len(entries(clerk.database, reference)) == 103


def test_the_clock_gets_its_answer_again_though_the_case_knows_more_by_then(clerk: Clerk) -> None:
    """A worker that died after two looks at the clock: the first, asked again, brings the lines of the second, too."""
    reference = clerk.open()
    ids = [f"clock:{uuid.uuid4()}" for _ in range(2)]
    for id in ids:
        clerk.at += timedelta(days=60)
        assert clerk.ask(reference, PassDeadlines(), CLOCK, id=id, known=clerk.case(reference).version).entries
    before = clerk.case(reference)
    clerk.at += timedelta(minutes=1)
    assert clerk.ask(reference, PassDeadlines(), CLOCK, id=ids[0], known=2).entries[-1].version == before.version
    again = clerk.ask(reference, PassDeadlines(), CLOCK, id=ids[1], known=before.version)
    assert (again.receipt.version, again.entries) == (before.version, ())
    assert clerk.case(reference) == before


def test_nobody_gets_the_answer_to_anothers_command(clerk: Clerk) -> None:
    reference = clerk.open()
    id = str(uuid.uuid4())
    clerk.ask(reference, note(), id=id)
    for who in (STRANGER, SUPERVISOR):
        with pytest.raises(Refused) as refused:
            clerk.ask(reference, note(), who, id=id)
        assert refused.value.code == "command_id_taken"


def test_a_stranger_is_not_told_what_changed(clerk: Clerk) -> None:
    reference = clerk.open()
    with pytest.raises(Refused) as refused:
        clerk.ask(reference, note(), STRANGER, expected=1)
    assert refused.value.code == "no_such_case"


def test_a_case_is_given_to_an_account_that_can_follow_it_up_and_to_no_other(clerk: Clerk) -> None:
    gone = person("gone", Role.CASE_WORKER)
    auditor = person("morgan", Role.AUDITOR)
    elsewhere = person("noa", Role.CASE_WORKER, PARTNER)
    with clerk.database.write() as tx:
        for account in (COLLEAGUE, gone, auditor, elsewhere):
            accounts.add_account(tx, account)
        tx.execute(update(accounts_table).where(accounts_table.c.id == gone.account).values(active=False))
    reference = clerk.open()
    before = clerk.case(reference)
    for holder, code, field in (
        ("nobody", "no_such_account", "holder"),
        (gone.account, "no_such_account", "holder"),
        (auditor.account, "holder_cannot_act", "holder"),
        (elsewhere.account, "holder_elsewhere", "organisation"),
    ):
        for by in (WORKER, SUPERVISOR):
            with pytest.raises(Problem) as refused:
                clerk.ask(reference, Assign(holder=holder, organisation=HOME, reason="-"), by)
            assert (refused.value.code, refused.value.field) == (code, field)
    assert clerk.case(reference) == before
    give = Assign(holder=COLLEAGUE.account, organisation=HOME, reason="-")
    given = clerk.ask(reference, give, id="given-once")
    assert clerk.case(reference).holder == COLLEAGUE.account
    with clerk.database.write() as tx:
        tx.execute(update(accounts_table).where(accounts_table.c.id == COLLEAGUE.account).values(active=False))
    assert clerk.ask(reference, give, id="given-once").receipt == given.receipt, "what was done is answered as it was"


def test_the_same_complaint_is_not_opened_twice(clerk: Clerk) -> None:
    source = {"system": "register", "id": "26-0042"}
    first = clerk.open(source=source)
    with pytest.raises(Refused) as refused:
        clerk.open(source=source)
    assert (refused.value.code, refused.value.params["reference"]) == ("already_imported", first)
    clerk.open(source=source | {"id": "26-0043"})
    clerk.open(source=source | {"system": "another"})
    assert len(audit(clerk.database).references) == 3


def test_the_same_complaint_opened_by_many_at_once_is_opened_once(clerk: Clerk) -> None:
    told = complaint(received_at=MONDAY, source={"system": "register", "id": "26-0044"})

    def open_it(_: int) -> str:
        mine = Clerk(clerk.database)
        while True:  # as the engine does with what is worth trying again
            try:
                return mine.open(told=told)
            except Refused as refused:
                return refused.code
            except ApplicationError as error:
                assert error.type == "Away"

    with ThreadPoolExecutor(8) as threads:
        answers = Counter(
            answer if answer == "already_imported" else "opened" for answer in threads.map(open_it, range(16))
        )
    assert answers == {"opened": 1, "already_imported": 15}
    assert len(audit(clerk.database).references) == 1


# --- Rows and book say the same --------------------------------------------------------------------------


def test_the_rows_tell_the_same_as_the_book_after_any_walk(clerk: Clerk, request: pytest.FixtureRequest) -> None:
    met: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    with clerk.database.write() as tx:
        for account in (WORKER, COLLEAGUE):
            accounts.add_account(tx, account)
    for seed in range(10):
        chance = random.Random(seed)  # noqa: S311 - the same walk every time
        reference = clerk.open(
            commune=chance.choice([LILLE, MARSEILLE, None]), who=person("camille", Role.CASE_WORKER, metropolis=None)
        )
        for organisation in (PARTNER, OTHER_PARTNER):
            clerk.ask(reference, consent("REFERRAL", day_of(clerk.at), organisation))
        known, turns = 2, 0
        while turns < 22:
            turns += 1
            clerk.at += timedelta(hours=chance.choice([1, 30, 24 * 20]))
            case = clerk.case(reference)
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
    print(f"\nbook: {sum(met.values())} commands of {len(met)} kinds in 10 walks, steps {dict(steps)}")
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
        "progress_at": case.progress.happened_at, "stalled": case.is_stalled,
        "next_due": due[0].due if due else None, "next_kind": due[0].kind if due else None,
        "closed_at": closed and closed.at, "outcome": closed and closed.outcome,
        "closure_reason": closed and closed.reason, "fictitious": True, "source_key": None, "policy_version": 0,
    }  # fmt: skip


# --- Who sees what ---------------------------------------------------------------------------------------


@pytest.fixture
def population(clerk: Clerk) -> list[Case]:
    """Cases of both metropolises and of none, referred here and there, some closed, some stalled."""
    anywhere = person("camille", Role.CASE_WORKER, metropolis=None)
    for commune in (LILLE, MARSEILLE, None):
        for organisation in (HOME, PARTNER):
            holder = person("camille", Role.CASE_WORKER, organisation, None)
            clerk.at += timedelta(minutes=1)
            clerk.open(holder, commune=commune)
            referred = clerk.open(holder, commune=commune, domain="SANTE")
            other = PARTNER if organisation == HOME else HOME
            clerk.ask(referred, consent("REFERRAL", day_of(clerk.at), other), holder)
            clerk.ask(referred, Refer(partner=other, purpose="-"), holder)
            closed = clerk.open(holder, commune=commune)
            clerk.ask(closed, closure(), holder)
            stalled = clerk.open(holder, commune=commune)
            later = Clerk(clerk.database, clerk.at + timedelta(days=60))
            later.ask(stalled, PassDeadlines(), CLOCK)
            later.ask(referred, PassDeadlines(), CLOCK)
    # The same instant for several: the order needs more than the date.
    for _ in range(5):
        clerk.open(anywhere)
    return [clerk.case(reference) for reference in audit(clerk.database).references]


def test_a_list_holds_exactly_the_cases_that_its_reader_may_read(clerk: Clerk, population: list[Case]) -> None:
    pairs = seen = 0
    for who in POPULATION:
        may = {case.reference for case in population if may_read(who, case.parties, case.metropolis)}
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
    everywhere = person("sacha", Role.SUPERVISOR, "metropole", None)
    for who in (everywhere, SUPERVISOR, WORKER):
        may = [case for case in population if may_read(who, case.parties, case.metropolis)]
        for size in (1, 4, len(may), len(may) + 1):
            listed, after = [], None
            while True:
                with clerk.database.read() as tx:
                    page = cases.list_cases(tx, who, cases.Filter(), size, after)
                assert page.total == len(may)
                listed += page.cases
                if page.next is None:
                    break
                assert len(page.cases) == size
                after = page.next
            keys = [(row.opened_at, row.reference) for row in listed]
            assert keys == sorted(((case.opened_at, case.reference) for case in may), reverse=True)


def test_a_filter_lists_what_it_says(clerk: Clerk, population: list[Case]) -> None:
    who = person("sacha", Role.SUPERVISOR, "metropole", None)
    for wanted, holds in (
        (cases.Filter(step="REFERRAL"), lambda case: case.step == "REFERRAL"),
        (cases.Filter(domain="SANTE"), lambda case: case.complaint.domain == "SANTE"),
        (cases.Filter(territory="AMP"), lambda case: case.metropolis == "AMP"),
        (cases.Filter(territory=LILLE), lambda case: case.complaint.facts.place.commune == LILLE),
        (cases.Filter(stalled=True), lambda case: case.is_stalled),
        (cases.Filter(holder="camille", step="CLOSED"), lambda case: case.step == "CLOSED"),
        (cases.Filter(holder="nobody"), lambda case: case.holder == "nobody"),
        (
            cases.Filter(step="INTAKE", territory="MEL", stalled=True),
            lambda case: case.step == "INTAKE" and case.metropolis == "MEL" and case.is_stalled,
        ),
    ):  # fmt: skip
        right = {case.reference for case in population if holds(case)}
        assert len(right) < len(population)
        with clerk.database.read() as tx:
            page = cases.list_cases(tx, who, wanted, 100)
        assert {row.reference for row in page.cases} == right, wanted
        assert page.total == len(right)


def test_a_territory_is_listed_with_what_lies_in_it(clerk: Clerk) -> None:
    who = person("sacha", Role.SUPERVISOR, "metropole", None)

    def at(**place: str) -> str:
        facts = {"narrative": "-", "place": place}
        return clerk.open(person("camille", Role.CASE_WORKER, metropolis=None), facts=facts)

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
            page = cases.list_cases(tx, who, cases.Filter(territory=code), 100)
        assert {row.reference for row in page.cases} == right, code


def test_a_holder_is_whoever_has_an_account_had_one_or_holds_a_case_that_may_be_seen(clerk: Clerk) -> None:
    with clerk.database.write() as tx:
        accounts.add_account(tx, person("sacha", Role.SUPERVISOR))
        accounts.add_account(tx, person("parti", Role.CASE_WORKER))
        tx.execute(update(accounts_table).where(accounts_table.c.id == "parti").values(active=False))
    clerk.open(person("camille", Role.CASE_WORKER, metropolis=None), commune=LILLE)  # without an account
    clerk.open(person("dominique", Role.CASE_WORKER, metropolis=None), commune=MARSEILLE)
    here = person("sacha", Role.SUPERVISOR, "metropole", "MEL")
    office = office_on(clerk.database)
    for known, held in ("sacha", 0), ("parti", 0), ("camille", 1):
        assert list_cases(office, here, cases.Filter(holder=known)).total == held
    for typed, close in ("camile", "camille"), ("Parti", "parti"), ("dominique", ""), ("zzz", ""):
        with pytest.raises(NotFound) as refused:
            list_cases(office, here, cases.Filter(holder=typed))
        assert (refused.value.code, refused.value.field) == ("no_such_account", "holder")
        assert refused.value.params["close"] == close, "and nothing is told of cases that may not be seen"


# --- Many at once ----------------------------------------------------------------------------------------


def commit_many(url: str, reference: str, count: int) -> int:
    """In a process of its own: so many notes on one case, tried again while somebody else wrote first."""
    with closing(Database(url)) as database:
        mine, tries = Clerk(database), 0
        for _ in range(count):
            id = str(uuid.uuid4())
            while True:
                tries += 1
                try:
                    mine.ask(reference, note(), id=id)
                    break
                except ApplicationError as error:
                    assert error.type == "Away", error
        return tries


def test_threads_and_processes_that_write_to_one_case_leave_no_gap(postgresql_database: Database) -> None:
    clerk = Clerk(postgresql_database)
    reference = clerk.open()
    url = postgresql_database.url.render_as_string(hide_password=False)
    with multiprocessing.get_context("spawn").Pool(3) as processes, ThreadPoolExecutor(4) as threads:
        far = processes.starmap_async(commit_many, [(url, reference, 20)] * 3)
        near = list(threads.map(lambda _: commit_many(url, reference, 20), range(4)))
        tries = sum(near) + sum(far.get(60))
    written = entries(clerk.database, reference)
    assert [e.version for e in written] == list(range(1, 2 + 7 * 20 + 1))
    assert is_sound(audit(clerk.database))
    print(f"\nbook: 3 processes and 4 threads, 140 commands on one case, {tries} tries, no gap")


def test_threads_that_write_to_one_case_leave_no_gap(sqlite_database: Database) -> None:
    clerk = Clerk(sqlite_database)
    reference = clerk.open()
    url = sqlite_database.url.render_as_string()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: commit_many(url, reference, 10), range(4)))
    assert [e.version for e in entries(sqlite_database, reference)] == list(range(1, 2 + 40 + 1))
    assert is_sound(audit(sqlite_database))
