"""Absences: who may stand in for whom, and on which days."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.absences import note_absence
from desk.office import Office
from domain.actors import Actor
from domain.errors import Invalid, NotFound, Problem, Refused
from domain.values import day_of
from kit.storage.database import Database
from models.accounts import add_account
from models.alerts import delegating_to
from tests.desk.offices import office_on
from tests.people import COLLEAGUE, HOME_SUPERVISOR, LEAD, PARTNER_WORKER, SUPERVISOR, WORKER

TODAY = day_of(datetime.now(UTC))
TOMORROW = TODAY + timedelta(days=1)
"""A supervisor of the same organisation as WORKER and COLLEAGUE."""


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    with sqlite_database.write() as tx:
        for somebody in (WORKER, COLLEAGUE, HOME_SUPERVISOR, SUPERVISOR, LEAD, PARTNER_WORKER):
            add_account(tx, somebody)
    return office_on(sqlite_database, tmp_path)


@pytest.mark.parametrize(
    ("actor", "delegate"),
    [(WORKER, COLLEAGUE), (WORKER, HOME_SUPERVISOR), (SUPERVISOR, LEAD)],
    ids=lambda one: one.account,
)
def test_a_delegate_is_of_the_same_organisation_and_of_the_same_role_or_above(
    office: Office, actor: Actor, delegate: Actor
) -> None:
    absence = note_absence(office, actor, delegate.account, TODAY, TOMORROW)
    assert absence.model_dump(mode="json") == {
        "account": actor.account, "from": str(TODAY), "to": str(TOMORROW), "delegate": delegate.account,
    }  # fmt: skip
    with office.reading() as tx:
        assert delegating_to(tx, delegate.account, TODAY) == {actor.account: actor.role}


@pytest.mark.parametrize(
    ("actor", "delegate"),
    [
        (WORKER, WORKER),
        (WORKER, PARTNER_WORKER),
        (WORKER, SUPERVISOR),
        (HOME_SUPERVISOR, COLLEAGUE),
        (LEAD, SUPERVISOR),
    ],
    ids=lambda one: one.account,
)
def test_nobody_else_can_stand_in(office: Office, actor: Actor, delegate: Actor) -> None:
    with pytest.raises(Refused) as refused:
        note_absence(office, actor, delegate.account, TODAY, TOMORROW)
    assert (refused.value.code, refused.value.field) == ("delegate_unfit", "delegate")
    with office.reading() as tx:
        assert delegating_to(tx, delegate.account, TODAY) == {}


@pytest.mark.parametrize(
    ("first", "last", "kind", "code"),
    [
        (TOMORROW, TODAY, Refused, "absence_order"),
        (TODAY - timedelta(days=9), TODAY - timedelta(days=1), Invalid, "absence_past"),
    ],
)
def test_an_absence_that_would_pass_nothing_on_is_not_noted(
    office: Office, first: datetime, last: datetime, kind: type[Problem], code: str
) -> None:
    with pytest.raises(kind) as refused:
        note_absence(office, WORKER, COLLEAGUE.account, first, last)
    assert (refused.value.code, refused.value.field) == (code, "to")


def test_an_absence_that_is_under_way_is_noted(office: Office) -> None:
    note_absence(office, WORKER, COLLEAGUE.account, TODAY - timedelta(days=9), TODAY)
    with office.reading() as tx:
        assert WORKER.account in delegating_to(tx, COLLEAGUE.account, TODAY)


def test_a_delegate_who_does_not_exist_is_named_as_such(office: Office) -> None:
    with pytest.raises(NotFound) as refused:
        note_absence(office, WORKER, "personne", TODAY, TOMORROW)
    assert refused.value.field == "delegate"
