"""Accounts: who opens, changes and closes them, what takes two people, and what stands in their history."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from desk.accounts import (
    change_account,
    close_account,
    confirm_account,
    list_accounts,
    list_history,
    open_account,
    reject_account,
    reopen_account,
)
from desk.listing import list_cases
from desk.office import Office
from desk.preferences import change_preferences, own_preferences
from domain.accounts.events import Standing
from domain.accounts.giving import ACCOUNT_ROLES, GUARDED
from domain.actors import OPERATOR, Actor
from domain.errors import Invalid, NotFound, Refused
from domain.vocabulary import Role
from kit.storage.database import Database
from tests.desk.offices import office_on
from tests.people import COLLEAGUE, PARTNER, STRANGER, SUPERVISOR, WORKER, person
from tests.support.accounts import open_accounts

BOSS = person("admin-mel", Role.ADMINISTRATOR, "metropole")
SECOND = person("admin-mel-2", Role.ADMINISTRATOR, "metropole")
ELSEWHERE = person("admin-amp", Role.ADMINISTRATOR, "metropole-amp", "AMP")
OF_BOTH = person("admin-deux", Role.ADMINISTRATOR, "metropoles", None)


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return office_on(sqlite_database, tmp_path)


def standing(role: Role, metropolis: str | None = "MEL") -> Standing:
    return Standing(role=role, organisation="maison-du-droit", metropolis=metropolis)


def told(office: Office, account: str) -> list[str]:
    return [line.what for line in list_history(office, OPERATOR, account).lines]


@pytest.mark.parametrize("role", ACCOUNT_ROLES)
def test_the_operator_opens_accounts_and_says_that_nobody_else_was_there(office: Office, role: Role) -> None:
    view = open_account(office, OPERATOR, "nouvelle", standing(role), "Arrive")
    assert (view.role, view.active, view.proposed) == (role, True, None)
    (line,) = list_history(office, OPERATOR, "nouvelle").lines
    assert (line.what, line.by, line.why, line.alone) == (
        "account_opened.1", OPERATOR.account, "Arrive", role in GUARDED
    )  # fmt: skip


@pytest.mark.parametrize("role", sorted(GUARDED))
def test_what_watches_over_others_takes_a_second_person_wherever_there_is_one(office: Office, role: Role) -> None:
    open_accounts(office.database, [BOSS, SECOND, ELSEWHERE])
    for by in (BOSS, OPERATOR):
        view = open_account(office, by, "nouvelle", standing(role), "Arrive")
        assert (view.active, view.role, view.proposed and view.proposed.role) == (False, None, role)
    with pytest.raises(NotFound):
        office.actor("nouvelle")
    reject_account(office, BOSS, "nouvelle", "Une erreur")
    open_account(office, BOSS, "nouvelle", standing(role), "Arrive")
    for by, code in ((BOSS, "second_person"), (ELSEWHERE, "not_administrator"), (OPERATOR, "second_person"),
                     (SUPERVISOR, "not_administrator")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            confirm_account(office, by, "nouvelle")
        assert refused.value.code == code
    assert confirm_account(office, SECOND, "nouvelle").active
    assert office.actor("nouvelle").role is role
    assert told(office, "nouvelle")[-2:] == ["account_proposed.1", "account_confirmed.1"]


def test_what_was_rejected_changes_nothing(office: Office) -> None:
    open_accounts(office.database, [BOSS, SECOND])
    change_account(office, BOSS, WORKER.account, {"role": Role.SUPERVISOR}, "Remplace")
    assert office.actor(WORKER.account).role is Role.CASE_WORKER
    assert reject_account(office, SECOND, WORKER.account, "Trop tôt").proposed is None
    assert office.actor(WORKER.account) == WORKER
    with pytest.raises(Refused) as refused:
        confirm_account(office, SECOND, WORKER.account)
    assert refused.value.code == "nothing_proposed"


def test_an_administrator_touches_accounts_of_its_own_metropolis_only(office: Office) -> None:
    open_accounts(office.database, [BOSS, ELSEWHERE, OF_BOTH])
    for metropolis in ("AMP", None):
        with pytest.raises(Refused) as refused:
            open_account(office, BOSS, "nouvelle", standing(Role.CASE_WORKER, metropolis), "-")
        assert refused.value.code == "not_administrator"
    with pytest.raises(Refused):
        change_account(office, BOSS, WORKER.account, {"metropolis": "AMP"}, "Déménage")
    with pytest.raises(Refused):
        change_account(office, ELSEWHERE, WORKER.account, {"metropolis": "AMP"}, "Déménage")
    assert change_account(office, OF_BOTH, WORKER.account, {"metropolis": "AMP"}, "Déménage").metropolis == "AMP"
    with pytest.raises(Refused) as refused:
        change_account(office, BOSS, BOSS.account, {"role": Role.CASE_WORKER}, "-")
    assert refused.value.code == "own_account"
    for actor in (SUPERVISOR, WORKER):
        with pytest.raises(Refused):
            open_account(office, actor, "nouvelle", standing(Role.CASE_WORKER), "-")


def test_an_administrator_sees_no_case(office: Office) -> None:
    open_accounts(office.database, [BOSS])
    assert list_cases(office, BOSS).total == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (standing(Role.SYSTEM), "role"),
        (standing(Role.COMPLAINANT), "role"),
        (standing(Role.AUDITOR, "PARIS"), "metropolis"),
    ],
    ids=["system", "complainant", "elsewhere"],
)
def test_no_account_has_the_role_of_the_system_or_a_metropolis_that_is_none(
    office: Office, given: Standing, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        open_account(office, OPERATOR, "nouvelle", given, "-")
    assert refused.value.field == field


def test_no_name_is_taken_twice_and_none_is_that_of_the_system(office: Office) -> None:
    for name in (WORKER.account, "horloge", "exploitation"):
        with pytest.raises(Refused) as refused:
            open_account(office, OPERATOR, name, standing(Role.AUDITOR), "-")
        assert refused.value.code == "account_taken"


async def test_a_closed_account_is_refused_and_opened_again_as_it_was(office: Office) -> None:
    closed = await close_account(office, OPERATOR, WORKER.account, "Est partie")
    assert (closed.account.active, closed.cases, closed.started) == (False, 0, False)
    with pytest.raises(Refused) as refused:
        list_cases(office, WORKER)
    assert refused.value.code == "account_closed"
    reopen_account(office, OPERATOR, WORKER.account, "Est revenue")
    assert list_cases(office, WORKER).total == 0
    assert told(office, WORKER.account) == ["account_opened.1", "account_closed.1", "account_reopened.1"]


async def test_cases_are_handed_to_somebody_who_can_follow_them_up(office: Office) -> None:
    for to, code in ((STRANGER, "cannot_take_over"), (WORKER, "cannot_take_over")):
        with pytest.raises(Refused) as refused:
            await close_account(office, OPERATOR, WORKER.account, "-", to.account)
        assert (refused.value.code, refused.value.field) == (code, "to")
    await close_account(office, OPERATOR, WORKER.account, "-", COLLEAGUE.account)


def test_a_list_of_accounts_tells_each_what_they_need(office: Office) -> None:
    def names(actor: Actor) -> set[str]:
        return {view.account for view in list_accounts(office, actor).accounts}

    assert names(PARTNER) == {"lien-r1", "noa"}
    assert names(WORKER) >= {WORKER.account, COLLEAGUE.account}
    assert PARTNER.account not in names(WORKER)
    assert names(SUPERVISOR) >= {WORKER.account, PARTNER.account}
    assert "maxime" not in names(SUPERVISOR)
    assert names(OPERATOR) > names(SUPERVISOR)


def test_the_history_of_an_account_is_for_those_who_administer_or_audit_it(office: Office) -> None:
    assert list_history(office, WORKER, WORKER.account).lines
    with pytest.raises(Refused) as refused:
        list_history(office, SUPERVISOR, WORKER.account)
    assert refused.value.code == "history_for_administrators"
    with pytest.raises(NotFound) as unknown:
        list_history(office, OPERATOR, "camile")
    assert unknown.value.params["close"] == WORKER.account


# --- Preferences -------------------------------------------------------------------------------------------


def test_preferences_are_changed_one_by_one_and_are_those_of_whoever_asks(office: Office) -> None:
    change_preferences(office, WORKER, {"address": "camille@exemple.fr", "hour": 9})
    changed = change_preferences(office, WORKER, {"when": "LAW_ONLY"})
    assert (changed.address, changed.hour, changed.when) == ("camille@exemple.fr", 9, "LAW_ONLY")
    assert own_preferences(office, WORKER) == changed
    assert own_preferences(office, COLLEAGUE).address is None


def test_whoever_watches_over_cases_is_told_of_them(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        change_preferences(office, SUPERVISOR, {"when": "LAW_ONLY"})
    assert refused.value.code == "must_be_told"
    with pytest.raises(ValidationError):
        change_preferences(office, SUPERVISOR, {"grace": 99})
    assert own_preferences(office, SUPERVISOR).grace == 4
