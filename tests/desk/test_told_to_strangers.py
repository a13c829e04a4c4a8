"""Refusals that tell nothing of cases of others: no count, no reference, and each leaves a trace."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from activities.calendar import french_calendar
from audit.restore import show_again
from desk.absences import change_absence, note_absence
from desk.accounts import change_account, list_history
from desk.listing import list_cases
from desk.opening import open_case
from desk.policies import preview_policy
from desk.submitting import submit_command
from domain.actors import OPERATOR, Actor
from domain.errors import NotFound, Problem, Refused
from domain.parts.restriction import Restrict
from domain.values import day_of
from domain.vocabulary import Role
from kit.storage.database import Database
from models import journal
from models.cases import Filter
from models.journal import Access
from models.keys import JOURNAL
from models.tables import cases
from tests.desk.scene import Scene, everybody, scene_on
from tests.support.builders import complaint


@pytest.fixture
def scene(sqlite_database: Database, tmp_path: Any) -> Scene:
    return scene_on(sqlite_database, tmp_path)


def test_only_its_administrators_learn_that_an_account_holds_cases_and_others_leave_a_trace(scene: Scene) -> None:
    holder, told = scene.corners[0].holder, set()
    for actor in everybody():
        with pytest.raises(Refused) as refused:
            change_account(scene.office, actor, holder.account, {"organisation": "ailleurs"}, "Essai")
        if refused.value.code == "account_holds_cases":
            told.add(actor.account)
    assert told == {"administrator-nord", "exploitation"}
    with scene.office.reading() as tx:
        tried = journal.entries(tx, scene.office.keys.of(JOURNAL), account="partner-sud", access=Access.DENIED, limit=9)
    assert [entry.reading.why for entry in tried] == ["not_administrator"]


def test_the_row_of_a_register_is_as_if_free_for_whoever_may_not_see_its_case(scene: Scene) -> None:
    told = complaint(source={"system": "registre-2026", "id": "7"})
    own, other = scene.corners

    def opened_by(actor: Actor) -> str:
        return asyncio.run(open_case(scene.office, actor, told)).reference

    def refused_to(actor: Actor) -> object:
        with pytest.raises(Refused) as refused:
            opened_by(actor)
        return refused.value.code, refused.value.params["reference"]

    first = opened_by(own.holder)
    assert refused_to(own.colleague) == ("already_imported", first)
    elsewhere = opened_by(other.holder)
    barring = Restrict(accounts=(own.colleague.account,), reason="-")
    asyncio.run(submit_command(scene.office, own.holder, first, barring, expected_version=2))
    aside = opened_by(own.colleague)
    assert len({first, elsewhere, aside}) == 3
    with scene.office.writing() as tx:  # a list that was damaged is brought back with the place that it had
        tx.execute(update(cases).where(cases.c.reference == elsewhere).values(source_key="0" * 64))
    again = [
        show_again(scene.office.database, scene.office.keys, each, french_calendar())
        for each in (first, elsewhere, aside)
    ]
    assert again == [False, True, False]
    for actor, reference in ((own.holder, first), (other.holder, elsewhere), (own.colleague, aside)):
        assert refused_to(actor) == ("already_imported", reference)


def test_an_absence_is_changed_in_its_days_and_its_delegate_and_in_nothing_else(scene: Scene) -> None:
    holder, colleague, today = scene.corners[0].holder, scene.corners[0].colleague, day_of(datetime.now(UTC))
    note_absence(scene.office, holder, colleague.account, today, today)
    for changes in ({"account": colleague.account}, {"x": "-"}):
        with pytest.raises(ValueError, match="not permitted"):
            change_absence(scene.office, holder, today, changes)
    later = today.replace(year=today.year + 1)
    assert change_absence(scene.office, holder, today, {"last_day": later.isoformat()}).last_day == later


def test_the_preview_of_a_policy_counts_no_case_that_its_reader_may_not_see(scene: Scene) -> None:
    own = scene.corners[0]
    by_role = {(actor.role, actor.metropolis): actor for actor in everybody()}
    lead, elsewhere = by_role[Role.PLAN_LEAD, "MEL"], by_role[Role.PLAN_LEAD, "AMP"]

    def counted(actor: Actor) -> int:
        return preview_policy(scene.office, actor, {"repeat": 12}).cases

    everywhere, before = counted(OPERATOR), counted(lead)
    assert everywhere == before + counted(elsewhere)
    barring = Restrict(accounts=(lead.account,), reason="-")
    version = scene.versions()[own.reference]
    asyncio.run(submit_command(scene.office, own.holder, own.reference, barring, expected_version=version))
    assert (counted(lead), counted(OPERATOR)) == (before - 1, everywhere)
    assert own.reference not in preview_policy(scene.office, lead, {"repeat": 12}).alerted


def _naming(scene: Scene, actor: Actor, account: str) -> tuple[Callable[[], object], ...]:
    """What an actor may ask that names an account."""
    return (
        lambda: list_cases(scene.office, actor, Filter(holder=account)),
        lambda: list_history(scene.office, actor, account),
        lambda: asyncio.run(open_case(scene.office, actor, complaint(), closed_to=(account,))),
    )


def test_a_name_that_is_mistyped_is_answered_with_no_account_that_no_list_shows(scene: Scene) -> None:
    own, other = scene.corners
    for near, is_shown in ((own.colleague.account, True), (other.holder.account, False)):
        for ask in _naming(scene, own.holder, near + "x"):
            with pytest.raises(Problem) as refused:
                ask()
            assert (refused.value.params["close"] == near) is is_shown, refused.value.code


def test_an_account_that_no_list_shows_is_as_unknown_as_none(scene: Scene) -> None:
    own, other = scene.corners
    for name in (other.holder.account, "personne-de-ce-nom"):
        for ask in _naming(scene, own.holder, name)[:2]:
            with pytest.raises(NotFound) as unknown:
                ask()
            assert unknown.value.code == "no_such_account"
            assert unknown.value.params["close"] != other.holder.account
        with pytest.raises(Refused) as refused:
            change_account(scene.office, own.holder, name, {"organisation": "ailleurs"}, "Essai")
        assert refused.value.code == "not_administrator"
