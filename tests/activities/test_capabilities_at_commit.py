"""Whoever comes by a link writes into the book what their capability allows, on that very case, and nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from audit.accounts import Names, by_capability
from domain.accounts.events import Standing
from domain.accounts.giving import open_account
from domain.accounts.state import Account
from domain.actors import OPERATOR, Actor
from domain.errors import Problem, Refused
from domain.parts.capability import Capability, IssueCapability, RenewCapability, RevokeCapability
from domain.parts.contact import AddNote
from domain.signin.tokens import Kind, new_token
from domain.values import day_of
from domain.vocabulary import Door, Role
from models import account_history, book
from models.accounts import add_account, resolved
from models.links import capability_of, token_of
from tests.people import WORKER, person
from tests.support.builders import note
from tests.support.clerk import Clerk
from tests.support.harness import entries
from tests.support.servers import KEYS

DAYS = timedelta(days=30)


def issued(clerk: Clerk, **more: object) -> tuple[str, Capability]:
    """A case with a capability of the person, and that capability."""
    reference = clerk.open()
    command = IssueCapability.model_validate({"audience": "COMPLAINANT", "until": day_of(clerk.at + DAYS), **more})
    clerk.ask(reference, command)
    return reference, clerk.case(reference).capability("K1")


def opened(clerk: Clerk, token: str) -> tuple[str, Capability] | None:
    with clerk.database.read() as tx:
        return capability_of(tx, KEYS, token, clerk.at)


def refused(clerk: Clerk, reference: str, who: Actor, door: Door = Door.CAPABILITY) -> str:
    with pytest.raises(Problem) as caught:
        clerk.ask(reference, note(), who, door=door)
    return caught.value.code


# --- In the book -----------------------------------------------------------------------------------------


def test_its_lines_name_it_and_its_door_and_hold_before_an_auditor(clerk: Clerk) -> None:
    reference, capability = issued(clerk)
    who = capability.actor(reference)
    clerk.ask(reference, note("Bonjour"), who, door=Door.CAPABILITY)
    last = entries(clerk.database, reference)[-1]
    assert (last.actor, last.door, last.event.tag) == (who, Door.CAPABILITY, "note_added.2")
    with clerk.database.read() as tx:
        names = Names(account_history.all_lines(tx))
        assert names.wrong(reference, book.rows(tx, reference)) == []
    assert by_capability(reference, entries(clerk.database, reference)) == []
    forged = [*entries(clerk.database, reference)]
    forged[-1] = forged[-1].model_copy(update={"recorded_at": clerk.at + 2 * DAYS})
    assert [finding.kind for finding in by_capability(reference, forged)] == ["account_unknown"]


def test_it_is_let_through_by_its_own_list_on_its_own_case_and_by_its_own_door(clerk: Clerk) -> None:
    reference, capability = issued(clerk, commands=("withdraw_consent",))
    other, fuller = issued(clerk)
    who = capability.actor(reference)
    assert refused(clerk, reference, who) == "not_permitted"
    assert refused(clerk, other, who) == "no_such_case"
    assert refused(clerk, reference, fuller.actor(other)) == "no_such_case"
    for door in (Door.LOCAL, Door.SESSION, Door.CLIENT, Door.SYSTEM):
        assert refused(clerk, other, fuller.actor(other), door) == "no_such_account"
    assert refused(clerk, reference, WORKER) == "no_such_account", "an account comes by no link"
    for role in Role:
        claimed = who.model_copy(update={"role": role, "organisation": WORKER.organisation})
        assert refused(clerk, reference, claimed) == "no_such_case"
    assert [line.door for line in entries(clerk.database, reference) if line.door is Door.CAPABILITY] == []


def test_revoked_or_expired_it_writes_nothing_more(clerk: Clerk) -> None:
    reference, capability = issued(clerk)
    who = capability.actor(reference)
    clerk.ask(reference, AddNote(text="Bonjour"), who, door=Door.CAPABILITY)
    clerk.at += DAYS + timedelta(days=1)
    assert refused(clerk, reference, who) == "no_such_case"
    clerk.ask(reference, RenewCapability(capability="K1", until=day_of(clerk.at)))
    clerk.ask(reference, AddNote(text="Bonjour"), who, door=Door.CAPABILITY)
    clerk.ask(reference, RevokeCapability(capability="K1", reason="Transmis"))
    assert refused(clerk, reference, who) == "no_such_case"


# --- Its link --------------------------------------------------------------------------------------------


def test_its_link_opens_it_until_it_is_renewed_or_revoked_or_its_day_is_past(clerk: Clerk) -> None:
    reference, capability = issued(clerk)
    first = token_of(KEYS, reference, capability)
    assert opened(clerk, first) == (reference, capability)
    assert token_of(KEYS, reference, capability) == first, "derived anew, the same"
    clerk.ask(reference, RenewCapability(capability="K1", until=day_of(clerk.at)))
    renewed = clerk.case(reference).capability("K1")
    second = token_of(KEYS, reference, renewed)
    assert opened(clerk, first) is None and opened(clerk, second) == (reference, renewed)
    clerk.at += timedelta(days=1)
    assert opened(clerk, second) is None
    clerk.ask(reference, RenewCapability(capability="K1", until=day_of(clerk.at)))
    third = token_of(KEYS, reference, clerk.case(reference).capability("K1"))
    assert opened(clerk, third) is not None
    clerk.ask(reference, RevokeCapability(capability="K1", reason="Transmis"))
    assert [opened(clerk, token) for token in (first, second, third)] == [None] * 3


def _other_letter(token: str) -> str:
    return token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]


FORGERIES: dict[str, Callable[[str, str], str]] = {
    "another secret": lambda token, _other: _other_letter(token),
    "another id": lambda token, _other: token.replace(".K1.", ".K2."),
    "another generation": lambda token, _other: token.replace(".K1.1.", ".K1.2."),
    "another case": lambda token, other: re.sub(r"abk_.{14}", f"abk_{other}", token),
    "no case": lambda token, _other: re.sub(r"abk_.{14}", "abk_0000-0000-0000", token),
    "no secret": lambda token, _other: token[:-43],
    "a zero before": lambda token, _other: token.replace(".K1.1.", ".K1.01."),
    "a session": lambda _token, _other: new_token(Kind.SESSION),
    "nothing": lambda _token, _other: "",
}


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_link_opens_nothing(clerk: Clerk, how: str) -> None:
    (reference, capability), (other, _) = issued(clerk), issued(clerk)
    token = token_of(KEYS, reference, capability)
    forged = FORGERIES[how](token, other)
    assert forged != token and opened(clerk, forged) is None
    assert opened(clerk, token) is not None


def test_the_secret_of_a_link_is_nowhere_in_the_book(clerk: Clerk) -> None:
    reference, capability = issued(clerk)
    secret = token_of(KEYS, reference, capability).rpartition(".")[2]
    assert all(secret not in line.model_dump_json() for line in entries(clerk.database, reference))
    assert secret not in clerk.case(reference).model_dump_json()


# --- Its name --------------------------------------------------------------------------------------------


def test_no_account_has_its_name_and_it_is_no_account(clerk: Clerk) -> None:
    reference, capability = issued(clerk)
    who = capability.actor(reference)
    with clerk.database.read() as tx, pytest.raises(Problem) as caught:
        resolved(tx, who)
    assert caught.value.code == "no_such_account"
    for name in (who.account, "capability.sacha"):
        with pytest.raises(Refused) as taken:
            open_account(OPERATOR, Account(account=name), Standing(role=Role.PARTNER, organisation="x1"), "-", ())
        assert taken.value.code == "account_taken"
    intruder = person(who.account, Role.SUPERVISOR)
    with clerk.database.write() as tx:
        add_account(tx, intruder)  # even so: written into the tables by hand, it is none
    assert refused(clerk, reference, intruder, Door.LOCAL) == "no_such_account"
