"""One table says whose role hears an alert, who may answer it, who stands in for whom and who sets the delays."""

import json
from itertools import pairwise

from domain.levels import (
    AUTHORITIES,
    HEIGHT,
    LOWEST,
    OVERSEERS,
    POLICY_MAKERS,
    Days,
    Ladder,
    authority_of,
    may_answer,
    overseen_by,
    rank,
    role_of,
)
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.vocabulary import Level, Role


def test_every_level_stands_in_the_table_in_the_order_of_the_vocabulary() -> None:
    assert [authority.level for authority in AUTHORITIES] == list(Level) == list(HEIGHT)
    assert [role_of(level) for level in Level] == [authority.role for authority in AUTHORITIES]


def test_every_level_has_its_delay_in_a_ladder() -> None:
    assert [field.upper() for field in Ladder.model_fields] == list(Level)


def test_higher_roles_have_higher_authority_and_only_the_lowest_oversees_nobody() -> None:
    ranks = [rank(authority.role) for authority in AUTHORITIES]
    assert all(lower <= higher for lower, higher in pairwise(ranks)) and ranks[0] == 1
    assert [authority.level for authority in AUTHORITIES if not authority.oversees] == [LOWEST]


def test_what_the_table_says_of_the_roles_of_this_version() -> None:
    assert OVERSEERS == POLICY_MAKERS == {Role.SUPERVISOR, Role.PLAN_LEAD}
    assert may_answer(Level.CASE_WORKER) == {Role.CASE_WORKER, Role.SUPERVISOR, Role.PLAN_LEAD}
    assert may_answer(Level.SUPERVISOR) == {Role.SUPERVISOR, Role.PLAN_LEAD}
    assert may_answer(Level.PLAN_LEAD) == {Role.PLAN_LEAD}
    assert {role: rank(role) for role in Role if rank(role)} == {
        Role.CASE_WORKER: 1,
        Role.SUPERVISOR: 2,
        Role.PLAN_LEAD: 3,
    }
    assert authority_of(Role.PLAN_LEAD) is Level.PLAN_LEAD
    assert authority_of(Role.PARTNER) is authority_of(Role.CASE_WORKER) is Level.CASE_WORKER
    assert overseen_by([Role.CASE_WORKER, Role.AUDITOR]) == []
    assert overseen_by(Role) == [Level.SUPERVISOR, Level.PLAN_LEAD]


# --- A level that came after the policies that are stored -------------------------------------------------


class Shorter(Ladder):
    """A ladder to which a level was added later: here it stands for the level that a stored policy does not name."""

    supervisor: Days | None = None  # type: ignore[assignment]


def test_a_level_that_a_stored_ladder_leaves_out_is_not_told_and_the_others_as_ever() -> None:
    stored = Shorter.model_validate({"case_worker": 5, "plan_lead": 20})
    assert stored.rungs() == ((Level.CASE_WORKER, 5), (Level.PLAN_LEAD, 20))
    assert (
        Shorter(case_worker=5, supervisor=10, plan_lead=20).rungs()
        == Ladder(case_worker=5, supervisor=10, plan_lead=20).rungs()
    )


STORED = (
    '{"case_worker":5,"supervisor":10,"plan_lead":20}',
    '{"case_worker":10,"supervisor":20,"plan_lead":30}',
    '{"case_worker":20,"supervisor":30,"plan_lead":45}',
    '{"case_worker":60,"supervisor":90,"plan_lead":120}',
)
"""The ladders of a policy as they have stood in databases since the first version."""


def test_a_stored_policy_is_read_and_printed_to_the_letter() -> None:
    assert tuple(ladder.model_dump_json() for ladder in DEFAULT_POLICY.stall.values()) == STORED
    printed = DEFAULT_POLICY.model_dump_json()
    assert Policy.model_validate_json(printed).model_dump_json() == printed
    assert json.loads(printed)["no_contact"] == {"case_worker": 30, "supervisor": 45, "plan_lead": 60}
