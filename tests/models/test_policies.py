"""The policy as data, on both databases: versions that follow one another, and one author at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain.parts.contact import AddNote
from domain.time.policy import DEFAULT_POLICY, Policy
from kit.storage.database import Database, is_conflict
from models import policies
from models.cases import open_references, under_another_policy
from models.tables import cases
from tests.people import WORKER
from tests.support.lives import MONDAY, Lives

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BRISK = Policy.model_validate({"no_contact": {"case_worker": 2, "supervisor": 4, "plan_lead": 6}, "repeat": 3})


def put(database: Database, policy: Policy, after: int, reason: str = "Less waiting") -> int:
    with database.write() as tx:
        return policies.put_in_force(tx, policy, after=after, reason=reason, account="sacha", made_at=NOW)


def test_a_new_installation_goes_by_the_policy_of_the_code(database: Database) -> None:
    with database.read() as tx:
        assert policies.in_force(tx) == policies.Edition(0, DEFAULT_POLICY)
        assert policies.editions(tx) == []


def test_the_last_version_is_in_force_and_those_before_are_kept(database: Database) -> None:
    assert put(database, BRISK, 0) == 1
    assert put(database, DEFAULT_POLICY, 1, "Too much mail") == 2
    with database.read() as tx:
        assert policies.in_force(tx) == policies.Edition(2, DEFAULT_POLICY, "Too much mail", "sacha", NOW)
        assert [(e.version, e.policy, e.reason) for e in policies.editions(tx)] == [
            (2, DEFAULT_POLICY, "Too much mail"),
            (1, BRISK, "Less waiting"),
        ]


def test_of_two_who_decide_at_once_one_is_told(database: Database) -> None:
    ready = Barrier(2)

    def decide(policy: Policy) -> int | IntegrityError:
        with database.read() as tx:
            seen = policies.in_force(tx).version
        ready.wait(10)
        try:
            return put(database, policy, seen)
        except IntegrityError as error:
            return error

    with ThreadPoolExecutor(2) as two:
        first, second = two.map(decide, [BRISK, DEFAULT_POLICY])
    assert {type(first), type(second)} == {int, IntegrityError}
    told = first if isinstance(first, IntegrityError) else second
    assert isinstance(told, IntegrityError) and is_conflict(told)
    with database.read() as tx:
        assert len(policies.editions(tx)) == 1


def test_a_case_says_under_which_version_its_agenda_was_computed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = Lives(database)
    reference = lives.open()

    def row() -> tuple[int | None, datetime | None]:
        with database.read() as tx:
            query = select(cases.c.policy_version, cases.c.next_due).where(cases.c.reference == reference)
            return tuple(tx.execute(query).one())  # type: ignore[return-value]

    before = row()
    assert before[0] == 0
    put(database, BRISK, 0)
    with database.read() as tx:
        assert under_another_policy(tx, 1, 10, "") == [reference] == open_references(tx)
        assert under_another_policy(tx, 1, 10, reference) == []
    # The timer, and the rollout with it, looks at the policy of that very moment; nothing is due yet.
    lives.ring(reference)
    assert row()[0] == 1
    with database.read() as tx:
        assert under_another_policy(tx, 1, 10, "") == []
    assert row()[1] < before[1]  # type: ignore[operator]
    # Any other step follows within a second, without asking the database each time.
    put(database, DEFAULT_POLICY, 1)
    monkeypatch.setattr("activities.book.time.monotonic", lambda: lives.book._asked + 1.1)
    lives.times[reference] = MONDAY + timedelta(hours=1)
    lives.ask(reference, AddNote(text="-"), WORKER)
    assert row() == (2, before[1])
