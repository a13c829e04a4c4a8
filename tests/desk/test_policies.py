"""Changes of the policy: who may make them, with what in hand, and what a preview tells."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from desk.office import Office
from desk.policies import preview_policy, put_in_force
from domain.actors import OPERATOR, Actor
from domain.errors import Invalid, Refused
from domain.levels import POLICY_MAKERS, Ladder
from domain.vocabulary import Role, Step
from kit.storage.database import Database
from models import policies
from models.policies import Edition
from tests.desk.cases import office_with_lives
from tests.people import LEAD, SUPERVISOR, WORKER, person
from tests.support.accounts import open_accounts


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    office, lives = office_with_lives(sqlite_database, tmp_path)
    lives.open()
    return office


def in_force(office: Office) -> Edition:
    with office.reading() as tx:
        return policies.in_force(tx)


@pytest.mark.parametrize("actor", [SUPERVISOR, LEAD], ids=lambda actor: actor.role)
def test_a_policy_maker_puts_a_policy_in_force_with_a_reason(office: Office, actor: Actor) -> None:
    before = in_force(office)
    changed = put_in_force(office, actor, {"repeat": before.policy.repeat + 1}, " Moins de rappels ")
    now = in_force(office)
    assert (now.version, changed.version) == (before.version + 1, now.version)
    assert (now.account, now.reason) == (actor.account, "Moins de rappels")
    assert now.policy == before.policy.model_copy(update={"repeat": before.policy.repeat + 1}), "the rest stays"
    assert changed.preview.cases == 1


def test_what_is_not_named_stays_inside_what_is_named_too(office: Office) -> None:
    before = in_force(office).policy
    changed = {"stall": {"INTAKE": {"case_worker": 1, "supervisor": 2}}}
    seen = put_in_force(office, SUPERVISOR, changed, "Plus vite")
    now = in_force(office).policy
    assert now.stall[Step.INTAKE] == Ladder(case_worker=1, supervisor=2, plan_lead=before.stall[Step.INTAKE].plan_lead)
    assert {step: now.stall[step] for step in now.stall if step is not Step.INTAKE} == {
        step: before.stall[step] for step in before.stall if step is not Step.INTAKE
    }
    assert len(seen.preview.alerted) <= seen.preview.cases == 1


@pytest.mark.parametrize("role", sorted(set(Role) - POLICY_MAKERS - {Role.SYSTEM}))
def test_nobody_else_changes_it(office: Office, role: Role) -> None:
    open_accounts(office.database, [person("somebody", role)])
    with pytest.raises(Refused) as refused:
        put_in_force(office, person("somebody", role), {"repeat": 30}, "Parce que")
    assert refused.value.code == "not_policy_maker"
    assert in_force(office).version == 0


def test_a_change_without_a_reason_or_that_does_not_hold_changes_nothing(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        put_in_force(office, SUPERVISOR, {"repeat": 30}, "  ")
    assert (refused.value.code, refused.value.field) == ("no_reason", "reason")
    with pytest.raises(ValidationError):
        put_in_force(office, SUPERVISOR, {"repeat": -1}, "Parce que")
    assert in_force(office).version == 0


def test_two_who_decide_at_once_do_not_overwrite_each_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = in_force(office)
    put_in_force(office, LEAD, {"repeat": 20}, "La première")
    monkeypatch.setattr(policies, "in_force", lambda _tx: seen)  # the other looked before that
    with pytest.raises(Refused) as refused:
        put_in_force(office, SUPERVISOR, {"repeat": 30}, "La seconde")
    assert refused.value.code == "policy_changed"


@pytest.mark.parametrize("actor", [SUPERVISOR, LEAD, OPERATOR], ids=lambda actor: str(actor.account))
def test_who_makes_the_policy_may_ask_what_it_would_change_and_nothing_changes(office: Office, actor: Actor) -> None:
    assert preview_policy(office, actor, {"repeat": 12}).cases == 1
    with pytest.raises(Refused, match="not_policy_maker"):
        preview_policy(office, WORKER, {"repeat": 12})
    assert in_force(office).version == 0
