"""Look-ups once a case is open or a command recorded: they never take the answer away."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from desk.opening import open_case, opened_case
from desk.submitting import submitted_command
from domain.errors import Away, Problem, Refused
from domain.exchange.cases import Receipt
from domain.parts.filing import File
from domain.vocabulary import Step
from kit.storage.database import Database, sqlite_url
from tests.desk.cases import office_with_lives, opened_for
from tests.people import STRANGER, WORKER
from tests.support.builders import complaint, note


def receipt(reference: str) -> Receipt:
    return Receipt(reference=reference, version=2, step=Step.INTAKE, events=("complaint_opened.1",))


def test_possible_duplicates_are_those_that_the_account_may_see(sqlite_database: Database, tmp_path: Path) -> None:
    office, lives = office_with_lives(sqlite_database, tmp_path)
    told = complaint(respondent={"kind": "COMPANY", "name": "Agence Exemple"})
    first, second = opened_for(lives, told), opened_for(lives, told)
    assert opened_case(office, WORKER, told, receipt(second)).possible_duplicates == [first]
    assert "start_evidence" in [s.command for s in opened_case(office, WORKER, told, receipt(second)).next_steps]
    unseen = opened_case(office, STRANGER, told, receipt(second))
    assert (unseen.possible_duplicates, unseen.warning) == ([], None)


def test_what_is_urgent_is_told_at_once_even_where_the_book_is_away(sqlite_database: Database, tmp_path: Path) -> None:
    office, lives = office_with_lives(sqlite_database, tmp_path)
    away = replace(office, database=Database(sqlite_url(tmp_path / "nowhere" / "away.db")))
    undated = complaint(facts={"narrative": "-"})
    for asked in (office, away):
        opened = opened_case(asked, WORKER, undated, receipt(lives.open()))
        assert opened.urgent is not None and opened.urgent.undated


def test_what_the_book_would_refuse_leaves_no_key(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, lives = office_with_lives(sqlite_database, tmp_path)
    told = complaint(source={"system": "register", "id": "row 1"})
    first = opened_for(lives, told)
    minted: list[str] = []  # and not all that the store has: other tests open cases meanwhile
    monkeypatch.setattr(office.keys, "mint", minted.append)
    with pytest.raises(Refused) as refused:
        asyncio.run(open_case(office, WORKER, told))
    assert (refused.value.code, refused.value.params) == ("already_imported", {"reference": first})
    with pytest.raises(Problem):
        asyncio.run(open_case(office, STRANGER.model_copy(update={"account": "nobody"}), complaint()))
    assert minted == []
    # The same opening again is no other one: it goes on to the engine, which is away here.
    with pytest.raises(Away):
        asyncio.run(open_case(office, WORKER, told, reference=first))


def test_where_the_book_is_away_the_answer_carries_a_warning(sqlite_database: Database, tmp_path: Path) -> None:
    office, lives = office_with_lives(sqlite_database, tmp_path)
    reference = lives.open()
    away = replace(office, database=Database(sqlite_url(tmp_path / "nowhere" / "away.db")))
    opened = opened_case(away, WORKER, complaint(), receipt(reference))
    assert (opened.reference, opened.possible_duplicates) == (reference, None)
    assert opened.warning is not None and opened.warning.code == "duplicates_unknown"
    filed = submitted_command(away, WORKER, File(filing="F1"), receipt(reference))
    assert filed.time_limits is None
    assert filed.warning is not None and filed.warning.params == {"reference": reference}


def test_a_filing_comes_with_the_time_limits_that_keep_running(sqlite_database: Database, tmp_path: Path) -> None:
    office, lives = office_with_lives(sqlite_database, tmp_path)
    reference = lives.open()
    filed = submitted_command(office, WORKER, File(filing="F1"), receipt(reference))
    assert filed.warning is None and filed.time_limits
    other = submitted_command(office, WORKER, note(), receipt(reference))
    assert (other.is_filing, other.time_limits, other.warning) == (False, None, None)
