"""The whole table: each state of a case x each command x each role x each relation has a decided answer."""

from collections import Counter
from collections.abc import Callable

import pytest

from domain.actors import Actor
from domain.case import Case
from domain.commands import COMMANDS, OF_THE_SYSTEM
from domain.errors import Refused, fill
from domain.lifecycle import decide, offered
from domain.parts.base import Command, Event
from domain.permissions import may_see
from domain.vocabulary import Role, Step
from tests.domain.examples import Story
from tests.domain.samples import cases, samples
from tests.domain.witnesses import NAMES, witnesses
from tests.people import HOME, PARTNER_ORG

CASES = cases()
SAMPLES = samples(CASES)
AT = Story().until("2026-05-04").at
WITNESSES = {name: witnesses(case, AT) for name, case in CASES.items() if case}
RELATIONS = {
    "holder's team": (HOME, "MEL"),
    "addressee of a referral": (PARTNER_ORG, "MEL"),
    "stranger here": ("autre-equipe", "MEL"),
    "stranger elsewhere": ("equipe-amp", "AMP"),
}


def asks(role: Role, relation: str) -> Actor:
    organisation, metropolis = RELATIONS[relation]
    return Actor(
        account=f"compte-{role.lower().replace('_', '-')}", role=role, organisation=organisation, metropolis=metropolis
    )


def answer(case: Case | None, command: Command, actor: Actor) -> list[Event] | Refused:
    try:
        return decide(case, command, actor, AT)
    except Refused as refused:
        return refused


Row = tuple[str, Command, Role, str, list[Event] | Refused]


@pytest.fixture(scope="module")
def table() -> list[Row]:
    return [
        (name, command, role, relation, answer(case, command, asks(role, relation)))
        for name, case in CASES.items()
        for command in SAMPLES
        for role in Role
        for relation in RELATIONS
    ]


def accepted(table: list[Row], which: Callable[[Row], bool] = bool) -> list[Row]:
    return [row for row in table if isinstance(row[4], list) and which(row)]


def test_every_pair_is_decided_and_every_refusal_says_what_to_do(
    table: list[Row], record_property: Callable[[str, object], None]
) -> None:
    codes: Counter[str] = Counter()
    for name, command, role, relation, said in table:
        if isinstance(said, Refused):
            codes[said.code] += 1
            where = (name, command.name(), role, relation, said.code)
            assert said.code and said.message and said.remedy, where
            assert "{" not in fill(said.message, said.params) + fill(said.remedy, said.params), where
            assert Refused.from_dict(said.as_dict()).as_dict() == said.as_dict(), where
    yes = len(accepted(table))
    pairs = len({(name, command.name()) for name, command, *_ in table})
    record_property(
        "domain: state x command x role x relation",
        f"{len(table)} decided ({pairs} pairs of state and command), {yes} accepted, {len(table) - yes} refused "
        f"with {len(codes)} codes",
    )
    assert yes > 300


def test_every_command_is_accepted_somewhere(table: list[Row]) -> None:
    assert {row[1].name() for row in accepted(table)} == set(COMMANDS)


def test_every_command_has_a_sample() -> None:
    assert {command.name() for command in SAMPLES} == set(COMMANDS)


def test_an_erased_case_accepts_nothing(table: list[Row]) -> None:
    assert accepted(table, lambda row: row[0] == "erased") == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMPLAINANT])
def test_who_only_looks_changes_nothing(table: list[Row], role: Role) -> None:
    assert accepted(table, lambda row: row[2] is role) == []


def test_a_closed_case_accepts_only_what_is_meant_for_it(table: list[Row]) -> None:
    meant = {name for name, command in COMMANDS.items() if Step.CLOSED in command.steps}
    assert {row[1].name() for row in accepted(table, lambda row: row[0].startswith("closed"))} == meant


def test_a_stranger_changes_nothing_but_by_a_role_for_the_whole_territory(table: list[Row]) -> None:
    here = accepted(table, lambda row: row[3] == "stranger here" and row[0] != "no case yet")
    assert {row[2] for row in here} == {Role.SUPERVISOR, Role.PLAN_LEAD, Role.SYSTEM}
    elsewhere = accepted(table, lambda row: row[3] == "stranger elsewhere" and row[0] != "no case yet")
    others = [row for row in elsewhere if row[2] is not Role.SYSTEM]
    assert {row[1].name() for row in others} == {"accept_transfer", "decline_transfer"}
    assert {row[2] for row in others} == {Role.SUPERVISOR, Role.PLAN_LEAD}
    assert all((case := CASES[row[0]]) and case.pending_transfer for row in others), "they are asked to take it over"


def test_only_the_clock_passes_deadlines(table: list[Row]) -> None:
    assert {row[2] for row in accepted(table, lambda row: row[1].name() in OF_THE_SYSTEM)} == {Role.SYSTEM}
    assert {row[1].name() for row in accepted(table, lambda row: row[2] is Role.SYSTEM)} == OF_THE_SYSTEM


def test_what_is_accepted_was_offered_and_may_be_read(table: list[Row]) -> None:
    for name, command, role, relation, _ in accepted(table, lambda row: row[0] != "no case yet"):
        case, actor = CASES[name], asks(role, relation)
        assert case is not None
        assert command.name() in offered(actor, case, AT)
        assert may_see(actor, case)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("relation", list(RELATIONS))
def test_the_button_that_is_drawn_is_a_door_that_lets_in(role: Role, relation: str) -> None:
    actor = asks(role, relation)
    for where, contents in WITNESSES.items():
        case = CASES[where]
        assert case is not None
        drawn = offered(actor, case, AT)
        for name, some in contents.items():
            lets_in = any(isinstance(answer(case, command, actor), list) for command in some)
            assert lets_in == (name in drawn), (where, name, actor.account)


def test_every_command_is_offered_somewhere() -> None:
    people = [asks(role, relation) for role in Role for relation in RELATIONS]
    drawn = {name for case in CASES.values() if case for actor in people for name in offered(actor, case, AT)}
    assert drawn == set(NAMES)


def test_deciding_is_pure(table: list[Row]) -> None:
    for name, command, role, relation, said in table[::7]:
        again = answer(CASES[name], command, asks(role, relation))
        assert again == said or (isinstance(again, Refused) and isinstance(said, Refused) and again.code == said.code)
