"""Accounts: which there may be, who adds them, and how each wants to be written to."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from desk.accounts import ACCOUNT_ROLES, active_accounts, add_account
from desk.office import Office
from desk.preferences import change_preferences, own_preferences
from domain.actors import OPERATOR, Actor
from domain.errors import Invalid, Refused
from domain.vocabulary import Role
from kit.storage.database import Database
from tests.desk.offices import office_on
from tests.people import COLLEAGUE, SUPERVISOR, WORKER, person


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return office_on(sqlite_database, tmp_path)


def names(office: Office) -> list[str]:
    return [view.account for view in active_accounts(office, WORKER).accounts]


@pytest.mark.parametrize("role", ACCOUNT_ROLES)
def test_the_operator_adds_accounts_of_every_role_of_the_staff(office: Office, role: Role) -> None:
    added = add_account(office, OPERATOR, person("lou", role))
    assert (added.account, added.role) == ("lou", role)
    assert names(office) == ["lou"]


@pytest.mark.parametrize(
    ("account", "field"),
    [
        (person("lou", Role.SYSTEM), "role"),
        (person("lou", Role.COMPLAINANT), "role"),
        (person("lou", Role.AUDITOR, metropolis="PARIS"), "metropolis"),
    ],
    ids=["system", "complainant", "elsewhere"],
)
def test_no_account_has_the_role_of_the_system_or_a_metropolis_that_is_none(
    office: Office, account: Actor, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add_account(office, OPERATOR, account)
    assert refused.value.field == field
    assert names(office) == []


def test_nobody_else_adds_accounts_and_no_name_is_taken_twice(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        add_account(office, SUPERVISOR, WORKER)
    assert refused.value.code == "operator_only"
    add_account(office, OPERATOR, WORKER)
    with pytest.raises(Refused) as refused:
        add_account(office, OPERATOR, WORKER.model_copy(update={"role": Role.AUDITOR}))
    assert refused.value.code == "account_taken"
    assert names(office) == [WORKER.account]


def test_preferences_are_changed_one_by_one_and_are_those_of_whoever_asks(office: Office) -> None:
    for account in (WORKER, COLLEAGUE):
        add_account(office, OPERATOR, account)
    change_preferences(office, WORKER, {"address": "camille@exemple.fr", "hour": 9})
    changed = change_preferences(office, WORKER, {"when": "LAW_ONLY"})
    assert (changed.address, changed.hour, changed.when) == ("camille@exemple.fr", 9, "LAW_ONLY")
    assert own_preferences(office, WORKER) == changed
    assert own_preferences(office, COLLEAGUE).address is None


def test_whoever_watches_over_cases_is_told_of_them(office: Office) -> None:
    add_account(office, OPERATOR, SUPERVISOR)
    with pytest.raises(Refused) as refused:
        change_preferences(office, SUPERVISOR, {"when": "LAW_ONLY"})
    assert refused.value.code == "must_be_told"
    with pytest.raises(ValidationError):
        change_preferences(office, SUPERVISOR, {"grace": 99})
    assert own_preferences(office, SUPERVISOR).grace == 4
