"""Refusals that tell nothing of cases of others: no count, no reference, and each leaves a trace."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.absences import change_absence, note_absence
from desk.accounts import change_account
from desk.opening import open_case
from domain.errors import Refused
from domain.values import day_of
from kit.storage.database import Database
from models import journal
from models.journal import Access
from models.keys import JOURNAL
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


def test_the_row_of_a_register_tells_a_stranger_no_reference(scene: Scene) -> None:
    source = {"system": "registre-2026", "id": "7"}
    own, other = scene.corners
    reference = asyncio.run(open_case(scene.office, own.holder, complaint(source=source))).reference
    for actor, code in ((own.colleague, "already_imported"), (other.holder, "row_taken")):
        with pytest.raises(Refused) as refused:
            asyncio.run(open_case(scene.office, actor, complaint(source=source)))
        assert refused.value.code == code
        assert (reference in str(refused.value.as_dict())) is (code == "already_imported")


def test_an_absence_is_changed_in_its_days_and_its_delegate_and_in_nothing_else(scene: Scene) -> None:
    holder, colleague, today = scene.corners[0].holder, scene.corners[0].colleague, day_of(datetime.now(UTC))
    note_absence(scene.office, holder, colleague.account, today, today)
    for changes in ({"account": colleague.account}, {"x": "-"}):
        with pytest.raises(ValueError, match="not permitted"):
            change_absence(scene.office, holder, today, changes)
    later = today.replace(year=today.year + 1)
    assert change_absence(scene.office, holder, today, {"last_day": later.isoformat()}).last_day == later
