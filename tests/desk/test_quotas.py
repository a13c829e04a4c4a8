"""Quotas at the machine itself: a script that runs away is told when to go on, and nobody else notices."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.office import Office
from desk.opening import open_case
from desk.submitting import submit_command
from domain.actors import Actor
from domain.errors import Away, TooMany
from domain.vocabulary import Door
from kit.storage.database import Database
from models import quotas
from tests.desk.cases import office_with_lives, opened_for
from tests.people import COLLEAGUE, WORKER
from tests.support.builders import complaint, note


@pytest.fixture
def place(database: Database, tmp_path: Path) -> tuple[Office, str]:
    """An office whose case worker has asked as much within the hour as one may: five commands, two of them openings."""
    office, lives = office_with_lives(database, tmp_path)
    limits = {"local_commands_an_hour": 5, "local_openings_an_hour": 2, "system_commands_an_hour": 5}
    opened_for(lives, complaint())
    reference = opened_for(lives, complaint())
    for _ in range(3):
        lives.ask(reference, note(), WORKER)
    return replace(office, settings=office.settings.model_copy(update=limits)), reference


def waits(office: Office, actor: Actor, reference: str, id: str | None = None) -> int:
    """Seconds that somebody is told to wait; 0 for a command that goes on to the engine, which is away here."""
    try:
        asyncio.run(submit_command(office, actor, reference, note(), command_id=id))
    except Away:
        return 0
    except TooMany as refused:
        return refused.wait
    raise AssertionError("there is no engine")


def test_one_command_too_many_is_refused_until_the_first_is_an_hour_old(place: tuple[Office, str]) -> None:
    office, reference = place
    assert 3_500 < waits(office, WORKER, reference) <= 3_600
    assert waits(office, COLLEAGUE, reference) == 0

    def asks(after: timedelta) -> None:
        with office.reading() as tx:
            quotas.require_within(tx, WORKER.account, Door.LOCAL, 5, datetime.now(UTC) + after, opens=False)

    with pytest.raises(TooMany) as refused:
        asks(timedelta(minutes=59))
    assert 0 < refused.value.wait <= 60
    asks(timedelta(minutes=61))


def test_an_import_and_other_doors_are_counted_by_themselves(place: tuple[Office, str]) -> None:
    office, reference = place
    assert waits(office, WORKER, reference, id="import:0123") == 0
    for door in (Door.SYSTEM, Door.SESSION):
        assert waits(office.through(door), WORKER, reference) == 0, "nothing was asked by this door"
    with office.reading() as tx, pytest.raises(TooMany):
        quotas.require_within(tx, WORKER.account, Door.LOCAL, 4, datetime.now(UTC), opens=False)
    with office.reading() as tx:
        quotas.require_within(tx, WORKER.account, Door.SYSTEM, 4, datetime.now(UTC), opens=False)


def test_an_opening_too_many_leaves_no_key(place: tuple[Office, str], monkeypatch: pytest.MonkeyPatch) -> None:
    office, _ = place
    minted: list[str] = []
    monkeypatch.setattr(office.keys, "mint", minted.append)
    with pytest.raises(TooMany) as refused:
        asyncio.run(open_case(office, WORKER, complaint()))
    assert refused.value.retryable and minted == []
    with pytest.raises(Away):
        asyncio.run(open_case(office, COLLEAGUE, complaint()))
